// Owns: the time limits of one attempt: for all of it, for its first byte, and between bytes. Never retries.
import { ModelFailure } from "../signals/failure.ts";

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

/** Starts the time limits; dispose of them when the attempt is over. */
export function startDeadlines(timeouts: Timeouts, outer: AbortSignal): Deadlines {
  const controller = new AbortController();
  const forward = (): void => controller.abort(outer.reason);
  const giveUp = (what: string, ms: number): void =>
    controller.abort(new ModelFailure("stalled", `${what} within ${ms} ms`));
  const giveUpIfIdle = (what: string, ms: number) => (): void => {
    // Bytes that already wait to be read count, because this process may have been too busy to read them.
    const seen = progress;
    setImmediate(() => {
      if (seen === progress) giveUp(what, ms);
    });
  };
  const { timeoutMs, firstByteTimeoutMs, idleTimeoutMs } = timeouts;
  const whole = setTimeout(giveUp, timeoutMs, "no complete reply", timeoutMs);
  let idle = setTimeout(giveUpIfIdle("no first byte", firstByteTimeoutMs), firstByteTimeoutMs);
  let limitMs = firstByteTimeoutMs;
  let idleMs = idleTimeoutMs;
  let progress = 0;
  const within = (ms: number): void => {
    progress++;
    if (ms === limitMs) return void idle.refresh();
    limitMs = ms;
    clearTimeout(idle);
    idle = setTimeout(giveUpIfIdle("nothing more", ms), ms);
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
