// Owns: notebooks that hold one text where a notebook can hold one.
import type { CodeCell, Notebook, Output } from "../../src/contracts/index.ts";
import { codeCell, emptyNotebook, markdownCell } from "../../src/core/notebook/notebook.ts";

const WORK = { role: "code", round: 1 } as const;

/** A tenth of the text in each place: as printed, as shown in every representation, and as an error. */
export function outputsOf(whole: string): readonly Output[] {
  const text = whole.slice(0, whole.length / 10);
  const mimes = ["text/plain", "text/html", "text/latex", "application/json", "image/png", "image/svg+xml"];
  return [
    { output_type: "stream", name: "stdout", text },
    ...mimes.map((mime): Output => ({ output_type: "display_data", data: { [mime]: text }, metadata: {} })),
    { output_type: "error", ename: text, evalue: text, traceback: [text] },
  ];
}

/** A cell of that source, as it is after it ran in the first round. */
export function cellOf(source: string, outputs: readonly Output[] = []): CodeCell {
  const state = outputs.length > 0 ? "failed" : "clean";
  return { ...codeCell("c1", source, { ...WORK, state }), execution_count: 1, outputs };
}

function withAfter(cell: Notebook["cells"][number]): Notebook {
  const after = { ...codeCell("c2", "x = a0", { ...WORK, state: "clean" }), execution_count: 2 };
  return { ...emptyNotebook(), cells: [cell, after] };
}

/** The text as the source of a cell that ran, before another. */
export const sourceBook = (text: string): Notebook => withAfter(cellOf(text));

/** Each line of the text as the source of a cell that ran, as many as a notebook may have. */
export function cellsBook(text: string): Notebook {
  const cells = text.split("\n", 10_000).map((line, at) => ({ ...cellOf(line), id: `c${at + 1}` }));
  return { ...emptyNotebook(), cells };
}

/** The text as everything that a cell put out. */
export const outputBook = (text: string): Notebook => withAfter(cellOf("x = 1", outputsOf(text)));

/** The text as markdown. */
export const notesBook = (text: string): Notebook => withAfter(markdownCell("c1", text, WORK));
