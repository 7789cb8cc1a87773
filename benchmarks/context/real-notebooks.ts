// Owns: what real notebooks cost a model with every cell open, and how long a rendering takes.
import { digestOf } from "../../src/core/digest.ts";
import { messageOf, RunError } from "../../src/core/errors.ts";
import { parseNotebook } from "../../src/core/load-notebook.ts";
import { applyEdit, isCode } from "../../src/core/notebook.ts";
import { logStructured } from "../../renderers/index.ts";
import { openCell } from "../../renderers/open-cells.ts";
import type { Edit, Notebook, Scene } from "../../src/spec/index.ts";
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
  /** Of the notebook with the most cells. */
  readonly render: { readonly cells: number; readonly coldMs: number; readonly afterOneChangeMs: number };
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
    render: timings(
      files,
      loaded.toSorted((a, b) => b.notebook.cells.length - a.notebook.cells.length)[0]?.name,
      countTokens,
    ),
  };
}

function everyCell(notebook: Notebook, countTokens: CountTokens): string {
  const scene = sceneOf(notebook, countTokens);
  return notebook.cells.map((cell) => openCell(cell, { outputTokens: 700 }, scene)).join("\n\n");
}

/** Loaded anew for the first, so that nothing is remembered of its cells. */
function timings(
  files: readonly NotebookFile[],
  name: string | undefined,
  countTokens: CountTokens,
): NotebookMeasures["render"] {
  const file = files.find((one) => one.name === name);
  if (file === undefined) return { cells: 0, coldMs: 0, afterOneChangeMs: 0 };
  const notebook = parseNotebook(file.text, file.name);
  const renderer = logStructured();
  const scene = sceneOf(notebook, countTokens);
  const began = performance.now();
  const log = renderer.append(renderer.open(scene), { type: "round-started", header: "go" }, scene);
  renderer.prompt(log, scene);
  const coldMs = performance.now() - began;
  const id = notebook.cells.findLast(isCode)?.id ?? "";
  const edit: Edit = { type: "cell-rewritten", id, source: "changed = 1" };
  const after = sceneOf(applyEdit(notebook, edit), countTokens);
  const call = { id: "t1", tool: "edit_run", arguments: { id } };
  const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: null };
  const result = { call, content: [], isError: false, edits: [edit] };
  const changed = performance.now();
  const news = {
    type: "turn-ended",
    reply: { text: "", calls: [call], usage, stop: "calls" },
    results: [result],
  } as const;
  renderer.prompt(renderer.append(log, news, after), after);
  return { cells: notebook.cells.length, coldMs, afterOneChangeMs: performance.now() - changed };
}

function sceneOf(notebook: Notebook, countTokens: CountTokens): Scene {
  return { instructions: "", statement: "", notebook, budgetTokens: 8000, seesImages: false, countTokens };
}
