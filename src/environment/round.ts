// Owns: the rules of a round: what may be done next, what a turn adds to it, and what its end writes into the notebook.
// Pure: never runs a cell, asks a verifier or reads a clock.
import {
  advanceState,
  markdownCell,
  nextCellId,
  withMetadata,
  type NotebookState,
} from "../core/notebook/notebook.ts";
import type {
  Edit,
  JsonObject,
  Limits,
  Notebook,
  Score,
  Tool,
  ToolChoice,
  ToolResult,
  TurnRecord,
} from "../contracts/index.ts";

export interface RoundState extends NotebookState {
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
  /** The last turn made no call. */
  readonly silent: boolean;
}

/** The beginning of a round on this notebook. */
export function beginRound(state: NotebookState, round: number, tokens: number): RoundState {
  const { notebook, kernel } = state;
  return { notebook, kernel, round, tokens, turns: 0, calls: 0, finished: false, silent: false, score: null };
}

/** The tool that a model is made to call when a round must end; where several close one, the first. */
export function closingTool(tools: readonly Tool[]): Tool | undefined {
  return tools.find(({ closesRound }) => closesRound === true);
}

/**
 * What the model may do next: first a plan, which is text alone; at the end, and once a limit is reached, only
 * close the round. Null when the round is over.
 */
export function nextChoice(
  state: RoundState,
  limits: Limits,
  closing: Tool | undefined,
  isLate: boolean,
): ToolChoice | null {
  const turn = state.turns + 1;
  if (state.finished || turn > limits.turnsPerRound) return null;
  if (turn === 1) return "none";
  const isSilent = turn > 2 && state.silent;
  const isSpent = state.calls >= limits.callsPerRound || state.tokens >= limits.tokensPerEpisode || isLate;
  if (!isSpent && !isSilent && turn < limits.turnsPerRound) return "auto";
  return closing === undefined ? null : { tool: closing.name };
}

/** The state after a call, as far as its result says: what ran in the kernel is in the edits. */
export function afterCall(state: RoundState, result: ToolResult): RoundState {
  return {
    ...state,
    ...advanceState(state, result.edits),
    calls: state.calls + 1,
    finished: state.finished || result.finished === true,
    score: result.score ?? state.score,
  };
}

/** The state after a turn whose calls were carried out one by one. */
export function endTurn(state: RoundState, calls: number, tokens: number): RoundState {
  return { ...state, turns: state.turns + 1, silent: calls === 0, tokens: state.tokens + tokens };
}

/** The state after a turn that was carried out before; its tokens are counted already. */
export function afterTurn(state: RoundState, turn: TurnRecord): RoundState {
  const after = turn.results.reduce(afterCall, { ...state, ...advanceState(state, turn.edits) });
  return endTurn(after, turn.results.length, 0);
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
