// Owns: `nbevolve show`: a run's lineage and scores, or one branch in full. Reads the journal only.
import { join } from "node:path";
import { digestOf } from "../../core/notebook/cell-digest.ts";
import { RunError } from "../../core/errors.ts";
import { addCounts, addUsage } from "../../core/run/usage.ts";
import { isCode, markOf } from "../../core/notebook/notebook.ts";
import { viewOutputs } from "../../core/output/view-outputs.ts";
import { readJson } from "../../loop/json-blob.ts";
import type {
  BlobHash,
  Branch,
  BranchId,
  Cell,
  DescriptorSpec,
  Failure,
  RunCommand,
  Notebook,
  Proposal,
  Reproduction,
  Restored,
  RunEvent,
  StopReason,
  Submission,
  Task,
  Usage,
} from "../../contracts/index.ts";
import { openRunStore, liveSession, readWaitingCommands } from "../../store/index.ts";
import { bestOf } from "../../run/journal-branches.ts";
import { reproductionLines } from "../terminal/reproduction-text.ts";
import { scoreText } from "../../environment/tools/score.ts";
import { nichesText } from "../terminal/niches-text.ts";
import { noticesText } from "../terminal/notice-board.ts";
import { usageText } from "../terminal/usage-text.ts";
import { describeMove, describeNote } from "../terminal/progress.ts";
import { restoredText, restoresText } from "../terminal/restores-text.ts";

interface Shown {
  /** Of the run's task. */
  readonly descriptors: readonly DescriptorSpec[];
  readonly branches: readonly Branch[];
  readonly proposals: ReadonlyMap<BranchId, Proposal>;
  readonly failures: readonly { readonly proposal: Proposal; readonly failure: Failure }[];
  /** By proposal, in order: more than one where a kernel was lost, or the run was resumed. */
  readonly restored: ReadonlyMap<string, readonly Restored[]>;
  readonly open: readonly Proposal[];
  readonly stopped: StopReason | null;
  /** Proposals so far. */
  readonly made: number;
  /** Somebody writes the run now. */
  readonly isLive: boolean;
  /** Of all turns. */
  readonly usage: Usage;
  readonly notices: Readonly<Record<string, number>>;
  /** People's notes, in words. */
  readonly notes: readonly string[];
  readonly paused: boolean;
  /** Commands that wait for the run, in words. */
  readonly waiting: readonly string[];
  readonly reproduced: ReadonlyMap<BranchId, Reproduction>;
}

export interface ShowFlags {
  readonly json?: boolean;
  /** Every cell of a branch whole. */
  readonly full?: boolean;
}

/** Prints the run, or one branch of it. @throws RunError. */
export async function show(
  dir: string,
  branchId: string | undefined,
  { json = false, full = false }: ShowFlags,
): Promise<void> {
  await using store = await openRunStore(dir, { mode: "read" });
  const { task, ...gathered } = await gather(store.read(0));
  const shown = {
    ...gathered,
    isLive: (await liveSession(store.dir)) !== null,
    descriptors: task === null ? [] : (await readJson<Task>(store, task)).descriptors,
    waiting: (await readWaitingCommands(store.dir)).map(describeCommand),
  };
  if (shown.branches.length === 0)
    throw new RunError(
      "run-missing",
      `${dir} holds no run: its founder was never scored. Start it again with: nbevolve run <task> --dir ${dir}`,
    );
  if (branchId === undefined) {
    write(json ? JSON.stringify(runJson(shown)) : runText(shown));
    return;
  }
  const wanted = branchId === "best" ? bestOf(shown.branches, shown.reproduced)?.id : branchId;
  const branch = shown.branches.find(({ id }) => id === wanted);
  if (branch === undefined) {
    throw new RunError("bad-option", `${dir} has no branch ${branchId}; it has ${knownIds(shown.branches)}`);
  }
  const notebook = await readJson<Notebook>(store, branch.notebook);
  const submission = await readJson<Submission>(store, branch.submission);
  const facts = { ...branchJson(shown, branch), restored: shown.restored.get(`p${branch.number}`) ?? [] };
  if (json) return write(JSON.stringify({ ...facts, submission, notebook }));
  const file = join(dir, "branches", `${branch.id}.ipynb`);
  write([...branchHead(shown, branch, file), "", ...cellsText(notebook, full)].join("\n"));
}

