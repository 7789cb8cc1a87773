// Owns: keeping views of cells and frozen texts within a budget of tokens. What is left out is announced.
import { openingFence } from "../../src/core/output/fence.ts";
import type { RenderInput } from "../../src/contracts/index.ts";

/** The first view in the list of ever smaller ones that fits; else the end of the last, with the rest counted. */
export function firstThatFits(views: Iterable<readonly string[]>, input: RenderInput): string {
  let smallest: readonly string[] = [];
  for (const view of views) {
    smallest = view;
    const text = view.join("\n\n");
    if (input.countTokens(text) <= input.budgetTokens) return text;
  }
  const announce = (hidden: number): string =>
    `(${hidden} earlier cells are not shown${readRemedy(input, "one")})`;
  const room = input.budgetTokens - input.countTokens(announce(smallest.length)) - 2;
  const from = firstOfNewest(smallest, room, 2, input);
  return [announce(from), ...smallest.slice(from)].join("\n\n");
}

function readRemedy({ canRead }: RenderInput, what: string): string {
  return canRead === false ? "" : `; read(id) shows ${what}`;
}

export interface FrozenView {
  readonly frozen: readonly string[];
  readonly snapshot: string;
}

/** Tokens of what stands between two messages. */
const SEPARATOR = 6;
/** Characters a token: digests have 3 or 4. A text with more for the whole budget is not worth counting. */
const LONGEST_WORDS = 32;

/** The first of ever smaller snapshots that leaves the frozen texts whole; else the oldest texts are left out. */
export function fitFrozen(
  frozen: readonly string[],
  snapshots: readonly string[],
  input: RenderInput,
): FrozenView {
  const { budgetTokens } = input;
  const size = (text: string): number =>
    text.length > budgetTokens * LONGEST_WORDS ? Infinity : input.countTokens(text) + SEPARATOR;
  const above = frozen.reduce((sum, text) => sum + size(text), 0);
  const fits = snapshots.find((snapshot) => above + size(snapshot) <= budgetTokens);
  if (fits !== undefined) return { frozen, snapshot: fits };
  const snapshot = fitSnapshot(snapshots.at(-1) ?? "", Math.floor(budgetTokens * 0.6), input);
  return { frozen: newestFrozen(frozen, budgetTokens - size(snapshot), input), snapshot };
}

/** Half of the room for whole texts, so that the next fold need not do this again; a line says what is missing. */
function newestFrozen(frozen: readonly string[], room: number, input: RenderInput): readonly string[] {
  const lines = frozen.flatMap((text) => text.split("\n"));
  const announce = (count: number): string =>
    `(${count} ${count === 1 ? "line" : "lines"} about earlier cells not shown${readRemedy(input, "a cell")})`;
  const newest = newestLines(lines, Math.floor(room / 2) - SEPARATOR, announce, input);
  if (newest === lines) return frozen;
  return room < 40 ? [] : [newest.join("\n")];
}

/** The text, or its end on a line border with the rest counted. */
function fitSnapshot(text: string, most: number, input: RenderInput): string {
  if (input.countTokens(text) <= most) return text;
  const announce = (count: number): string => `(${count} lines not shown${readRemedy(input, "a cell")})`;
  return newestLines(text.split("\n"), most - 1, announce, input).join("\n");
}

/** The newest lines that fit below a line about the others; a block that is cut is opened again. */
function newestLines(
  lines: readonly string[],
  most: number,
  announce: (count: number) => string,
  input: RenderInput,
): readonly string[] {
  const room = most - input.countTokens(announce(lines.length));
  const from = firstOfNewest(lines, room - FENCE, 1, input);
  if (from === 0) return lines;
  const opening = openingFence(lines, from);
  return [announce(from), ...(opening === null ? [] : [opening]), ...lines.slice(from)];
}

/** Tokens of a block's first line. */
const FENCE = 4;

/** The place of the first of the newest texts that fit together, each with `gap` tokens before it. */
function firstOfNewest(texts: readonly string[], room: number, gap: number, input: RenderInput): number {
  let left = room;
  let from = texts.length;
  while (from > 0) {
    left -= input.countTokens(texts[from - 1] ?? "") + gap;
    if (left < 0) break;
    from -= 1;
  }
  return from;
}
