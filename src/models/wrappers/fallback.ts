// Owns: asking the next model where one has no reply, and leaving one that is out of reach alone for a while.
// Never chooses who is asked first.
import { ModelError, RunError } from "../../core/errors.ts";
import type { LanguageModel, ModelReply, ModelRequest } from "../../contracts/index.ts";
import type { NoticeListener } from "../signals/notice.ts";

export interface LineupOptions {
  /** A member that is out of reach is not asked again for so long, while others answer. Default 10 minutes. */
  readonly absenceMs?: number;
  readonly onNotice?: NoticeListener;
  readonly clock?: () => number;
}

/** Models that stand in for one another. */
export interface Lineup {
  /**
   * The first reply, in that order. A reply in place of a model that is out of reach is counted as `absent` in its notices.
   * @throws ModelError where those that can be reached have none. @throws RunError `model-unreachable` where nobody can.
   */
  reply(
    order: readonly LanguageModel[],
    request: ModelRequest,
    options: { readonly signal: AbortSignal },
  ): Promise<ModelReply>;
}

/**
 * A line-up, and who of it was out of reach lately. `goesOn`: whether the next is asked after any failure of one
 * request, or only where a model is out of reach.
 */
export function lineup(
  goesOn: "after-any-failure" | "after-absence",
  { absenceMs = 600_000, onNotice, clock = Date.now }: LineupOptions,
): Lineup {
  const awayUntil = new Map<LanguageModel, number>();
  const isAway = (model: LanguageModel): boolean => clock() < (awayUntil.get(model) ?? 0);
  const ask = async (
    model: LanguageModel,
    request: ModelRequest,
    options: { readonly signal: AbortSignal },
  ): Promise<ModelReply> => {
    // One request finds out whether it is back; the others go on with who is there.
    if (awayUntil.has(model)) awayUntil.set(model, clock() + absenceMs);
    try {
      const reply = await model.reply(request, options);
      awayUntil.delete(model);
      return reply;
    } catch (thrown) {
      if (isAbsence(thrown)) awayUntil.set(model, clock() + absenceMs);
      throw thrown;
    }
  };
  return {
    async reply(order, request, options) {
      const [wanted] = order;
      const away = order.filter(isAway);
      const queue = [...order.filter((model) => !away.includes(model)), ...away];
      const failures: Error[] = [];
      for (const [at, model] of queue.entries()) {
        // A question that nobody answers who is there is not worth minutes at a door that was closed.
        if (away.includes(model) && failures.some((failure) => failure instanceof ModelError)) break;
        try {
          const reply = await ask(model, request, options);
          return wanted !== undefined && isAway(wanted) ? inItsPlace(reply) : reply;
        } catch (thrown) {
          const isPassable = goesOn === "after-any-failure" && thrown instanceof ModelError;
          if (!isPassable && !isAbsence(thrown)) throw thrown;
          failures.push(thrown);
          const next = queue[at + 1];
          if (isAbsence(thrown) && next !== undefined && !away.includes(model))
            onNotice?.({ type: "absent", model: model.name, message: words(thrown, next, absenceMs) });
        }
      }
      throw worst(failures);
    },
  };
}

function isAbsence(thrown: unknown): thrown is RunError {
  return thrown instanceof RunError && thrown.code === "model-unreachable";
}

function inItsPlace(reply: ModelReply): ModelReply {
  return { ...reply, notices: { ...reply.notices, absent: 1 } };
}

function words({ message }: RunError, next: LanguageModel, absenceMs: number): string {
  return `${message}; ${next.name} is asked in its place, for ${Math.ceil(absenceMs / 60_000)} min`;
}

/** A failure of somebody who is there costs the episode; only when nobody is there the run has to stop. */
function worst(failures: readonly Error[]): Error {
  const answered = failures.findLast((failure) => failure instanceof ModelError);
  if (answered !== undefined) return answered;
  const [first = new ModelError("nobody was asked")] = failures;
  if (failures.length < 2) return first;
  const message = `none of ${failures.length} models can be reached: ${failures.map((one) => one.message).join("; ")}`;
  return new RunError("model-unreachable", message, { cause: first });
}
