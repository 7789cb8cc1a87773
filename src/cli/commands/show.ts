// Owns: `nbevolve show`: the lineage and the scores of a run, or one branch in full. Only reads.
import type { Command } from "commander";
import { ownProposals } from "../../core/run/counts.ts";
import type { EndedEpisode, History } from "../../core/run/history.ts";
import { ownCommand, pathWord } from "../../core/shell-words.ts";
import { readJson } from "../../loop/json-blob.ts";
import type {
  Branch,
  Notebook,
  ProposalId,
  Reproduction,
  Restored,
  RunCommand,
  StopReason,
  Submission,
  Task,
} from "../../contracts/index.ts";
import { branchFile, liveSession, openRunStore, readWaitingCommands } from "../../store/index.ts";
import {
  branchesInOrder,
  type ChainFacts,
  chainText,
  findBranch,
  openProposals,
  ownScore,
  readHistory,
  recordOfRun,
  runBranch,
  showNumber,
  watchChain,
} from "../../history/index.ts";
import { branchText } from "../terminal/branch-text.ts";
import { describeMove, describeNote } from "../terminal/progress.ts";
import { headLines, nichesText, noticesText, proposalsText, restoresText } from "../terminal/run-facts.ts";
import { print, printJson } from "../terminal/screen.ts";

/** A run, and what is known about it besides its journal. */
interface Shown {
  /** As it was named. */
  readonly dir: string;
  readonly history: History;
  readonly chain: ChainFacts;
  readonly task: Task;
  /** In the order made. */
  readonly branches: readonly Branch[];
  /** By proposal. */
  readonly episodes: ReadonlyMap<ProposalId, EndedEpisode>;
  /** Whether a process is running it now. */
  readonly isLive: boolean;
  /** Commands that the run has not carried out yet, in words. */
  readonly waiting: readonly string[];
}

interface ShowFlags {
  readonly json?: boolean;
  /** Print every cell of a branch in full. */
  readonly full?: boolean;
  readonly verbose?: boolean;
}

export function defineShowCommand(command: Command): void {
  command
    .argument("<dir>", "Run directory.")
    .argument("[branch]", "Branch to print, such as b7, or best. Default: the whole run.")
    .option("--full", "Print every cell of the branch in full.")
    .option("--verbose", "Print how kernels were restored, the niches and the check of the journal, too.")
    .option("--json", "Print JSON.")
    .action(show);
}

/** Prints the run, or one branch of it. @throws RunError. */
async function show(
  dir: string,
  branchId: string | undefined,
  { json = false, full = false, verbose = false }: ShowFlags,
): Promise<void> {
  await using store = await openRunStore(dir, { mode: "read" });
  const chain = watchChain();
  const history = await readHistory(store, { onStep: chain.see });
  const shown: Shown = {
    dir,
    history,
    chain: chain.facts(),
    task: await readJson<Task>(store, history.task),
    branches: branchesInOrder(history),
    episodes: new Map(history.ended.map((episode) => [episode.outcome.proposal.id, episode])),
    isLive: (await liveSession(store.dir)) !== null,
    waiting: (await readWaitingCommands(store.dir)).map(describeCommand),
  };
  if (branchId === undefined) {
    if (json) printJson(await runJson(shown, store.dir));
    else print(runText(shown, verbose));
    return;
  }
  const branch = findBranch(history, branchId, dir);
  const notebook = await readJson<Notebook>(store, branch.notebook);
  const submission = await readJson<Submission>(store, branch.submission);
  if (json) return printJson({ ...branchJson(shown, branch, store.dir), submission, notebook });
  const file = branchFile(dir, branch.id);
  const operator = operatorOf(shown, branch);
  const [episode, reproduction] = [episodeOf(shown, branch), history.reproduced.get(branch.id)];
  const told = { dir, file, branch, operator, episode, reproduction, notebook, submission };
  print(branchText(told, { full, verbose }));
}

function episodeOf({ episodes }: Shown, { number }: Branch): EndedEpisode | undefined {
  return episodes.get(`p${number}`);
}

function describeCommand(command: RunCommand): string {
  if (command.kind === "steer") return `a note for ${describeNote(command)}`;
  return command.kind === "inject" ? "an injected notebook" : command.kind;
}

/** What `readRun` gives, and what only people look at. */
async function runJson(shown: Shown, dir: string) {
  const { history, task, chain, waiting } = shown;
  const restored = Object.fromEntries(restoresByProposal(history));
  return { ...(await recordOfRun(dir, history, task)), notes: notesText(history), waiting, chain, restored };
}

function branchJson(shown: Shown, branch: Branch, dir: string) {
  const { restores = [], tokens = 0, costUsd = 0 } = episodeOf(shown, branch) ?? {};
  const reproduction = shown.history.reproduced.get(branch.id) ?? null;
  const facts = runBranch(dir, branch, operatorOf(shown, branch), shown.history);
  return { ...facts, tokens, costUsd, reproduction, restored: restores };
}

function operatorOf(shown: Shown, branch: Branch): string {
  return episodeOf(shown, branch)?.outcome.proposal.operator ?? "founder";
}

function failuresOf({ ended }: History) {
  return ended.toArray().flatMap(({ outcome }) => (outcome.ok ? [] : [outcome]));
}

