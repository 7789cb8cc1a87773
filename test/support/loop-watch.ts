// Owns: how long at most one turn of the event loop took during a test, in time that this process itself computed for.

/** Milliseconds, each from a beginning of its own. */
export interface LoopMoment {
  /** On the clock. */
  readonly atMs: number;
  /** Of the processor, all threads of the process together. */
  readonly processorMs: number;
}

/** The event loop during one test. It is told of each turn; between two it was held by one piece of code. */
export class LoopWatch {
  #last: LoopMoment;
  #turns = 0;
  #heldMs = 0;

  constructor(begin: LoopMoment) {
    this.#last = begin;
  }

  turn(now: LoopMoment): void {
    // A machine with other work lets time pass, other threads compute: the code itself did at most the smaller of both.
    const heldMs = Math.min(now.atMs - this.#last.atMs, now.processorMs - this.#last.processorMs);
    this.#heldMs = Math.max(this.#heldMs, heldMs);
    this.#last = now;
    this.#turns += 1;
  }

  /** The longest turn. A test that ends in the turn in which it began waits for nothing: how long it took is its own affair. */
  end(now: LoopMoment): number {
    if (this.#turns > 0) this.turn(now);
    return this.#heldMs;
  }
}
