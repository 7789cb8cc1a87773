// Owns: timers that mean that nothing came in time. Where this process was held up, stopped or too busy, it first reads what
// came in meanwhile. Durations are on the monotonic clock: nobody sets it.

/** Later than this, the process was held up. */
const LATE_MS = 100;
/** How long it then has to read. */
const READ_MS = 500;
/** So often in a row at most: a machine that is always late has limits too. */
const MOST_LATE = 3;
/** What a timer of Node can wait. */
const LONGEST_MS = 2 ** 31 - 1;

export interface TimeLimit extends Disposable {
  /** Begins anew, with as much time as before. */
  restart(): void;
}

/** Calls `onOver` once after `ms`, unless it is disposed of before. `holds`: whether the process stays for it. */
export function startLimit(ms: number, onOver: () => void, holds = true): TimeLimit {
  let timer: NodeJS.Timeout | undefined;
  let reading: NodeJS.Immediate | undefined;
  let late = 0;
  const stop = (): void => {
    clearTimeout(timer);
    clearImmediate(reading);
  };
  const wait = (waitMs: number): void => {
    const due = performance.now() + waitMs;
    timer = setTimeout(() => {
      if (performance.now() - due > LATE_MS && late++ < MOST_LATE) wait(READ_MS);
      // What waits to be read is read between timers and immediates.
      else reading = setImmediate(onOver);
    }, waitMs);
    if (!holds) timer.unref();
  };
  const restart = (): void => {
    stop();
    late = 0;
    wait(Math.min(Math.max(ms, 0), LONGEST_MS));
  };
  restart();
  return { restart, [Symbol.dispose]: stop };
}

/** As `AbortSignal.timeout`, which counts an answer as late that waits to be read. */
export function limitSignal(ms: number): AbortSignal {
  const controller = new AbortController();
  const give = (): void =>
    controller.abort(new DOMException(`no answer within ${ms / 1000} s`, "TimeoutError"));
  startLimit(ms, give, false);
  return controller.signal;
}
