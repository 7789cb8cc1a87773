// Owns: an endpoint that refuses every request or cannot be reached: when to give up. Never waits.
import { ModelFailure } from "../../signals/failure.ts";
import type { AskStep } from "../ask-chain.ts";
import type { Endpoint } from "../endpoint.ts";
import { refusedError, unreachableError } from "./remedies.ts";

/** Retries where nothing is there to answer: a port of this machine, or a name, that has never answered. */
const FEW_RETRIES = 2;
/** Somebody who allows no longer outage waits for the answer, and a network that is down is one. */
const SHORT_OUTAGE_MS = 60_000;

export interface Reachability {
  /**
   * Turns a failure that concerns every request into the RunError that stops the run. Where the server answers other
   * requests meanwhile, only the one request failed.
   * @throws RunError `model-refused` | `model-unreachable`.
   */
  readonly stopRun: AskStep;
  /**
   * Allows few retries where nothing listens on this machine, or no such name is known, and nothing ever answered: minutes
   * of waiting would not help.
   * A server that has answered before is waited for like any other.
   */
  readonly limitRetries: AskStep;
}

/** Two steps that share the count of the endpoint's answers: `stopRun` outside all retries, `limitRetries` inside. */
export function watchReachability(
  model: string,
  endpoint: Endpoint,
  maxOutageMs: number = Number.POSITIVE_INFINITY,
): Reachability {
  let answers = 0;
  return {
    stopRun: (next) => async (request, context) => {
      const before = answers;
      try {
        return await next(request, context);
      } catch (thrown) {
        if (!(thrown instanceof ModelFailure) || thrown.outcome !== "stop") throw thrown;
        if (thrown.kind !== "unreachable") throw await refusedError(model, endpoint, thrown, context.signal);
        throw answers > before ? thrown : unreachableError(endpoint, thrown);
      }
    },
    limitRetries: (next) => async (request, context) => {
      const onAccepted = (headers: Headers): void => {
        answers++;
        context.onAccepted(headers);
      };
      try {
        return await next(request, { ...context, onAccepted });
      } catch (thrown) {
        if (!(thrown instanceof ModelFailure) || thrown.kind !== "unreachable") throw thrown;
        if (answers > 0 || !isLasting(thrown, endpoint, maxOutageMs)) throw thrown;
        throw thrown.changed(thrown.message, { mostRetries: FEW_RETRIES });
      }
    },
  };
}

/** Whether minutes would not help. A name server that does not answer may come back; a certificate gets no better. */
function isLasting(
  { trouble, message }: ModelFailure,
  { isLoopback }: Endpoint,
  maxOutageMs: number,
): boolean {
  if (trouble === "certificate" || trouble === "no-https") return true;
  if (trouble === "closed-port") return isLoopback;
  return trouble === "unknown-host" && (message.includes("ENOTFOUND") || maxOutageMs < SHORT_OUTAGE_MS);
}
