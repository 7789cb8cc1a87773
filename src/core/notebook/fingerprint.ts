// Owns: a short mark of a notebook's code that is alike where the code is alike. Never runs anything.
import type { Notebook } from "../../contracts/index.ts";
import { isCode, markOf } from "./notebook.ts";
import { parsePython } from "../python/grammar.ts";
import { withoutMagics } from "../python/magics.ts";
import { namesIn } from "../python/python-names.ts";

const GRAM = 3;
const WHOLE = new Set(["String", "FormatString", "ContinuedString"]);

/**
 * Of the code that is not the task's, without comments, layout and the names that cells give at their top level:
 * 16 hex digits, of which few bits differ where little of the code does.
 * Source: Charikar 2002 (similarity by random hyperplanes); Manku et al. 2007 (near-duplicates, 3 bits of 64).
 */
export function fingerprintOf(notebook: Notebook): string {
  const sources = notebook.cells
    .filter((cell) => isCode(cell) && markOf(cell).role !== "task")
    .map((cell) => cell.source);
  const own = new Set(sources.flatMap(ownNames));
  const tokens = sources.flatMap((source) => tokensOf(source, own));
  const votes: number[] = Array.from({ length: 64 }, () => 0);
  for (let i = 0; i < Math.max(tokens.length - GRAM + 1, 1); i++) {
    const gram = tokens.slice(i, i + GRAM).join(" ");
    const halves = [hash(gram, 0), hash(gram, 1)];
    for (let bit = 0; bit < 64; bit++)
      votes[bit] = (votes[bit] ?? 0) + (((halves[bit >> 5] ?? 0) >>> (bit & 31)) & 1 ? 1 : -1);
  }
  return Array.from({ length: 16 }, (_, i) => nibble(votes.slice(4 * i, 4 * i + 4))).join("");
}

/** Whether two fingerprints differ in no more bits than `bits`. */
export function alike(a: string, b: string, bits: number): boolean {
  let different = 0;
  for (let i = 0; i < 16; i++) {
    const digit = parseInt(a[i] ?? "0", 16) ^ parseInt(b[i] ?? "0", 16);
    different += (digit & 1) + ((digit >> 1) & 1) + ((digit >> 2) & 1) + ((digit >> 3) & 1);
  }
  return different <= bits;
}

function ownNames(source: string): readonly string[] {
  const { defines, imports } = namesIn(source);
  return defines.filter((name) => !imports.includes(name));
}

function tokensOf(source: string, own: ReadonlySet<string>): readonly string[] {
  const { text } = withoutMagics(source);
  const tokens: string[] = [];
  parsePython(text).iterate({
    enter({ name, from, to, node }) {
      if (name === "Comment") return false;
      const isToken = WHOLE.has(name) || node.firstChild === null;
      if (!isToken || from === to) return true;
      const token = text.slice(from, to);
      tokens.push(name === "VariableName" && own.has(token) ? "_" : token);
      return false;
    },
  });
  return tokens;
}

/** FNV-1a with a final mixing (murmur3's), so that every bit depends on every character. */
function hash(text: string, salt: number): number {
  let value = 2166136261 ^ salt;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function nibble(votes: readonly number[]): string {
  return votes.reduce((value, vote, i) => value | (vote > 0 ? 1 << i : 0), 0).toString(16);
}
