// Owns: asking again after a failure that may pass. The waits are a function of the request's seed.
import { setTimeout as sleep } from "node:timers/promises";
import { randomAt, seedAt } from "../core/random.ts";
import type { LanguageModel, ModelRequest } from "../spec/index.ts";
import { ModelFailure } from "./failure.ts";
import type { NoticeListener } from "./notice.ts";

export interface RetryOptions {
  /** Attempts after the first, not counting those that only met a rate limit; 0 or more. Default 6. */
  readonly maxRetries?: number;
  /** The first wait; each next one is twice as long. Default 500. */
  readonly firstDelayMs?: number;
  /** No wait of our own is longer. Default 30,000. */
  readonly maxDelayMs?: number;
  /** How long rate limits may hold up one request in all, and the longest retry-after obeyed. Default 15 minutes. */
  readonly maxRateLimitMs?: number;
  readonly onNotice?: NoticeListener;
  /** Waits; for tests. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const DEFAULTS = { maxRetries: 6, firstDelayMs: 500, maxDelayMs: 30_000, maxRateLimitMs: 15 * 60_000, wait };

/** The same model, asked again after each `ModelFailure` whose outcome is `retry`; anything else passes through. */
export function withRetry(model: LanguageModel, options: RetryOptions = {}): LanguageModel {
  const policy = { ...DEFAULTS, ...options };
  return {
    name: model.name,
    get seesImages() {
      return model.seesImages;
    },
    async reply(request, { signal }) {
      let attempt = request;
      let limitedMs = 0;
      for (let tried = 0, limited = 0; ;) {
        signal.throwIfAborted();
        try {
          return await model.reply(attempt, { signal });
        } catch (thrown) {
          signal.throwIfAborted();
          if (!(thrown instanceof ModelFailure) || thrown.outcome !== "retry") throw thrown;
          const isLimit = thrown.kind === "rate-limited";
          const waitMs = delayBefore(request.seed, isLimit ? limited++ : tried++, thrown, policy);
          if (isLimit) limitedMs += waitMs;
          if (
            tried > policy.maxRetries ||
            limitedMs > policy.maxRateLimitMs ||
            waitMs > policy.maxRateLimitMs
          ) {
            throw givenUp(model.name, thrown, tried, limited);
          }
          const message = `${thrown.message}; again in ${Math.round(waitMs)} ms`;
          policy.onNotice?.({ type: "retried", model: model.name, message });
          await policy.wait(waitMs, signal);
          if (thrown.kind === "empty") attempt = withAnotherSeed(request, tried);
        }
      }
    },
  };
}

type Policy = typeof DEFAULTS & RetryOptions;

function delayBefore(seed: number, earlier: number, failure: ModelFailure, policy: Policy): number {
  const jitter = randomAt(seed, "retry", failure.kind, earlier).next();
  // After a time that the server named, the episodes must not all come back at once.
  if (failure.retryAfterMs !== null) return failure.retryAfterMs * (1 + 0.1 * jitter);
  return Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** earlier) * (0.5 + 0.5 * jitter);
}

/** The same question with the same seed would get the same nothing. */
function withAnotherSeed(request: ModelRequest, tried: number): ModelRequest {
  return { ...request, seed: seedAt(request.seed, "again", tried) };
}

function givenUp(name: string, last: ModelFailure, tried: number, limited: number): ModelFailure {
  const tries = tried + limited;
  const message =
    tries > 1 ? `${name}: given up after ${tries} attempts; the last one: ${last.message}` : last.message;
  return new ModelFailure(last.kind, message, { retryAfterMs: last.retryAfterMs, parameter: last.parameter });
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // The timer throws an error of its own; the caller's reason is the one that counts.
    signal.throwIfAborted();
  }
}
