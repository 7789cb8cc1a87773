// Owns: waiting for a turn at the rate limiter, and asking again after a rate limit. Other failures pass through.
import { estimateInput } from "../catalogue/count-tokens.ts";
import { ModelFailure } from "../signals/failure.ts";
import type { AskStep } from "./ask-chain.ts";
import { readPauseMs, type RateLimiter } from "./rate-limiter.ts";

/** Asks when the limiter allows it, again and again while only the rate is refused, for at most `maxRateLimitMs`. */
export function waitForRate(limiter: RateLimiter, maxRateLimitMs: number): AskStep {
  return (next) => async (request, context) => {
    const tokens = estimateInput(request);
    const began = performance.now();
    for (;;) {
      const turn = await limiter.waitForTurn(tokens, context.signal);
      try {
        const onAccepted = (headers: Headers): void => {
          context.onAccepted(headers);
          turn.report({ type: "accepted", pauseMs: readPauseMs(headers) });
        };
        return await next(request, { ...context, onAccepted });
      } catch (thrown) {
        const limit = thrown instanceof ModelFailure && thrown.kind === "rate-limited" ? thrown : null;
        if (limit === null) {
          turn.report({ type: "unknown" });
          throw thrown;
        }
        turn.report({ type: "refused", retryAfterMs: limit.retryAfterMs });
        const waitedMs = performance.now() - began;
        if (Math.max(waitedMs, limit.retryAfterMs ?? 0) > maxRateLimitMs) throw rateFailure(limit, waitedMs);
        context.notify("slowed", `${limit.message}; all requests wait for the rate limit`);
      }
    }
  };
}

function rateFailure({ kind, message, retryAfterMs }: ModelFailure, waitedMs: number): ModelFailure {
  const words = `the rate limit held the request up for ${waitedMs} ms: ${message}`;
  return new ModelFailure(kind, words, { retryAfterMs, isFinal: true });
}
