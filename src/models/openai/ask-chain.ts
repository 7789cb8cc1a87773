// Owns: the one shape of every step between a request and the wire, and putting the steps in order.
import type { ModelReply, ModelRequest } from "../../contracts/index.ts";
import type { Dialect } from "../catalogue/dialect.ts";
import type { ModelNoticeType, Notify, RepairKind } from "../signals/notice.ts";
import type { SeenForm } from "./wire/finish-reply.ts";

/** What each step hands to the next one beside the request. */
export interface AskContext {
  readonly signal: AbortSignal;
  readonly notify: Notify;
  /** What the endpoint is taken to accept. */
  readonly dialect: Dialect;
  /** Called with the form in which a reply acts, where it may act. */
  readonly onSeen: (form: SeenForm) => void;
  /** Called with the headers as soon as the server begins to answer, which may be long before the reply is complete. */
  readonly onAccepted: (headers: Headers) => void;
}

/** One request, one reply. @throws ModelFailure | RunError | the signal's reason when aborted. */
export type AskModel = (request: ModelRequest, context: AskContext) => Promise<ModelReply>;

/** Adds something to the way a request is asked; calls `next` once, several times or not at all. */
export type AskStep = (next: AskModel) => AskModel;

/** The steps around the attempt, the outermost first. */
export function chainSteps(steps: readonly AskStep[], attempt: AskModel): AskModel {
  return steps.reduceRight((next, step) => step(next), attempt);
}

/** Counts the notices of a request by type, repairs by their kinds too, and puts the counts on its reply. */
export function countNotices(next: AskModel): AskModel {
  return async (request, context) => {
    const counts = new Map<ModelNoticeType | `repaired:${RepairKind}`, number>();
    const notify: Notify = (type, message, more = {}) => {
      const { repair } = more;
      for (const name of repair === undefined ? [type] : ([type, `repaired:${repair}`] as const))
        counts.set(name, (counts.get(name) ?? 0) + 1);
      context.notify(type, message, more);
    };
    const reply = await next(request, { ...context, notify });
    return counts.size === 0 ? reply : { ...reply, notices: Object.fromEntries(counts) };
  };
}
