// Owns: small task notebooks built in code, right ones and wrong ones.
import { codeCell, emptyNotebook, markdownCell } from "../../src/core/notebook/notebook.ts";
import { RunError } from "../../src/core/errors.ts";
import type { Cell, Json, Notebook } from "../../src/contracts/index.ts";

export const statement = (source = "Find a number."): Cell =>
  markdownCell("statement", source, { role: "note", round: 0 });

/** A code cell with those tags. */
export function code(source: string, ...tags: readonly string[]): Cell {
  const cell = codeCell(`a${source.length}`, source, { role: "code", round: 0 });
  return { ...cell, metadata: tags.length === 0 ? {} : { tags } };
}

export const VERIFY = "def verify(submission):\n    return float(submission)";
export const verifier = (source = VERIFY): Cell => code(source, "verifier");
export const founder = (source = "submission = 1"): Cell => code(source);

export function notebook(cells: readonly Cell[], nbevolve?: Readonly<Record<string, Json>>): Notebook {
  const empty = emptyNotebook();
  return {
    ...empty,
    cells,
    metadata: { ...empty.metadata, ...(nbevolve === undefined ? {} : { nbevolve }) },
  };
}

/** The problems a refusal lists; what else is thrown goes on, and an empty list means it was not refused. */
export function problemsOf(make: () => unknown): readonly string[] {
  try {
    make();
    return [];
  } catch (thrown) {
    if (!(thrown instanceof RunError) || thrown.code !== "bad-task") throw thrown;
    return thrown.message.split("\n  - ").slice(1);
  }
}
