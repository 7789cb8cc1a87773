// Owns: deciding when the next request may leave, for all who share a limit. A state machine without clock or timers.
// It must be fast under both ways in which servers limit: windows (a burst, then nothing until the next window) and
// token buckets (one request after the other).

import { OPTION, type OptionKinds } from "../../core/options.ts";

/** How fast a server may be asked. */
export interface RateLimits {
  /** Known limit; what is left out is learnt from refusals. */
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
}

export const RATE_OPTIONS: OptionKinds<RateLimits> = {
  requestsPerMinute: OPTION.positive,
  tokensPerMinute: OPTION.positive,
};

/** What the server made of a request, known as soon as its answer begins and long before the reply is complete. */
export type RateOutcome =
  /** `pauseMs`: how long nothing is left of the limit, according to the headers; 0 when something is left. */
  | { readonly type: "accepted"; readonly pauseMs: number }
  | { readonly type: "refused"; readonly retryAfterMs: number | null }
  /** It failed otherwise, or was given up: nothing is learnt from it. */
  | { readonly type: "unknown" };

export interface RateGate {
  /** 0 when a request may leave now; else the milliseconds after which to ask again, infinite for "after an outcome". */
  waitMs(now: number): number;
  recordSent(tokens: number, now: number): void;
  /** `isFirst`: no outcome of this request was recorded before. */
  recordOutcome(outcome: RateOutcome, now: number, isFirst: boolean): void;
}

const MINUTE = 60_000;
const FIRST_PAUSE_MS = 1_000;
/** How much the width grows after as many accepted requests as the gate is wide. */
const GROWTH = 0.25;

/**
 * An open gate lets every request pass. A refusal closes it for as long as the server asked (else for 1 s, 2 s, 4 s,
 * ... up to a minute) and halves its width, which is how many requests may wait for their outcome at once. Accepted
 * requests let the width grow again.
 */
export function rateGate({ requestsPerMinute, tokensPerMinute }: RateLimits): RateGate {
  const spacingMs = requestsPerMinute === undefined ? 0 : MINUTE / requestsPerMinute;
  const msPerToken = tokensPerMinute === undefined ? 0 : MINUTE / tokensPerMinute;
  let openAt = 0;
  let width = Number.POSITIVE_INFINITY;
  let pending = 0;
  let refusals = 0;
  return {
    waitMs(now) {
      if (now < openAt) return openAt - now;
      return pending < Math.floor(width) ? 0 : Number.POSITIVE_INFINITY;
    },
    recordSent(tokens, now) {
      pending++;
      openAt = Math.max(openAt, now + Math.max(spacingMs, tokens * msPerToken));
    },
    recordOutcome(outcome, now, isFirst) {
      const together = Math.max(1, pending);
      if (isFirst) pending--;
      if (outcome.type === "accepted") {
        refusals = 0;
        width += GROWTH / Math.max(1, Math.min(width, together));
        openAt = Math.max(openAt, now + outcome.pauseMs);
      } else if (outcome.type === "refused") {
        // Requests that left together are refused together: that counts as one refusal.
        const isNew = now >= openAt;
        if (isNew) {
          refusals++;
          width = Math.max(1, Math.floor(Math.min(width, together) / 2));
        }
        const pause = outcome.retryAfterMs ?? Math.min(MINUTE, FIRST_PAUSE_MS * 2 ** (refusals - 1));
        openAt = isNew || outcome.retryAfterMs !== null ? Math.max(openAt, now + pause) : openAt;
      }
    },
  };
}
