// Owns: the queue of requests in front of a rate gate: first come, first served. Never asks a server.
import { rateGate, type Answer, type RateLimits } from "./rate-gate.ts";

/** A place at the head of the queue. */
export interface Turn {
  /** What became of the request. Only a refusal counts after the first word: an answer may begin well and be none. */
  heard(answer: Answer): void;
}

/** Shared by all who share a limit: the episodes of a run, or several models on one account. */
export interface RateLimiter {
  /** Resolves when the request may leave. `tokens`: an estimate. @throws the signal's reason when aborted. */
  turn(tokens: number, signal: AbortSignal): Promise<Turn>;
}

interface Waiting {
  readonly tokens: number;
  readonly go: (turn: Turn) => void;
}

/** A limiter that keeps the given limits, and learns those that are not given. */
export function rateLimiter(limits: RateLimits = {}): RateLimiter {
  const gate = rateGate(limits);
  const queue: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  const pump = (): void => {
    clearTimeout(timer);
    for (;;) {
      const [first] = queue;
      if (first === undefined) return;
      const waitMs = gate.waitMs(Date.now());
      if (waitMs > 0) {
        if (Number.isFinite(waitMs)) timer = setTimeout(pump, Math.ceil(waitMs));
        return;
      }
      queue.shift();
      gate.left(first.tokens, Date.now());
      first.go(
        turnThrough((answer, isFirst) => {
          gate.heard(answer, Date.now(), isFirst);
          pump();
        }),
      );
    }
  };
  return {
    async turn(tokens, signal) {
      signal.throwIfAborted();
      return new Promise<Turn>((resolve, reject) => {
        const leave = (): void => {
          queue.splice(queue.indexOf(waiting), 1);
          reject(signal.reason as Error);
        };
        const waiting: Waiting = {
          tokens,
          go: (turn) => {
            signal.removeEventListener("abort", leave);
            resolve(turn);
          },
        };
        signal.addEventListener("abort", leave, { once: true });
        queue.push(waiting);
        pump();
      });
    },
  };
}

function turnThrough(tell: (answer: Answer, isFirst: boolean) => void): Turn {
  let done = false;
  return {
    heard(answer) {
      if (done && answer.type !== "refused") return;
      tell(answer, !done);
      done = true;
    },
  };
}

/** What the headers of an accepted request say about the next: OpenAI's `x-ratelimit-*`. */
export function pauseIn(headers: Headers): number {
  const spent = ["requests", "tokens"].filter((what) => headers.get(`x-ratelimit-remaining-${what}`) === "0");
  return Math.max(0, ...spent.map((what) => durationMs(headers.get(`x-ratelimit-reset-${what}`) ?? "")));
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `6m0s`, `1.5s`, `20ms` in milliseconds; 0 for anything else. */
function durationMs(text: string): number {
  let total = 0;
  for (const [, number = "", unit = ""] of text.matchAll(/([\d.]+)(ms|s|m|h)/g)) {
    total += Number(number) * (UNITS[unit] ?? 0);
  }
  return Number.isFinite(total) ? total : 0;
}
