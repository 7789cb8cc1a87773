// Owns: what an operator does to the notebook before the model's first turn: a graft, a repair, a simplification.
// Pure but for reading blobs; the cells of a graft are run when the round opens.
import { guardDrops } from "../core/notebook/clean-up.ts";
import { graft, type Graft } from "../core/notebook/graft.ts";
import { isCode, roundsPlayed, advance, type NotebookState } from "../core/notebook/notebook.ts";
import type { Run } from "../core/run/run.ts";
import type { NotebookEnvironment } from "../environment/index.ts";
import type { BlobReader, Edit, Notebook, Proposal } from "../contracts/index.ts";
import { readJson } from "./json-blob.ts";

/** The notebook without the code that the submission does not need; its kernel is to be made without it too. */
export function simplifyNotebook(situation: NotebookState, submission: string): NotebookState {
  const { notebook } = situation;
  const ids = notebook.cells.filter(isCode).map(({ id }) => id);
  const { drop } = guardDrops(notebook, ids, submission);
  return advance(
    situation,
    drop.map((id): Edit => ({ type: "cell-dropped", id })),
  );
}

/** What a crossover brings from the second parent; null for other operators. `notebook`: the first parent's. */
export async function prepareGraft(
  blobs: BlobReader,
  proposal: Proposal,
  run: Run,
  notebook: Notebook,
  submission: string,
): Promise<Graft | null> {
  const other = run.branches.get(proposal.parents[1] ?? "");
  if (proposal.operator !== "cross" || other === undefined) return null;
  const second = await readJson<Notebook>(blobs, other.notebook);
  return graft(notebook, second, { from: other.id, round: roundsPlayed(notebook) + 1, submission });
}

/** Adds the graft's cells and runs them, until one fails. The edits are what came of it. */
export async function carryOutGraft(
  environment: NotebookEnvironment,
  { cells }: Graft,
  signal: AbortSignal,
): Promise<readonly Edit[]> {
  if (cells.length === 0) return [];
  const added = cells.map((cell): Edit => ({ type: "cell-added", cell }));
  environment.edit(added);
  const ids = cells.map(({ id }) => id);
  return [...added, ...(await environment.runCells(ids, { signal }))];
}

/** The graft in words for the model. */
export function graftText({ cells, renames, skipped }: Graft): readonly string[] {
  const from = cells.map(({ id, metadata }) => `${id} (from ${metadata.nbevolve?.from?.cell})`);
  const names = [...renames].map(([name, next]) => `${name} is ${next}`);
  return [
    ...(from.length > 0
      ? [`Its cells are added at the end of your notebook and run before you act: ${from.join(", ")}.`]
      : ["None of its cells could be added to your notebook."]),
    ...(names.length > 0 ? [`Names that both had: ${names.join(", ")}.`] : []),
    ...skipped.map(({ cell, why }) => `Left behind: ${cell}, because ${why}.`),
  ];
}
