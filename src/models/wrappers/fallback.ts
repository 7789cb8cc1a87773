// Owns: asking the next model where one has no reply, and not asking an unreachable one for a while.
// Never chooses which model is asked first.
import { OPTION, type OptionKinds } from "../../core/options.ts";
import { ModelError, RunError } from "../../core/errors.ts";
import type { LanguageModel, ModelReply, ModelRequest } from "../../contracts/index.ts";
import type { NoticeListener } from "../signals/notice.ts";

/** When another model stands in. */
export interface FallbackOptions {
  /** How long a model that cannot be reached is not asked again while others answer. Default 600,000 (10 minutes). */
  readonly absenceMs?: number | undefined;
  readonly onNotice?: NoticeListener | undefined;
  /** Milliseconds on a monotonic clock. Default: `performance.now`. */
  readonly clock?: (() => number) | undefined;
}

export const FALLBACK_OPTIONS: OptionKinds<FallbackOptions> = {
  absenceMs: OPTION.number,
  onNotice: OPTION.callback,
  clock: OPTION.callback,
};

/**
 * The first reply, in the given order. A reply in place of an unreachable model counts as `absent` in its notices.
 * @throws ModelError where the reachable models have no reply; RunError `model-unreachable` where none is reachable.
 */
type ReplyInOrder = (
  order: readonly LanguageModel[],
  request: ModelRequest,
  options: { readonly signal: AbortSignal },
) => Promise<ModelReply>;

/** Asks models in one another's place and remembers which could not be reached lately. `goesOn`: when the next is asked. */
export function createFallback(
  goesOn: "after-any-failure" | "when-unreachable",
  { absenceMs = 600_000, onNotice, clock = () => performance.now() }: FallbackOptions,
): ReplyInOrder {
  const awayUntil = new Map<LanguageModel, number>();
  const isAway = (model: LanguageModel): boolean => clock() < (awayUntil.get(model) ?? 0);
  const askModel = async (
    model: LanguageModel,
    request: ModelRequest,
    options: { readonly signal: AbortSignal },
  ): Promise<ModelReply> => {
    // When the time is over, one request finds out whether the model is back; the others still pass it over.
    if (awayUntil.has(model)) awayUntil.set(model, clock() + absenceMs);
    try {
      const reply = await model.reply(request, options);
      awayUntil.delete(model);
      return reply;
    } catch (thrown) {
      if (isUnreachable(thrown)) awayUntil.set(model, clock() + absenceMs);
      throw thrown;
    }
  };
  return async (order, request, options) => {
    const [wanted] = order;
    const away = order.filter(isAway);
    const queue = [...order.filter((model) => !away.includes(model)), ...away];
    const failures: Error[] = [];
    for (const [at, model] of queue.entries()) {
      // A model that can be reached failed this request: that fails the episode, which costs less than waiting
      // minutes for the connection of a model that was unreachable a moment ago.
      if (away.includes(model) && failures.some((failure) => failure instanceof ModelError)) break;
      try {
        const reply = await askModel(model, request, options);
        return wanted !== undefined && isAway(wanted) ? markAbsent(reply) : reply;
      } catch (thrown) {
        const isPassable = goesOn === "after-any-failure" && thrown instanceof ModelError;
        if (!isPassable && !isUnreachable(thrown)) throw thrown;
        failures.push(thrown);
        const next = queue[at + 1];
        if (isUnreachable(thrown) && next !== undefined && !away.includes(model))
          onNotice?.({ type: "absent", model: model.name, message: describe(thrown, next, absenceMs) });
      }
    }
    throw worstOf(failures);
  };
}

function isUnreachable(thrown: unknown): thrown is RunError {
  return thrown instanceof RunError && thrown.code === "model-unreachable";
}

function markAbsent(reply: ModelReply): ModelReply {
  return { ...reply, notices: { ...reply.notices, absent: 1 } };
}

function describe({ message }: RunError, next: LanguageModel, absenceMs: number): string {
  return `${message}; ${next.name} is asked in its place for ${Math.ceil(absenceMs / 60_000)} min`;
}

/** The failure of a reachable model fails the episode; only where none is reachable does the run stop. */
function worstOf(failures: readonly Error[]): Error {
  const answered = failures.findLast((failure) => failure instanceof ModelError);
  if (answered !== undefined) return answered;
  const [first = new ModelError("no model was asked")] = failures;
  if (failures.length < 2) return first;
  const message = `none of ${failures.length} models can be reached: ${failures.map((one) => one.message).join("; ")}`;
  return new RunError("model-unreachable", message, { cause: first });
}
