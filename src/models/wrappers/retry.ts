// Owns: asking again after a failure that may pass. The waits are a function of the request's seed.
import { setTimeout as sleep } from "node:timers/promises";
import { randomAt, seedAt } from "../../core/random.ts";
import type { LanguageModel, ModelReply, ModelRequest } from "../../contracts/index.ts";
import { ModelFailure } from "../signals/failure.ts";
import type { NoticeListener, RetryPlan } from "../signals/notice.ts";
import { pricingLike } from "../catalogue/pricing.ts";

export interface RetryOptions {
  /** Attempts after the first; 0 or more. Default 6. */
  readonly maxRetries?: number;
  /** The first wait; each next one is twice as long. Default 500. */
  readonly firstDelayMs?: number;
  /** No wait of our own is longer. Default 30,000. */
  readonly maxDelayMs?: number;
  /** A server that asks for a longer wait is not waited for. Default 15 minutes. */
  readonly maxRetryAfterMs?: number;
  /**
   * While no connection can be had, it is tried for so long, also beyond `maxRetries` (unless that is 0): a network
   * that is down for a minute must not cost episodes. Default 5 minutes.
   */
  readonly maxOutageMs?: number;
  readonly onNotice?: NoticeListener;
}

const DEFAULTS = {
  maxRetries: 6,
  firstDelayMs: 500,
  maxDelayMs: 30_000,
  maxRetryAfterMs: 15 * 60_000,
  maxOutageMs: 5 * 60_000,
};

type Policy = typeof DEFAULTS;

/** The same model, asked again after each `ModelFailure` whose outcome is `retry`; anything else passes through. */
export function withRetry(model: LanguageModel, options: RetryOptions = {}): LanguageModel {
  const policy = { ...DEFAULTS, ...options };
  return {
    name: model.name,
    ...pricingLike(model),
    get seesImages() {
      return model.seesImages;
    },
    async reply(request, { signal }) {
      let attempt = request;
      let empty = 0;
      const began = Date.now();
      for (let failed = 1; ; failed++) {
        const answer = await oneAttempt(model, attempt, signal);
        if (!(answer instanceof ModelFailure)) return answer;
        const plan = planAfter(request.seed, failed, answer, Date.now() - began, policy);
        if (plan === null) throw givenUp(model.name, answer, failed);
        options.onNotice?.({
          type: "retried",
          model: model.name,
          message: `${answer.message}; ${words(plan)}`,
          retry: plan,
        });
        await wait(plan.waitMs, signal);
        // Once may be chance; twice, and the same question with the same seed gets the same nothing for ever.
        if (answer.kind === "empty" && ++empty > 1) {
          attempt = { ...request, seed: seedAt(request.seed, "again", failed) };
        }
      }
    },
  };
}

/** The reply, or the failure after which to ask again; anything else is thrown. */
async function oneAttempt(
  model: LanguageModel,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<ModelReply | ModelFailure> {
  signal.throwIfAborted();
  try {
    return await model.reply(request, { signal });
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof ModelFailure && thrown.outcome === "retry") return thrown;
    throw thrown;
  }
}

/** When to ask again and when it would be over; null: it is over. */
function planAfter(
  seed: number,
  failed: number,
  failure: ModelFailure,
  elapsedMs: number,
  policy: Policy,
): RetryPlan | null {
  const waitMs = delayAfter(seed, failed, failure, policy);
  if ((failure.retryAfterMs ?? 0) > policy.maxRetryAfterMs) return null;
  const isOutage = failure.kind === "unreachable" && failure.mostRetries === null && policy.maxRetries > 0;
  const outageLeftMs = isOutage ? policy.maxOutageMs - elapsedMs : 0;
  const maxRetries = Math.min(policy.maxRetries, failure.mostRetries ?? policy.maxRetries);
  if (failed > maxRetries && outageLeftMs <= waitMs) return null;
  let givesUpMs = waitMs;
  // What the server asked for holds for one wait; the later ones are our own.
  const later = new ModelFailure(failure.kind, "");
  for (let next = failed + 1; next <= maxRetries; next++) givesUpMs += delayAfter(seed, next, later, policy);
  return { failed, waitMs, givesUpMs: Math.max(givesUpMs, outageLeftMs) };
}

function delayAfter(seed: number, failed: number, failure: ModelFailure, policy: Policy): number {
  const jitter = randomAt(seed, "retry", failure.kind, failed).next();
  // After a time that the server named, the episodes must not all come back at once.
  if (failure.retryAfterMs !== null) return failure.retryAfterMs * (1 + 0.1 * jitter);
  return Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (failed - 1)) * (0.5 + 0.5 * jitter);
}

function words({ failed, waitMs, givesUpMs }: RetryPlan): string {
  return `attempt ${failed + 1} in ${duration(waitMs)}, given up in ${duration(givesUpMs)}`;
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

function givenUp(name: string, last: ModelFailure, tried: number): ModelFailure {
  const { kind, retryAfterMs, parameter } = last;
  const message =
    tried > 1 ? `${name}: given up after ${tried} attempts; the last one: ${last.message}` : last.message;
  return new ModelFailure(kind, message, { retryAfterMs, parameter, isFinal: true });
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // The timer throws an error of its own; the caller's reason is the one that counts.
    signal.throwIfAborted();
  }
}
