// Owns: what a round begins with, in words to the model.
// A function of the task and the journal: the same bytes in every call that they belong to.
import type { Graft } from "../../core/notebook/graft.ts";
import { isCode, markOf, countRounds } from "../../core/notebook/notebook.ts";
import { fenceText } from "../../core/output/fence.ts";
import { clipLines } from "../../core/output/clip.ts";
import type { History } from "../../core/run/history.ts";
import type {
  BlobReader,
  Branch,
  BranchId,
  Harness,
  Limits,
  Notebook,
  Proposal,
  Score,
  Task,
} from "../../contracts/index.ts";
import { scoreText } from "../../environment/score-text.ts";
import { readJson } from "../json-blob.ts";

const MOST_LINES_A_CELL = 40;
const MOST_CELLS = 12;

/** The text of `round-started`; a lean round says where it stands behind it (`standing.ts`). */
export async function writeRoundHeader(
  play: {
    readonly parts: {
      readonly task: Task;
      readonly blobs: BlobReader;
      readonly rounds: number;
      readonly harness: Harness;
    };
    readonly proposal: Proposal;
    readonly run: History;
  },
  rounds: readonly { readonly score: Score }[],
  differences: readonly string[],
  graft: Graft | null,
): Promise<string> {
  const { parts, proposal, run } = play;
  const parent = run.branches.get(proposal.parents[0] ?? "");
  const score = rounds.at(-1)?.score ?? parent?.score;
  const lines = [
    ...writeGoal(parts.task, parts.harness, {
      place: `${rounds.length + 1} of ${proposal.rounds ?? parts.rounds}`,
      score,
    }),
    ...(rounds.length > 0
      ? []
      : (proposal.notes ?? []).map(({ note }) => `A person who watches this run says: ${note}`)),
    ...differences.map((difference) => `Restored with a difference: ${difference}`),
  ];
  if (rounds.length === 0) lines.push(...writeAim(proposal), ...(await describeOthers(play, graft)));
  return lines.filter((line) => line !== "").join("\n");
}

/** What every round begins with. `place`: which of how many it is. */
export function writeGoal(
  {
    direction,
    limits,
  }: Pick<Task, "direction"> & {
    readonly limits: Pick<Limits, "turnsPerRound" | "callsPerRound" | "cellTimeoutMs">;
  },
  harness: Harness,
  { place, score }: { readonly place: string; readonly score: Score | undefined },
): readonly string[] {
  const seconds = limits.cellTimeoutMs / 1000;
  if (harness === "lean") return [`Goal: ${direction} the score. A cell may take ${seconds} s.`];
  return [
    `Round ${place} on this branch. Goal: ${direction} the score.`,
    score === undefined ? "" : `Present ${scoreText(score)}`,
    `Limits: ${limits.turnsPerRound} turns, ${limits.callsPerRound} calls, ${seconds} s a cell.`,
  ];
}

/** What the operator is for, where the notebook does not say it. */
function writeAim({ operator, repairs }: Proposal): readonly string[] {
  if (operator === "repair" && repairs !== undefined) {
    const { boundary, message } = repairs.failure;
    return [
      `This notebook failed (${boundary}): ${clipLines(message, 12, 300)}`,
      "Mend it first, then improve it.",
    ];
  }
  if (operator === "simplify") {
    return [
      "Code that the submission does not need was taken out. Make the rest simpler; the score must not fall.",
    ];
  }
  if (operator === "restart")
    return ["A fresh start from the first notebook. Try another way than the branches below."];
  return [];
}

/** The second parent of a crossover in full; other parents and inspirations in a few lines each. */
async function describeOthers(
  { parts, proposal, run }: Parameters<typeof writeRoundHeader>[0],
  graft: Graft | null,
): Promise<readonly string[]> {
  const branches = (ids: readonly BranchId[]): readonly Branch[] =>
    ids.flatMap((id) => run.branches.get(id) ?? []);
  const [, ...parents] = proposal.parents;
  const mates = proposal.operator === "cross" ? branches(parents.slice(0, 1)) : [];
  const told = branches([...parents.slice(mates.length), ...(proposal.inspirations ?? [])]);
  return [
    ...(await Promise.all(mates.map((mate) => describeSecondParent(parts.blobs, mate, graft)))),
    ...(await Promise.all(told.map((branch) => summariseBranch(parts.blobs, branch)))),
  ];
}

/** What is known of a branch that went another way: its score and its last summary. */
async function summariseBranch(blobs: BlobReader, branch: Branch): Promise<string> {
  const notebook = await readJson<Notebook>(blobs, branch.notebook);
  const summary = notebook.cells.findLast((cell) => markOf(cell).role === "summary");
  const words = summary === undefined ? "no summary" : clipLines(summary.source, 6, 300);
  return `Another branch, ${branch.id}, ${scoreText(branch.score)}: ${words}`;
}

/** A second parent, for a crossover: its own cells, so that the model can take what is good in them. */
async function describeSecondParent(blobs: BlobReader, branch: Branch, graft: Graft | null): Promise<string> {
  const notebook = await readJson<Notebook>(blobs, branch.notebook);
  const own = notebook.cells.filter(
    (cell) => isCode(cell) && markOf(cell).role === "code" && markOf(cell).round > 0,
  );
  const shown = own.slice(-MOST_CELLS);
  const hidden = own.length - shown.length;
  const cells = shown.map((cell) => `# ${cell.id}\n${clipLines(cell.source, MOST_LINES_A_CELL, 200)}`);
  return [
    `Second parent: branch ${branch.id}, ${scoreText(branch.score)}, ${countRounds(notebook)} rounds old. Combine what is good in both.`,
    ...(hidden > 0 ? [`(${hidden} earlier cells of it are not shown)`] : []),
    ...(graft === null ? [] : graftText(graft)),
    "These are its cells:",
    fenceText(cells.join("\n"), "python"),
  ].join("\n");
}

/** The graft in words for the model. */
function graftText({ cells, renames, skipped }: Graft): readonly string[] {
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
