// Owns: the rules of a round: what may be done next, what a turn adds to it, and what its end writes into the notebook.
// Pure: never runs a cell, asks a verifier or reads a clock.
import {
  advanceState,
  countRounds,
  markdownCell,
  nextCellId,
  withMetadata,
  type NotebookState,
} from "../core/notebook/notebook.ts";
import { beginsAnew, noteAttempt, NO_ATTEMPTS, returnTo, type Attempts } from "./attempts.ts";
import type { HarnessRules } from "./harness.ts";
import type {
  Edit,
  JsonObject,
  Limits,
  Notebook,
  Score,
  Tool,
  ToolChoice,
  ToolOutcome,
  ToolResult,
  TurnRecord,
  ValidScore,
} from "../contracts/index.ts";

export interface RoundState extends NotebookState, Attempts {
  /** The round being played, counted along the lineage from 1. */
  readonly round: number;
  /** Turns of this round so far. */
  readonly turns: number;
  /** Calls of this round so far, refused ones included. */
  readonly calls: number;
  /** A call closed the round. */
  readonly finished: boolean;
  /** The last verdict of this round; before its first one null, or the founder's where `reset` ran it. */
  readonly score: Score | null;
  /** Input and output tokens of the whole episode. */
  readonly tokens: number;
  /** The best valid verdict of this round, with the state that it was given for; null before the first. */
  readonly best: JudgedState | null;
  /** Turns in a row without a call, a plan not counted. */
  readonly silent: number;
  /** Turns in a row that came to nothing with the calls of the turn before. */
  readonly repeats: number;
  /** The calls of the last turn, as text; empty where they are no matter of repetition. */
  readonly lastCalls: string;
  /** The last state that was good: that of the best verdict, or the round's beginning. */
  readonly good: NotebookState;
  /** How often the round went back to it. */
  readonly returns: number;
}

/** A state with the verdict on its submission. */
export interface JudgedState extends NotebookState {
  readonly score: ValidScore;
}

/** The beginning of the notebook's next round. `score`: the verdict on it, where that is known. */
export function beginRound(
  state: NotebookState,
  tokens: number,
  score: Score | null,
  { keepsStart }: Pick<HarnessRules, "keepsStart">,
): RoundState {
  const { notebook, kernel } = state;
  const round = countRounds(notebook) + 1;
  const counts = { turns: 0, calls: 0, silent: 0, repeats: 0, returns: 0 };
  return {
    notebook,
    kernel,
    round,
    tokens,
    ...counts,
    ...NO_ATTEMPTS,
    finished: false,
    score: null,
    best: keepsStart && score?.valid === true ? { notebook, kernel, score } : null,
    good: { notebook, kernel },
    lastCalls: "",
  };
}

/** The tool that a model is made to call when a round must end; where several close one, the first. */
export function closingTool(tools: readonly Tool[]): Tool | undefined {
  return tools.find(({ closesRound }) => closesRound === true);
}

/** A model is asked this often in a row to act before the round is closed without it. */
const MOST_SILENT = 3;
/** Turns in a row that fail in the same way before the round is closed. */
const MOST_REPEATS = 2;

/**
 * What the model may do next: first a plan, which is text alone, where the harness has one; at the end, and once a limit is
 * reached, only close the round. Null when the round is over: a demanded call that did not come is not demanded again.
 */
export function nextChoice(
  state: RoundState,
  limits: Limits,
  { plansFirst, demandsClose }: HarnessRules,
  closing: Tool | undefined,
  isLate: boolean,
): ToolChoice | null {
  const turn = state.turns + 1;
  if (state.finished || turn > limits.turnsPerRound) return null;
  if (turn === 1 && plansFirst) return "none";
  const isStuck = state.silent >= MOST_SILENT || state.repeats >= MOST_REPEATS;
  const isSpent = state.calls >= limits.callsPerRound || state.tokens >= limits.tokensPerEpisode || isLate;
  if (!demandsClose || closing === undefined) return isSpent || isStuck ? null : "auto";
  if (isStuck || (isSpent && state.silent > 0)) return null;
  const mustClose = isSpent || turn === limits.turnsPerRound || state.silent === MOST_SILENT - 1;
  return mustClose ? { tool: closing.name } : "auto";
}

