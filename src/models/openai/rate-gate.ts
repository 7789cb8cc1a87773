// Owns: when the next request may leave, for all who share a limit. A state machine without clock or timers.
// Two ways servers limit must both go fast: windows (a burst, then nothing until the next) and buckets (one by one).

export interface RateLimits {
  /** Known limits, a minute; what is left out is learnt from refusals. */
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
}

/** What the server made of a request: heard as soon as its answer begins, long before the reply is complete. */
export type Answer =
  /** `pauseMs`: its headers say that nothing is left for so long; 0 when something is. */
  | { readonly type: "accepted"; readonly pauseMs: number }
  | { readonly type: "refused"; readonly retryAfterMs: number | null }
  /** It failed otherwise, or was given up: nothing is learnt. */
  | { readonly type: "unknown" };

export interface RateGate {
  /** 0: a request may leave now. Else when to ask again at the latest: milliseconds, or infinity for "after an answer". */
  waitMs(now: number): number;
  left(tokens: number, now: number): void;
  /** `isFirst`: nothing was heard about this request before. */
  heard(answer: Answer, now: number, isFirst: boolean): void;
}

const MINUTE = 60_000;
const FIRST_PAUSE_MS = 1_000;
/** How much wider after as many acceptances as the gate is wide. */
const GROWTH = 0.25;

/**
 * Open: everybody passes. A refusal closes the gate for as long as the server asked (else 1 s, 2 s, ... a minute),
 * and halves how many may wait for an answer at once; acceptance lets that number grow again.
 */
export function rateGate({ requestsPerMinute, tokensPerMinute }: RateLimits): RateGate {
  const spacingMs = requestsPerMinute === undefined ? 0 : MINUTE / requestsPerMinute;
  const msPerToken = tokensPerMinute === undefined ? 0 : MINUTE / tokensPerMinute;
  let openAt = 0;
  let width = Number.POSITIVE_INFINITY;
  let unheard = 0;
  let refusals = 0;
  return {
    waitMs(now) {
      if (now < openAt) return openAt - now;
      return unheard < Math.floor(width) ? 0 : Number.POSITIVE_INFINITY;
    },
    left(tokens, now) {
      unheard++;
      openAt = Math.max(openAt, now + Math.max(spacingMs, tokens * msPerToken));
    },
    heard(answer, now, isFirst) {
      const together = Math.max(1, unheard);
      if (isFirst) unheard--;
      if (answer.type === "accepted") {
        refusals = 0;
        width += GROWTH / Math.max(1, Math.min(width, together));
        openAt = Math.max(openAt, now + answer.pauseMs);
      } else if (answer.type === "refused") {
        // Those who left together are refused together: one lesson, not many.
        const isNew = now >= openAt;
        if (isNew) {
          refusals++;
          width = Math.max(1, Math.floor(Math.min(width, together) / 2));
        }
        const pause = answer.retryAfterMs ?? Math.min(MINUTE, FIRST_PAUSE_MS * 2 ** (refusals - 1));
        openAt = isNew || answer.retryAfterMs !== null ? Math.max(openAt, now + pause) : openAt;
      }
    },
  };
}