async function gather(
  events: AsyncIterable<RunEvent>,
): Promise<Omit<Shown, "waiting" | "descriptors" | "isLive"> & { readonly task: BlobHash | null }> {
  let task: BlobHash | null = null;
  const branches: Branch[] = [];
  const proposals = new Map<BranchId, Proposal>();
  const failures: { proposal: Proposal; failure: Failure }[] = [];
  const restored = new Map<string, readonly Restored[]>();
  const open = new Map<string, Proposal>();
  const notes: string[] = [];
  let made = 0;
  let paused = false;
  const reproduced = new Map<BranchId, Reproduction>();
  let stopped: StopReason | null = null;
  let usage: Usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 };
  let notices: Shown["notices"] = {};
  for await (const event of events) {
    if (event.type === "run-started") {
      task = event.task;
      branches.push(event.founder);
    } else if (event.type === "proposal-made") {
      open.set(event.proposal.id, event.proposal);
      made = event.proposal.number;
      stopped = null;
    } else if (event.type === "steered") {
      notes.push(`steered after p${made}, ${describeNote(event)}`);
    } else if (event.type === "paused" || event.type === "unpaused") {
      paused = event.type === "paused";
    } else if (event.type === "kernel-restored")
      restored.set(event.proposal, [...(restored.get(event.proposal) ?? []), event.restored]);
    else if (event.type === "turn-ended") {
      usage = addUsage(usage, event.usage);
      notices = addCounts(notices, event.notices ?? {});
    } else if (event.type === "branch-reproduced") reproduced.set(event.branch, event.reproduction);
    else if (event.type === "run-stopped") stopped = event.reason;
    else if (event.type === "episode-ended") {
      const { outcome } = event;
      open.delete(outcome.proposal.id);
      if (outcome.ok) {
        branches.push(outcome.branch);
        proposals.set(outcome.branch.id, outcome.proposal);
      } else failures.push({ proposal: outcome.proposal, failure: outcome.failure });
    }
  }
  const facts = { branches, proposals, failures, restored, open: [...open.values()], stopped, made };
  return { ...facts, task, usage, notices, notes, paused, reproduced };
}

function describeCommand(command: RunCommand): string {
  if (command.kind === "steer") return `a note for ${describeNote(command)}`;
  return command.kind === "inject" ? "an injected notebook" : command.kind;
}

function branchJson(shown: Shown, branch: Branch) {
  const { id, parents, generation, score } = branch;
  return {
    branch: id,
    parents,
    generation,
    operator: shown.proposals.get(id)?.operator ?? "founder",
    ...score,
    reproduction: shown.reproduced.get(id) ?? null,
  };
}

function runJson(shown: Shown) {
  const best = bestOf(shown.branches, shown.reproduced);
  return {
    best: best?.id ?? null,
    stopped: shown.stopped,
    branches: shown.branches.map((branch) => branchJson(shown, branch)),
    failures: shown.failures.map(({ proposal, failure }) => ({ proposal: proposal.id, ...failure })),
    open: shown.open.map(({ id }) => id),
    usage: shown.usage,
    notices: shown.notices,
    notes: shown.notes,
    waiting: shown.waiting,
    restored: Object.fromEntries(shown.restored),
  };
}

const ENDED: Readonly<Record<StopReason, string>> = {
  budget: "finished: its proposals, or another limit, were used up; resume it with more",
  target: "finished: the target is reached",
  exhausted: "finished: the strategy had nothing more to propose",
  asked: "stopped as somebody asked; resume it to go on",
};
function restoresOf({ restored }: Shown): readonly (readonly [string, Restored])[] {
  return [...restored].flatMap(([proposal, all]) => all.map((one) => [proposal, one] as const));
}

