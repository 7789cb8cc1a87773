// Owns: the line that the reducers hand on: its words, and which lines of the whole output it stands for.

/** One line of a view. `from` and `to` count lines of the whole output from 1; both ends included. */
export interface Line {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Each line of a text as itself. */
export function linesOf(text: string): Line[] {
  return text.split("\n").map((line, i) => ({ text: line, from: i + 1, to: i + 1 }));
}
