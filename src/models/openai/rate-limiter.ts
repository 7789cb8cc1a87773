// Owns: the queue of requests in front of a rate gate: first come, first served. Never asks a server.
import { rateGate, type RateLimits, type RateOutcome } from "./rate-gate.ts";
import { RATE_OPTIONS } from "./rate-gate.ts";
import { checkOptions } from "../../core/options.ts";

/** The permission to send one request. */
export interface RateTurn {
  /** What became of the request. After the first report only a refusal counts: an answer may begin well and turn out to be one. */
  report(outcome: RateOutcome): void;
}

/** Shared by all who share a limit: the episodes of a run, or several models of one account. */
export interface RateLimiter {
  /** Resolves when the request may leave. `tokens` is an estimate. @throws the signal's reason when aborted. */
  waitForTurn(tokens: number, signal: AbortSignal): Promise<RateTurn>;
  /** How long nobody is let through from now on, in milliseconds, as far as it is known; 0: somebody is, or may be soon. */
  waitMs(): number;
}

interface QueuedRequest {
  readonly tokens: number;
  readonly start: (turn: RateTurn) => void;
}

/** A limiter that keeps the given limits and learns those that are not given. */
export function rateLimiter(limits: RateLimits = {}): RateLimiter {
  checkOptions("rateLimiter", limits, RATE_OPTIONS);
  const gate = rateGate(limits);
  const queue: QueuedRequest[] = [];
  let timer: NodeJS.Timeout | undefined;
  const startQueued = (): void => {
    clearTimeout(timer);
    for (;;) {
      const [first] = queue;
      if (first === undefined) return;
      const waitMs = gate.waitMs(performance.now());
      if (waitMs > 0) {
        if (Number.isFinite(waitMs)) timer = setTimeout(startQueued, Math.ceil(waitMs));
        return;
      }
      queue.shift();
      gate.recordSent(first.tokens, performance.now());
      first.start(
        turnWith((outcome, isFirst) => {
          gate.recordOutcome(outcome, performance.now(), isFirst);
          startQueued();
        }),
      );
    }
  };
  return {
    waitMs() {
      const ms = gate.waitMs(performance.now());
      return Number.isFinite(ms) ? ms : 0;
    },
    async waitForTurn(tokens, signal) {
      signal.throwIfAborted();
      return new Promise<RateTurn>((resolve, reject) => {
        const leave = (): void => {
          queue.splice(queue.indexOf(queued), 1);
          reject(signal.reason as Error);
        };
        const queued: QueuedRequest = {
          tokens,
          start: (turn) => {
            signal.removeEventListener("abort", leave);
            resolve(turn);
          },
        };
        signal.addEventListener("abort", leave, { once: true });
        queue.push(queued);
        startQueued();
      });
    },
  };
}

function turnWith(record: (outcome: RateOutcome, isFirst: boolean) => void): RateTurn {
  let isReported = false;
  return {
    report(outcome) {
      if (isReported && outcome.type !== "refused") return;
      record(outcome, !isReported);
      isReported = true;
    },
  };
}

/** How long to pause according to the headers of an accepted request (OpenAI's `x-ratelimit-*`), in milliseconds. */
export function readPauseMs(headers: Headers): number {
  const spent = ["requests", "tokens"].filter((what) => headers.get(`x-ratelimit-remaining-${what}`) === "0");
  return Math.max(0, ...spent.map((what) => parseDuration(headers.get(`x-ratelimit-reset-${what}`) ?? "")));
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `6m0s`, `1.5s` or `20ms` in milliseconds; 0 for anything else. */
function parseDuration(text: string): number {
  let total = 0;
  for (const [, number = "", unit = ""] of text.matchAll(/(?<![\d.])([\d.]+)(ms|s|m|h)/g)) {
    total += Number(number) * (UNITS_MS[unit] ?? 0);
  }
  return Number.isFinite(total) ? total : 0;
}
