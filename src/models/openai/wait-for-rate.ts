// Owns: waiting for a turn at the rate limiter, and asking again after a rate limit. Other failures pass through.
import { estimateInput } from "../catalogue/count-tokens.ts";
import { ModelFailure } from "../signals/failure.ts";
import { describeMs } from "../wrappers/retry.ts";
import type { AskStep } from "./ask-chain.ts";
import { readPauseMs, type RateLimiter } from "./rate-limiter.ts";

/** Asks when the limiter allows it, again and again while only the rate is refused, for at most `maxRateLimitMs`. */
export function waitForRate(limiter: RateLimiter, maxRateLimitMs: number): AskStep {
  return (next) => async (request, context) => {
    const tokens = estimateInput(request);
    const began = performance.now();
    for (let failed = 1; ; failed++) {
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
        const waitMs = limiter.waitMs();
        const retry = { failed, waitMs, givesUpMs: Math.max(waitMs, maxRateLimitMs - waitedMs) };
        const wait = `all requests wait ${describeMs(waitMs)} for the rate limit`;
        context.notify("slowed", `${limit.message}; ${wait}`, { retry });
      }
    }
  };
}

function rateFailure(limit: ModelFailure, waitedMs: number): ModelFailure {
  const { message, retryAfterMs } = limit;
  const asked = retryAfterMs === null ? "" : `; it asks for ${describeMs(retryAfterMs)}`;
  const waited =
    waitedMs < 1_000 ? "" : `; the request had waited ${describeMs(waitedMs)} for the rate limit`;
  return limit.changed(`${message}${asked}${waited}`, { isFinal: true });
}
