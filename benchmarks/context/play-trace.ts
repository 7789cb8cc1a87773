// Owns: playing a scenario with the real tools on a notebook whose kernel answers from the trace. No model, no chance.
import { applyEdits, emptyNotebook, markdownCell, nextCellId } from "../../src/core/notebook/notebook.ts";
import { ownNamesIn } from "../../src/core/python/defined-names.ts";
import { HARNESSES } from "../../src/environment/harness.ts";
import { adviseTurn } from "../../src/environment/replies.ts";
import { notebookTools } from "../../src/environment/tools/index.ts";
import { writeGoal } from "../../src/loop/prompt/round-header.ts";
import { writeStanding } from "../../src/loop/prompt/standing.ts";
import type {
  CellId,
  Harness,
  Score,
  ToolContext,
  Json,
  ModelReply,
  Notebook,
  ToolCall,
  ToolOutcome,
} from "../../src/contracts/index.ts";
import type { TraceStep, Trace, TraceRound } from "./inputs.ts";

interface TraceTurn {
  readonly reply: ModelReply;
  readonly results: readonly ToolOutcome[];
  /** What the environment says to a turn of words. */
  readonly told: string | null;
  /** After the turn. */
  readonly notebook: Notebook;
  readonly step: TraceStep | null;
}
export interface PlayedRound {
  /** What the round begins with under each harness. */
  readonly headers: Readonly<Record<Harness, string>>;
  readonly turns: readonly TraceTurn[];
}
export interface PlayedTrace {
  readonly name: string;
  readonly statement: string;
  /** Before the first round. */
  readonly founder: Notebook;
  readonly rounds: readonly PlayedRound[];
}

const TOOLS = notebookTools({ submission: "None" });

/** Round by round: a plan, one call a step, and the closing call. */
export async function playTrace(trace: Trace): Promise<PlayedTrace> {
  const statement = `Scenario ${trace.name}: improve the score of the notebook's result, round by round.`;
  const founder = applyEdits(emptyNotebook(), [
    { type: "cell-added", cell: markdownCell("c1", statement, { role: "task", round: 0 }) },
  ]);
  const ids = new Map<string, CellId>();
  const rounds: PlayedRound[] = [];
  let notebook = founder;
  for (const [i, round] of trace.rounds.entries()) {
    const turns: TraceTurn[] = [];
    for (const step of [...round.steps, null]) {
      const turn = await playStep(notebook, step, round, i + 1, ids);
      notebook = turn.notebook;
      turns.push(turn);
    }
    const full = `Round ${i + 1} of ${trace.rounds.length} on this branch. Goal: maximize the score.\nPresent score: ${bestScore(i)}`;
    rounds.push({ headers: { full, lean: leanHeader(i) }, turns });
  }
  return { name: trace.name, statement, founder, rounds };
}

/** The score that a round begins with: made up, rising, and different in each round. */
export function bestScore(round: number): string {
  return (0.51337 + round * 0.0371).toFixed(5);
}

const LEAN_LIMITS = { turnsPerRound: 12, callsPerRound: 24, cellTimeoutMs: 120_000 };

function leanHeader(round: number): string {
  const metrics = { score: Number(bestScore(round)) };
  const score: Score = { valid: true, fitness: metrics.score, metrics, message: "" };
  const task = { direction: "maximize", limits: LEAN_LIMITS } as const;
  const goal = writeGoal(task, "lean", { place: String(round + 1), score });
  return [...goal, writeStanding({ best: null, score, tried: [], futile: 0 }, "best")].join("\n");
}

const PLAN_ADVICE = adviseTurn(
  {},
  { silent: 0, repeats: 0, turns: 1, futile: 0, returns: 0 },
  { returns: 0 },
  HARNESSES.full,
);

