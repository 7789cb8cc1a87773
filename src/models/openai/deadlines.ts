// Owns: the time limits of one attempt: for all of it, for its first byte, and between bytes. Never retries.
import { ModelFailure, type FailureKind } from "../signals/failure.ts";

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
interface TimeLimit {
  readonly kind: FailureKind;
  readonly what: string;
  readonly remedy: string;
  readonly mostRetries: number;
}

const WHOLE: TimeLimit = {
  kind: "overtime",
  what: "no reply that could be used",
  remedy: "--max-output-tokens shortens replies, --model-timeout gives them longer",
  mostRetries: 1,
};
const FIRST_BYTE: TimeLimit = {
  kind: "stalled",
  what: "no first byte",
  remedy: "a server that reads long prompts in silence needs a longer --model-first-byte-timeout",
  mostRetries: 2,
};
const IDLE: TimeLimit = {
  kind: "stalled",
  what: "nothing more",
  remedy: "a server that pauses for longer needs a longer --model-idle-timeout",
  mostRetries: 2,
};

function failureAt({ kind, what, remedy, mostRetries }: TimeLimit, ms: number): ModelFailure {
  return new ModelFailure(kind, `${what} within ${ms / 1000} s (${remedy})`, { mostRetries });
}

/** Starts the time limits; dispose of them when the attempt is over. */
export function startDeadlines(timeouts: Timeouts, outer: AbortSignal): Deadlines {
  const controller = new AbortController();
  const forward = (): void => controller.abort(outer.reason);
  const giveUp = (limit: TimeLimit, ms: number): void => controller.abort(failureAt(limit, ms));
  const giveUpIfIdle = (limit: TimeLimit, ms: number) => (): void => {
    // Bytes that already wait to be read count, because this process may have been too busy to read them.
    const seen = progress;
    setImmediate(() => {
      if (seen === progress) giveUp(limit, ms);
    });
  };
  const { timeoutMs, firstByteTimeoutMs, idleTimeoutMs } = timeouts;
  const whole = setTimeout(giveUp, timeoutMs, WHOLE, timeoutMs);
  let idle = setTimeout(giveUpIfIdle(FIRST_BYTE, firstByteTimeoutMs), firstByteTimeoutMs);
  let limitMs = firstByteTimeoutMs;
  let idleMs = idleTimeoutMs;
  let progress = 0;
  const within = (ms: number): void => {
    progress++;
    if (ms === limitMs) return void idle.refresh();
    limitMs = ms;
    clearTimeout(idle);
    idle = setTimeout(giveUpIfIdle(IDLE, ms), ms);
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
      clearTimeout(whole);
      clearTimeout(idle);
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