/** The lineage as a tree by first parents; second parents are named. */
function runText(shown: Shown): string {
  const best = bestOf(shown.branches, shown.reproduced);
  const lines: string[] = [];
  const walk = (branch: Branch, depth: number): void => {
    const [, second] = branch.parents;
    const proposal = shown.proposals.get(branch.id);
    const by = proposal?.model === undefined ? "" : ` by ${proposal.model}`;
    const move = `${proposal?.operator ?? "founder"}${by}${proposal?.notes === undefined ? "" : " (steered)"}`;
    const also = second === undefined ? "" : ` + ${second}`;
    const star = branch.id === best?.id ? "  <- best" : "";
    const gone = goneNote(shown.reproduced.get(branch.id));
    const score = branch.score.metrics["score"];
    lines.push(`${"  ".repeat(depth)}${branch.id}  ${move}${also}  ${score}${star}${gone}`);
    for (const child of shown.branches) if (child.parents[0] === branch.id) walk(child, depth + 1);
  };
  for (const branch of shown.branches) if (branch.parents.length === 0) walk(branch, 0);
  for (const { proposal, failure } of shown.failures) {
    lines.push(`${proposal.id} ${describeMove(proposal)}: failed (${failure.boundary}) ${failure.message}`);
  }
  lines.push(...nichesText(shown.descriptors, shown.branches));
  if (shown.usage.inputTokens > 0) lines.push(usageText(shown.usage));
  if (Object.keys(shown.notices).length > 0) lines.push(`model: ${noticesText(shown.notices)}`);
  for (const proposal of shown.open) lines.push(`${proposal.id} ${describeMove(proposal)}: open`);
  lines.push(...shown.notes, ...shown.waiting.map((command) => `waits to be taken up: ${command}`));
  if (shown.paused) lines.push("paused: nbevolve unpause goes on");
  lines.push(...restoresText(restoresOf(shown)));
  lines.push(standing(shown));
  return lines.join("\n");
}

function standing({ isLive, stopped, made }: Shown): string {
  const so = `${made} proposal${made === 1 ? "" : "s"} made so far`;
  if (isLive) return `under way: ${so}`;
  return stopped === null ? `not finished, ${so}: resume it` : ENDED[stopped];
}

/** In the order made, the first hundred. */
function knownIds(branches: readonly Branch[]): string {
  const ids = branches.toSorted((a, b) => a.number - b.number).map(({ id }) => id);
  return ids.length <= 100 ? ids.join(", ") : `${ids.slice(0, 100).join(", ")} and ${ids.length - 100} more`;
}

function goneNote(reproduction: Reproduction | undefined): string {
  return reproduction?.survives === false ? `  not reproduced: ${reproduction.reason}` : "";
}

function branchHead(shown: Shown, branch: Branch, file: string): readonly string[] {
  const { operator, generation } = branchJson(shown, branch);
  const restored = shown.restored.get(`p${branch.number}`);
  return [
    `${branch.id}: ${operator} of ${branch.parents.join(" + ") || "nothing"}, generation ${generation}`,
    scoreText(branch.score),
    `notebook, for JupyterLab: ${file}`,
    ...(restored ?? []).map(restoredText),
    ...reproductionLines(shown.reproduced.get(branch.id)),
  ];
}

/** Longer cells, and those of the task, are a line each. */
const MOST_LINES = 40;

function cellsText({ cells }: Notebook, full: boolean): readonly string[] {
  const isFolded = (cell: Cell): boolean =>
    !full && (markOf(cell).role === "task" || cell.source.split("\n").length > MOST_LINES);
  const folded = cells.filter(isFolded).length;
  const note =
    folded === 0 ? [] : [`(${folded} of ${cells.length} cells are a line each; --full shows them)`];
  return [...cells.map((cell) => (isFolded(cell) ? `--- ${digestOf(cell)}` : cellText(cell))), ...note];
}

function cellText(cell: Cell): string {
  const mark = markOf(cell);
  const output = isCode(cell)
    ? viewOutputs(cell.outputs, { id: cell.id, maxLines: 20, maxTokens: 2000 }).text
    : "";
  const title = `--- ${cell.id} (${mark.role}${mark.state === undefined ? "" : `, ${mark.state}`}, round ${mark.round})`;
  return [title, cell.source, ...(output === "" ? [] : ["=>", output])].join("\n");
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
