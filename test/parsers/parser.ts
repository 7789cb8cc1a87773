// Owns: what the table says of a parser.

export interface Parser {
  /** The file under `src` and the exported function, `core/output/tables.ts htmlText`. */
  readonly name: string;
  /** Reads the text as foreign text reaches it. What it throws of itself is its way to refuse. */
  read(text: string): unknown;
  /** Characters that its callers hand to it at most, where it has no bound of its own. Default: as many as there are. */
  readonly most?: number;
  /** Trees of Python that it makes of the text at most: each has a bound of its own, in steps. Default 0. */
  readonly trees?: number;
  /** What must stand before a run so that the parser goes into it. Default nothing. */
  readonly openings?: readonly string[];
}
