// Owns: the chain of the journal's rows: each has a hash over itself and the hash before it, so that a row which was changed,
// moved or taken out shows. It is no signature: who changes a journal can chain it anew. Never reads a table.
import { hash } from "node:crypto";

/** A row as far as its hash covers it. */
interface ChainedRow {
  readonly seq: number;
  readonly at: string;
  readonly json: string;
  /** Null in a journal of a version without a chain. */
  readonly chain: string | null;
}

/** How a row follows from the one before it. `unchained`: an earlier version wrote it, without a hash. */
export type Link = "held" | "unchained" | "broken";

/** What the first chained row follows from: no SHA-256 in base64url has another length. */
const GENESIS = "-".repeat(43);

/** The hash of the row that follows the one with the hash `before`; null: there is none, or it has none. */
export function chainHash(before: string | null, { seq, at, json }: Omit<ChainedRow, "chain">): string {
  return hash("sha256", `${before ?? GENESIS}${seq} ${at} ${json}`, "base64url");
}

/** Checks rows one after the other. `before`: the hash of the row before the first. */
export function chainCheck(before: string | null): (row: ChainedRow) => Link {
  let last = before;
  return (row) => {
    const was = last;
    last = row.chain;
    if (row.chain === null) return was === null ? "unchained" : "broken";
    return row.chain === chainHash(was, row) ? "held" : "broken";
  };
}
