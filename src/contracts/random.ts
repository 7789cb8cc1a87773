/** A stream of numbers that is a pure function of its key. Nothing to save, nothing to share. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [0, below). @throws RangeError unless `below` is a positive integer. */
  int(below: number): number;
  /** @throws RangeError when `from` is empty. */
  pick<T>(from: readonly T[]): T;
}
