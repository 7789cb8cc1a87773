// Owns: the time limits of one attempt: for all of it, for its first byte, and between bytes. Never retries.
import { startLimit } from "../../time-limit.ts";
import { ModelFailure, type FailureKind } from "../signals/failure.ts";
import { nameOption } from "../../core/shell-words.ts";

export interface Timeouts {
  /** All of one attempt. */
  readonly timeoutMs: number;
  /** From the request to the first byte of the reply's body. */
  readonly firstByteTimeoutMs: number;
  /** Between two bytes of the body. */
  readonly idleTimeoutMs: number;
}

export interface Deadlines extends Disposable {
  /** Aborted by the caller, or by a limit with a `ModelFailure` as its reason. */
  readonly signal: AbortSignal;
  /** Passes the bytes on and counts them as progress. Ends at once when the signal is aborted, whatever the source does. */
  watch(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** The reply is complete: what may still follow (its usage, the end of the stream) gets at most this long. */
  waitAtMost(ms: number): void;
}

/** What it means that a limit has passed, and how often it is worth another attempt of that length. */
interface LimitWords {
  readonly kind: FailureKind;
  readonly what: string;
  readonly remedy: string;
  readonly mostRetries: number;
}

const WHOLE: LimitWords = {
  kind: "overtime",
  what: "no reply that could be used",
  remedy: `${nameOption("--max-output-tokens", "maxOutputTokens")} shortens replies, ${nameOption("--model-timeout", "timeoutMs")} gives them longer`,
  mostRetries: 1,
};
const FIRST_BYTE: LimitWords = {
  kind: "stalled",
  what: "no first byte",
  remedy: `a server that reads long prompts in silence needs a longer ${nameOption("--model-first-byte-timeout", "firstByteTimeoutMs")}`,
  mostRetries: 2,
};
const IDLE: LimitWords = {
  kind: "stalled",
  what: "nothing more",
  remedy: `a server that pauses for longer needs a longer ${nameOption("--model-idle-timeout", "idleTimeoutMs")}`,
  mostRetries: 2,
};

function failureAt({ kind, what, remedy, mostRetries }: LimitWords, ms: number): ModelFailure {
  return new ModelFailure(kind, `${what} within ${ms / 1000} s (${remedy})`, { mostRetries });
}

/** Starts the time limits; dispose of them when the attempt is over. */
export function startDeadlines(timeouts: Timeouts, outer: AbortSignal): Deadlines {
  const controller = new AbortController();
  const forward = (): void => controller.abort(outer.reason);
  const giveUp = (limit: LimitWords, ms: number): void => controller.abort(failureAt(limit, ms));
  const { timeoutMs, firstByteTimeoutMs, idleTimeoutMs } = timeouts;
  const whole = startLimit(timeoutMs, () => giveUp(WHOLE, timeoutMs));
  let idle = startLimit(firstByteTimeoutMs, () => giveUp(FIRST_BYTE, firstByteTimeoutMs));
  let limitMs = firstByteTimeoutMs;
  let idleMs = idleTimeoutMs;
  const within = (ms: number): void => {
    if (ms === limitMs) return idle.restart();
    limitMs = ms;
    idle[Symbol.dispose]();
    idle = startLimit(ms, () => giveUp(IDLE, ms));
  };
  if (outer.aborted) forward();
  else outer.addEventListener("abort", forward, { once: true });
  return {
    signal: controller.signal,
    async *watch(bytes) {
      for await (const chunk of untilAborted(bytes, controller.signal)) {
        within(idleMs);
        yield chunk;
      }
    },
    waitAtMost(ms) {
      if (ms >= idleMs) return;
      idleMs = ms;
      within(ms);
    },
    [Symbol.dispose]() {
      whole[Symbol.dispose]();
      idle[Symbol.dispose]();
      outer.removeEventListener("abort", forward);
      // Closes what is still open of the exchange.
      controller.abort(new ModelFailure("cut", "the attempt is over"));
    },
  };
}

async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  aborted.catch(() => undefined);
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted]);
    if (next.done === true) return;
    yield next.value;
  }
}
