// Owns: what real notebooks cost a model with every cell open.
import { digestOf } from "../../src/core/notebook/cell-digest.ts";
import { messageOf, RunError } from "../../src/core/errors.ts";
import { parseNotebook } from "../../src/core/notebook/load-notebook.ts";
import { viewSnapshotCell } from "../../renderers/parts/cell-view.ts";
import type { Notebook, RenderInput } from "../../src/contracts/index.ts";
import type { NotebookFile } from "./inputs.ts";
import type { CountTokens } from "./requests.ts";

export interface NotebookMeasures {
  /** Tokens of each notebook that loads, every cell open; ascending by size. */
  readonly tokens: readonly { readonly name: string; readonly cells: number; readonly tokens: number }[];
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
  /** Files that are no notebooks, each with its typed error. */
  readonly refused: readonly string[];
  /** Anything else that was thrown: none is allowed. */
  readonly failures: readonly string[];
  /** Runs of more than 200 base64 letters in what a model would see: none is allowed. */
  readonly base64Runs: number;
  readonly longestDigest: number;
}

/** Loads and opens every notebook. */
export function measureNotebooks(files: readonly NotebookFile[], countTokens: CountTokens): NotebookMeasures {
  const refused: string[] = [];
  const failures: string[] = [];
  const loaded = files.flatMap(({ name, text }) => {
    try {
      return [{ name, notebook: parseNotebook(text, name) }];
    } catch (error) {
      const typed = error instanceof RunError && error.code === "bad-notebook";
      (typed ? refused : failures).push(`${name}: ${messageOf(error)}`);
      return [];
    }
  });
  const seen = loaded.map(({ name, notebook }) => ({
    name,
    notebook,
    text: everyCell(notebook, countTokens),
  }));
  const tokens = seen
    .map(({ name, notebook, text }) => ({ name, cells: notebook.cells.length, tokens: countTokens(text) }))
    .toSorted((a, b) => a.tokens - b.tokens);
  const at = (share: number): number => tokens[Math.floor((tokens.length - 1) * share)]?.tokens ?? 0;
  const digests = loaded.flatMap(({ notebook }) => notebook.cells.map((cell) => countTokens(digestOf(cell))));
  return {
    tokens,
    p50: at(0.5),
    p90: at(0.9),
    max: at(1),
    refused,
    failures,
    base64Runs: seen.filter(({ text }) => /[A-Za-z0-9+/]{201}/.test(text)).length,
    longestDigest: Math.max(0, ...digests),
  };
}

function everyCell(notebook: Notebook, countTokens: CountTokens): string {
  const input = inputOf(notebook, countTokens);
  return notebook.cells.map((cell) => viewSnapshotCell(cell, { outputTokens: 700 }, input)).join("\n\n");
}

/** The notebook before a model of which nothing else is known. */
export function inputOf(notebook: Notebook, countTokens: CountTokens): RenderInput {
  return { instructions: "", statement: "", notebook, budgetTokens: 8000, seesImages: false, countTokens };
}
