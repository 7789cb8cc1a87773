// Owns: finding that an output was there before, so that it is named and not said again.
import type { CellId, Notebook, Output } from "../../contracts/index.ts";
import { isCode } from "../notebook/notebook.ts";

/** Outputs shorter than this, as JSON, cost less than their announcement. */
const WORTH_NAMING = 400;

/** The first other cell whose outputs are the same, to the byte; null when there is none or it is not worth it. */
export function sameOutputAs(notebook: Notebook, id: CellId, outputs: readonly Output[]): CellId | null {
  const text = bodyOf(outputs);
  if (text.length < WORTH_NAMING) return null;
  const earlier = notebook.cells.find(
    (cell) => isCode(cell) && cell.id !== id && bodyOf(cell.outputs) === text,
  );
  return earlier?.id ?? null;
}

/** Without the count that every execution changes. */
function bodyOf(outputs: readonly Output[]): string {
  return JSON.stringify(outputs, (key, value: unknown) => (key === "execution_count" ? undefined : value));
}
