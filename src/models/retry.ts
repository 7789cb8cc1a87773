// Owns: asking again after a failure that may pass. The waits are a function of the request's seed.
import { setTimeout as sleep } from "node:timers/promises";
import { randomAt, seedAt } from "../core/random.ts";
import type { LanguageModel, ModelReply, ModelRequest } from "../spec/index.ts";
import { ModelFailure } from "./failure.ts";
import type { NoticeListener } from "./notice.ts";

export interface RetryOptions {
  /** Attempts after the first; 0 or more. Default 6. */
  readonly maxRetries?: number;
  /** The first wait; each next one is twice as long. Default 500. */
  readonly firstDelayMs?: number;
  /** No wait of our own is longer. Default 30,000. */
  readonly maxDelayMs?: number;
  /** A server that asks for a longer wait is not waited for. Default 15 minutes. */
  readonly maxRetryAfterMs?: number;
  readonly onNotice?: NoticeListener;
}

const DEFAULTS = { maxRetries: 6, firstDelayMs: 500, maxDelayMs: 30_000, maxRetryAfterMs: 15 * 60_000 };

type Policy = typeof DEFAULTS;

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
      let empty = 0;
      for (let tried = 1; ; tried++) {
        const answer = await oneAttempt(model, attempt, signal);
        if (!(answer instanceof ModelFailure)) return answer;
        const waitMs = delayAfter(request.seed, tried, answer, policy);
        if (tried > policy.maxRetries || (answer.retryAfterMs ?? 0) > policy.maxRetryAfterMs) {
          throw givenUp(model.name, answer, tried);
        }
        const message = `${answer.message}; again in ${Math.round(waitMs)} ms`;
        options.onNotice?.({ type: "retried", model: model.name, message });
        await wait(waitMs, signal);
        // Once may be chance; twice, and the same question with the same seed gets the same nothing for ever.
        if (answer.kind === "empty" && ++empty > 1) {
          attempt = { ...request, seed: seedAt(request.seed, "again", tried) };
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

function delayAfter(seed: number, tried: number, failure: ModelFailure, policy: Policy): number {
  const jitter = randomAt(seed, "retry", failure.kind, tried).next();
  // After a time that the server named, the episodes must not all come back at once.
  if (failure.retryAfterMs !== null) return failure.retryAfterMs * (1 + 0.1 * jitter);
  return Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (tried - 1)) * (0.5 + 0.5 * jitter);
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