function notesText({ givenNotes }: History): readonly string[] {
  return givenNotes.map((note) => `steered after p${note.after}, ${describeNote(note)}`);
}

/** By proposal, in the order made. Proposals without a restored kernel are left out. */
function restoresByProposal({
  ended,
  open,
}: History): readonly (readonly [ProposalId, readonly Restored[]])[] {
  const over = ended.toArray().map(({ outcome, restores }) => ({ proposal: outcome.proposal, restores }));
  const under = [...open.values()].filter(({ outcome }) => outcome === null);
  return [...over, ...under]
    .filter(({ restores }) => restores.length > 0)
    .toSorted((a, b) => a.proposal.number - b.proposal.number)
    .map(({ proposal, restores }) => [proposal.id, restores] as const);
}

const ENDED: Readonly<Record<StopReason, string>> = {
  budget: "finished: its proposals, or another limit, were used up",
  target: "finished: the target is reached",
  exhausted: "finished: the strategy had nothing more to propose",
  asked: "stopped on request",
};

/** What a resumed run needs besides, to go further than its end. */
function furtherFlags(stopped: StopReason | null, proposals: number): readonly string[] {
  if (stopped === "target") return ["--target", "none"];
  return stopped === "budget" ? ["--proposals", String(2 * proposals)] : [];
}

/** A lineage that is deeper has its scores further to the right. */
const MOST_LEFT = 48;

/** The lineage as a tree by first parents. A second parent is named beside the move. */
function runText(shown: Shown, verbose: boolean): string {
  const { history, branches, task, chain } = shown;
  const rows: {
    readonly left: string;
    readonly score: string;
    readonly cost: string;
    readonly right: string;
  }[] = [];
  const walk = (branch: Branch, depth: number): void => {
    const [, second] = branch.parents;
    const proposal = episodeOf(shown, branch)?.outcome.proposal;
    const by = proposal?.model === undefined ? "" : ` by ${proposal.model}`;
    const move = `${operatorOf(shown, branch)}${by}${proposal?.notes === undefined ? "" : " (steered)"}`;
    const also = second === undefined ? "" : ` + ${second}`;
    const star = branch.id === history.best.id ? "  <- best" : "";
    const gone = goneNote(history.reproduced.get(branch.id));
    const left = `${"  ".repeat(depth)}${branch.id}  ${move}${also}`;
    const tokens = episodeOf(shown, branch)?.tokens ?? 0;
    rows.push({
      left,
      score: showNumber(ownScore(branch.score)),
      cost: tokens === 0 ? "" : `${tokens.toLocaleString("en")} tokens`,
      right: `${star}${gone}`,
    });
    for (const child of branches) if (child.parents[0] === branch.id) walk(child, depth + 1);
  };
  for (const branch of branches) if (branch.parents.length === 0) walk(branch, 0);
  const longest = (lengths: readonly number[]): number =>
    lengths.reduce((most, one) => Math.max(most, one), 0);
  const width = Math.min(MOST_LEFT, longest(rows.map(({ left }) => left.length)));
  const digits = longest(rows.map(({ score }) => score.length));
  const costs = longest(rows.map(({ cost }) => cost.length));
  const costOf = (cost: string): string => (costs === 0 ? "" : `  ${cost.padStart(costs)}`);
  const lines = [
    ...headLines(task, history),
    "",
    ...rows.map(({ left, score, cost, right }) =>
      `${left.padEnd(width)}  ${score.padStart(digits)}${costOf(cost)}${right}`.trimEnd(),
    ),
  ];
  for (const { proposal, failure } of failuresOf(history)) {
    lines.push(`${proposal.id} ${describeMove(proposal)}: failed (${failure.boundary}) ${failure.message}`);
  }
  lines.push("");
  if (verbose) lines.push(...nichesText(task.descriptors, branches));
  if (Object.keys(history.notices).length > 0) lines.push(`model: ${noticesText(history.notices)}`);
  for (const proposal of openProposals(history)) lines.push(`${proposal.id} ${describeMove(proposal)}: open`);
  lines.push(...notesText(history), ...shown.waiting.map((command) => `waiting for the run: ${command}`));
  if (history.paused) lines.push(`paused; go on with: ${ownCommand("unpause", pathWord(shown.dir))}`);
  if (verbose) {
    const restores = restoresByProposal(history);
    lines.push(...restoresText(restores.flatMap(([id, all]) => all.map((one) => [id, one] as const))));
  }
  if (verbose || chain.brokenAt !== null || chain.unchained > 0) lines.push(chainText(chain));
  lines.push(describeState(shown));
  return lines.join("\n");
}

function describeState({ dir, isLive, history }: Shown): string {
  const so = `${proposalsText(history)} made so far`;
  if (isLive) return `under way: ${so}`;
  const { stopped } = history;
  const state = stopped === null ? `not finished, ${so}` : ENDED[stopped];
  if (stopped === "exhausted") return state;
  return `${state}; go on with: ${ownCommand("resume", pathWord(dir), ...furtherFlags(stopped, ownProposals(history)))}`;
}

function goneNote(reproduction: Reproduction | undefined): string {
  return reproduction?.survives === false ? `  not reproduced: ${reproduction.reason}` : "";
}
