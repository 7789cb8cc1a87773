// Owns: taking turns at a rate limiter, and asking again after a rate limit. Other failures pass through.
import type { AskOptions } from "./ask-endpoint.ts";
import type { ModelReply, ModelRequest } from "../../contracts/index.ts";
import { ModelFailure } from "../signals/failure.ts";
import { pauseIn, type RateLimiter, type Turn } from "./rate-limiter.ts";
import { estimatedInput } from "./wire/reported-usage.ts";

/** One attempt. */
export type LimitedAsk = (request: ModelRequest, options: AskOptions) => Promise<ModelReply>;

export interface LimitedOptions {
  readonly limiter: RateLimiter;
  /** How long rate limits may hold up one request in all. */
  readonly maxRateLimitMs: number;
}

/** Asks in turn, again and again while only the rate is refused. */
export function limited(ask: LimitedAsk, { limiter, maxRateLimitMs }: LimitedOptions) {
  return async (request: ModelRequest, options: AskOptions): Promise<ModelReply> => {
    const { signal, notify } = options;
    const tokens = estimatedInput(request);
    const began = Date.now();
    for (;;) {
      const turn = await limiter.turn(tokens, signal);
      try {
        const accepted = (headers: Headers): void => {
          options.accepted(headers);
          turn.heard({ type: "accepted", pauseMs: pauseIn(headers) });
        };
        return await ask(request, { ...options, accepted });
      } catch (thrown) {
        const limit = thrown instanceof ModelFailure && thrown.kind === "rate-limited" ? thrown : null;
        tell(turn, limit);
        if (limit === null) throw thrown;
        const longest = Math.max(Date.now() - began, limit.retryAfterMs ?? 0);
        if (longest > maxRateLimitMs) throw tooSlow(limit, Date.now() - began);
        notify("slowed", `${limit.message}; all wait for the rate limit`);
      }
    }
  };
}

function tell(turn: Turn, limit: ModelFailure | null): void {
  turn.heard(limit === null ? { type: "unknown" } : { type: "refused", retryAfterMs: limit.retryAfterMs });
}

function tooSlow(limit: ModelFailure, waitedMs: number): ModelFailure {
  const message = `the rate limit held the request up for ${waitedMs} ms: ${limit.message}`;
  return new ModelFailure(limit.kind, message, { retryAfterMs: limit.retryAfterMs, isFinal: true });
}