async function playStep(
  notebook: Notebook,
  step: TraceStep | null,
  round: TraceRound,
  number: number,
  ids: Map<string, CellId>,
): Promise<TraceTurn> {
  if (step?.op === "md") {
    const id = nextCellId(notebook);
    const cell = markdownCell(id, step.source, { role: "plan", round: number });
    ids.set(step.key, id);
    const after = applyEdits(notebook, [{ type: "cell-added", cell }]);
    return {
      reply: reply(`${step.say}\n${step.source}`, []),
      results: [],
      told: PLAN_ADVICE,
      notebook: after,
      step,
    };
  }
  const call: ToolCall = { id: `t${number}-${nextCellId(notebook)}`, ...callOf(step, round, ids) };
  if (step?.op === "new") ids.set(step.key, nextCellId(notebook));
  const tool = TOOLS.find(({ name }) => name === call.tool);
  if (tool === undefined) throw new Error(`no tool ${call.tool}`);
  const result = await tool.run(call.arguments, contextAt(notebook, step, number));
  const after = applyEdits(notebook, result.edits);
  return {
    reply: reply(step?.say ?? "", [call]),
    results: [{ ...result, call }],
    told: null,
    notebook: after,
    step,
  };
}

function callOf(
  step: TraceStep | null,
  round: TraceRound,
  ids: ReadonlyMap<string, CellId>,
): { readonly tool: string; readonly arguments: Json } {
  const id = ids.get(step?.key ?? "") ?? "c0";
  switch (step?.op) {
    case undefined: {
      const named = (key: string): CellId[] => [ids.get(key) ?? []].flat();
      const choice = { summary: round.summary, pin: named(round.keep), drop: named(round.drop) };
      return { tool: "finish_round", arguments: choice };
    }
    case "read":
      return { tool: "read", arguments: { id, what: "output" } };
    case "edit":
      return { tool: "edit_run", arguments: { id, ...patch(step.old, step.source) } };
    case "md":
    case "new":
      return { tool: "run_code", arguments: { source: step.source } };
  }
}

/** The lines that differ, as a model would patch them; the whole source when they are not unique. */
function patch(before: string, after: string): { [name: string]: string } {
  const old = before.split("\n");
  const next = after.split("\n");
  let head = 0;
  while (head < old.length && head < next.length && old[head] === next[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < next.length - head && old.at(-1 - tail) === next.at(-1 - tail))
    tail++;
  const from = old.slice(head, old.length - tail).join("\n");
  const unique = from !== "" && before.split(from).length === 2;
  return unique ? { old: from, new: next.slice(head, next.length - tail).join("\n") } : { source: after };
}

function contextAt(notebook: Notebook, step: TraceStep | null, round: number): ToolContext {
  const limits = {
    turnsPerRound: 100,
    callsPerRound: 100,
    cellTimeoutMs: 60_000,
    roundTimeoutMs: 600_000,
    tokensPerEpisode: 1_000_000,
    verifierTimeoutMs: 60_000,
    verifierMemoryMb: 1024,
    contextTokens: 8000,
  };
  return {
    notebook,
    round,
    limits,
    seesImages: false,
    signal: new AbortController().signal,
    score: async () => ({ valid: false, fitness: null, metrics: {}, message: "not judged here" }),
    kernel: {
      execute: async () => ({
        outputs: step?.outputs ?? [],
        status: step?.failed === true ? "error" : "ok",
        durationMs: 1800,
      }),
      sketch: async () => ({ names: namesOf(step?.source ?? ""), fault: null }),
    },
  };
}

/** A trace has no types: each value is said to be of the same. */
function namesOf(source: string): ReadonlyMap<string, string> {
  const { signatures, names } = ownNamesIn(source);
  return new Map([
    ...names.map((name) => [name, `${name}: ndarray (40,)`] as const),
    ...signatures.map(({ name, text }) => [name, text] as const),
  ]);
}

function reply(text: string, calls: readonly ToolCall[]): ModelReply {
  const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: null };
  return { text, calls, usage, stop: calls.length > 0 ? "calls" : "end" };
}
