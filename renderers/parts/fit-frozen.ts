// Owns: keeping frozen texts and snapshot within the budget. The oldest texts go first, and are announced.
import type { RenderInput } from "../../src/contracts/index.ts";

export interface Fitted {
  readonly frozen: readonly string[];
  readonly snapshot: string;
}

const SEPARATOR = 6;
/** Characters a token: digests have 3 or 4. A text with more for the whole budget is not worth counting. */
const LONGEST_WORDS = 32;

/** The first of ever smaller snapshots that leaves the frozen texts whole; else the oldest texts are left out. */
export function fitted(frozen: readonly string[], snapshots: readonly string[], scene: RenderInput): Fitted {
  const { budgetTokens } = scene;
  const size = (text: string): number =>
    text.length > budgetTokens * LONGEST_WORDS ? Infinity : scene.countTokens(text) + SEPARATOR;
  const above = frozen.reduce((sum, text) => sum + size(text), 0);
  const fits = snapshots.find((snapshot) => above + size(snapshot) <= budgetTokens);
  if (fits !== undefined) return { frozen, snapshot: fits };
  const snapshot = withinTokens(snapshots.at(-1) ?? "", Math.floor(budgetTokens * 0.6), scene);
  return { frozen: newest(frozen, budgetTokens - size(snapshot), scene), snapshot };
}

/** Half of the room for whole texts, so that the next fold need not do this again; a line says what is missing. */
function newest(frozen: readonly string[], room: number, scene: RenderInput): readonly string[] {
  const lines = frozen.flatMap((text) => text.split("\n"));
  const announce = (count: number): string =>
    `(${count} ${count === 1 ? "line" : "lines"} about earlier cells not shown; read(id) shows a cell)`;
  let left = Math.floor(room / 2) - scene.countTokens(announce(lines.length)) - SEPARATOR;
  let from = lines.length;
  while (from > 0) {
    left -= scene.countTokens(lines[from - 1] ?? "") + 1;
    if (left < 0) break;
    from -= 1;
  }
  if (from === 0) return frozen;
  if (room < 40) return [];
  return [[announce(from), ...lines.slice(from)].join("\n")];
}

/** The text, or its end on a line border with the rest counted. */
function withinTokens(text: string, most: number, scene: RenderInput): string {
  if (scene.countTokens(text) <= most) return text;
  const lines = text.split("\n");
  const announce = (count: number): string => `(${count} lines not shown; read(id) shows a cell)`;
  let left = most - scene.countTokens(announce(lines.length)) - 1;
  let from = lines.length;
  while (from > 0) {
    left -= scene.countTokens(lines[from - 1] ?? "") + 1;
    if (left < 0) break;
    from -= 1;
  }
  return [announce(from), ...lines.slice(from)].join("\n");
}