/** The state after a call, as far as its result says: what ran in the kernel is in the edits. */
export function afterCall(state: RoundState, result: ToolResult): RoundState {
  const { notebook, kernel } = advanceState(state, result.edits);
  const next = {
    ...state,
    ...{ notebook, kernel },
    calls: state.calls + 1,
    finished: state.finished || result.finished === true,
  };
  return result.score === undefined ? next : afterVerdict(next, result.score);
}

/** The state after a verdict on its submission. */
export function afterVerdict(state: RoundState, score: Score): RoundState {
  const { notebook, kernel, best } = state;
  if (!score.valid || (best !== null && score.fitness <= best.score.fitness)) return { ...state, score };
  return { ...state, score, best: { notebook, kernel, score }, good: { notebook, kernel } };
}

/** The state after a turn whose calls were carried out one by one. */
export function endTurn(
  state: RoundState,
  results: readonly ToolOutcome[],
  tokens: number,
  rules: Pick<HarnessRules, "plansFirst" | "startsAnew">,
): RoundState {
  const isPlan = rules.plansFirst && state.turns === 0;
  const isSilent = results.length === 0 && !isPlan;
  const gained = ranCell(results) && state.good.notebook === state.notebook;
  const lastCalls = describeCalls(results, rules.startsAnew);
  const next = {
    ...state,
    ...(isPlan ? {} : noteAttempt(state, results, state.best?.score ?? null, gained)),
    turns: state.turns + 1,
    silent: isSilent ? state.silent + 1 : 0,
    repeats: !gained && lastCalls !== "" && lastCalls === state.lastCalls ? state.repeats + 1 : 0,
    lastCalls,
    tokens: state.tokens + tokens,
  };
  if (!rules.startsAnew || state.finished || !beginsAnew(next, next.repeats)) return next;
  const anew = { ...next, stretch: 0, failed: 0 };
  if (state.notebook === state.good.notebook) return anew;
  const good = returnTo(next, next.good);
  return { ...anew, ...good, good, returns: next.returns + 1 };
}

/** Whether a turn with these results ran a cell. */
export function ranCell(results: readonly Pick<ToolOutcome, "edits">[]): boolean {
  return results.some(({ edits }) => edits.some(({ type }) => type === "cell-ran"));
}

/** The calls of a turn; empty for one in which a call succeeded, unless `counts` says that this is no end in itself. */
function describeCalls(results: readonly ToolOutcome[], counts: boolean): string {
  if (!counts && !results.every(({ isError }) => isError)) return "";
  return results.map(({ call }) => `${call.tool} ${JSON.stringify(call.arguments)}`).join("\n");
}

/** The state after a turn that was carried out before; its tokens are counted already. */
export function afterTurn(state: RoundState, turn: TurnRecord, harness: HarnessRules): RoundState {
  const opened =
    turn.edits.length === 0 ? state : afterOpening({ ...state, ...advanceState(state, turn.edits) });
  return endTurn(turn.results.reduce(afterCall, opened), turn.results, 0, harness);
}

/** The state after a graft and a plan, which are no attempt of the model's. */
export function afterOpening(state: RoundState): RoundState {
  const { notebook, kernel } = state;
  return { ...state, calls: 0, good: { notebook, kernel } };
}

/** The plan as a markdown cell at the end of the notebook; nothing for a reply without words. */
export function planEdits({ notebook, round }: RoundState, text: string): readonly Edit[] {
  if (text.trim() === "") return [];
  const cell = markdownCell(nextCellId(notebook), text.trim(), { role: "plan", round });
  return [{ type: "cell-added", cell }];
}

/** The notebook with its round and score in its metadata, beside `metadata`. */
export function markScore({ notebook, round }: RoundState, score: Score, metadata: JsonObject): Notebook {
  const { valid, fitness, metrics, message } = score;
  return withMetadata(notebook, {
    rounds: round,
    ...metadata,
    score: { valid, fitness, metrics: { ...metrics }, message },
  });
}
