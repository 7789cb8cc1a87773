// Owns: where an episode's next round begins: at its parent, after its last round, or where its operator puts it.
// Pure but for reading blobs; the cells of a graft are run by the environment when the round opens.
import { checkDrops } from "../core/notebook/clean-up.ts";
import { graftCells, type Graft } from "../core/notebook/graft.ts";
import { advanceState, isCode, countRounds, type NotebookState } from "../core/notebook/notebook.ts";
import { RunError } from "../core/errors.ts";
import type { History } from "../core/run/history.ts";
import type { BlobReader, Edit, Notebook, Proposal } from "../contracts/index.ts";
import { readJson } from "./json-blob.ts";
import type { EpisodeParts, RoundEnded, RoundStart } from "./types.ts";

/**
 * Where the next round begins. A notebook that the parent's view has not seen (one to be repaired, or without the
 * cells that are not needed) is shown in full, as a new view.
 */
export async function readRoundStart<S>(
  parts: EpisodeParts<S>,
  proposal: Proposal,
  run: History,
  rounds: readonly RoundEnded[],
): Promise<RoundStart<S>> {
  const { blobs, task, renderer } = parts;
  const start = await readLatest<S>(blobs, proposal, run, rounds);
  const isNew = proposal.operator === "repair" || proposal.operator === "simplify";
  if (rounds.length > 0 || !isNew) return start;
  const state = proposal.operator === "simplify" ? simplifyNotebook(start, task.submission) : start;
  return { ...state, log: renderer.open(parts.inputFor(state.notebook)) };
}

/** After the last finished round, or at the first parent, or at the failure that is to be repaired. */
async function readLatest<S>(
  blobs: BlobReader,
  proposal: Proposal,
  run: History,
  rounds: readonly RoundEnded[],
): Promise<RoundStart<S>> {
  const from = rounds.at(-1) ?? run.branches.get(proposal.parents[0] ?? "");
  if (from === undefined) throw new RunError("run-corrupt", `${proposal.id} continues an unknown branch`);
  const broken = rounds.length === 0 ? proposal.repairs?.failure : undefined;
  const [notebook, kernel, log] = await Promise.all([
    readJson<NotebookState["notebook"]>(blobs, broken?.notebook ?? from.notebook),
    readJson<NotebookState["kernel"]>(blobs, broken?.kernel ?? from.kernel),
    readJson<S>(blobs, from.context),
  ]);
  return broken === undefined ? { notebook, kernel, log, score: from.score } : { notebook, kernel, log };
}

/** The notebook without the code that the submission does not need; its kernel is to be made without it too. */
function simplifyNotebook(state: NotebookState, submission: string): NotebookState {
  const { notebook } = state;
  const ids = notebook.cells.filter(isCode).map(({ id }) => id);
  const { drop } = checkDrops(notebook, ids, submission);
  return advanceState(
    state,
    drop.map((id): Edit => ({ type: "cell-dropped", id })),
  );
}

/** What a crossover brings from the second parent; null for other operators. `notebook`: the first parent's. */
export async function prepareGraft(
  blobs: BlobReader,
  proposal: Proposal,
  run: History,
  notebook: Notebook,
  submission: string,
): Promise<Graft | null> {
  const other = run.branches.get(proposal.parents[1] ?? "");
  if (proposal.operator !== "cross" || other === undefined) return null;
  const second = await readJson<Notebook>(blobs, other.notebook);
  return graftCells(notebook, second, { from: other.id, round: countRounds(notebook) + 1, submission });
}
