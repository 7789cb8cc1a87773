// Owns: what a round begins with - its place, the score so far, the second parent. A pure function of the journal.
import { isCode, markOf, roundsPlayed } from "../core/notebook.ts";
import { clipLines } from "../core/output/clip.ts";
import type { Run } from "../core/run.ts";
import type { BlobReader, Branch, Notebook, Proposal, Score, Task } from "../spec/index.ts";
import { scoreText } from "../tools/score.ts";
import { readJson } from "./json-blob.ts";

const MOST_LINES_A_CELL = 40;
const MOST_CELLS = 12;

/** The text of `round-started`. */
export async function roundHeader(
  play: {
    readonly parts: { readonly task: Task; readonly blobs: BlobReader; readonly rounds: number };
    readonly proposal: Proposal;
    readonly run: Run;
  },
  rounds: readonly { readonly score: Score }[],
  differences: readonly string[],
): Promise<string> {
  const { parts, proposal, run } = play;
  const [parent, ...others] = proposal.parents.flatMap((id) => run.branches.get(id) ?? []);
  const score = rounds.at(-1)?.score ?? parent?.score;
  const { limits, direction } = parts.task;
  const lines = [
    `Round ${rounds.length + 1} of ${parts.rounds} on this branch. Goal: ${direction} the score.`,
    score === undefined ? "" : `Present ${scoreText(score)}`,
    `Limits: ${limits.turnsPerRound} turns, ${limits.callsPerRound} calls, ${limits.cellTimeoutMs / 1000} s a cell.`,
    ...differences.map((difference) => `Restored with a difference: ${difference}`),
  ];
  if (rounds.length === 0) for (const other of others) lines.push(await inspiration(parts.blobs, other));
  return lines.filter((line) => line !== "").join("\n");
}

/** A second parent, for a crossover: its own cells, so that the model can take what is good in them. */
async function inspiration(blobs: BlobReader, branch: Branch): Promise<string> {
  const notebook = await readJson<Notebook>(blobs, branch.notebook);
  const own = notebook.cells.filter(
    (cell) => isCode(cell) && markOf(cell).role === "code" && markOf(cell).round > 0,
  );
  const shown = own.slice(-MOST_CELLS);
  const hidden = own.length - shown.length;
  const cells = shown.map((cell) => `# ${cell.id}\n${clipLines(cell.source, MOST_LINES_A_CELL, 200)}`);
  return [
    `Second parent: branch ${branch.id}, ${scoreText(branch.score)}, ${roundsPlayed(notebook)} rounds old. Combine what is good in both.`,
    ...(hidden > 0 ? [`(${hidden} earlier cells of it are not shown)`] : []),
    "Its variables are not in your kernel; these are its cells:",
    "```python",
    ...cells,
    "```",
  ].join("\n");
}
