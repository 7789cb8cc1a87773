// Owns: histories of runs whose every episode a test chooses, without kernels, models or files.
import fc from "fast-check";
import { reduceHistory } from "../../src/core/run/reduce-history.ts";
import type { History } from "../../src/core/run/history.ts";
import type { Branch, Operator, Proposal, RunEvent } from "../../src/contracts/index.ts";

/** One episode: what it descends from, and what it scored; null: it failed. */
export interface MadeEpisode {
  readonly operator: Operator;
  /** Any number: it is taken modulo the branches that there are. */
  readonly parents: readonly number[];
  readonly fitness: number | null;
  readonly tokens: number;
  /** Whether reproduction refutes its branch. */
  readonly isRefuted: boolean;
}

const HASH = "0".repeat(64);
const OPERATORS = ["draft", "improve", "repair", "cross", "restart", "simplify", "inject"] as const;

export const madeEpisodes = fc.array(
  fc.record({
    operator: fc.constantFrom(...OPERATORS),
    parents: fc.array(fc.nat(1000), { minLength: 1, maxLength: 2 }),
    fitness: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { freq: 4 }),
    tokens: fc.nat(5000),
    isRefuted: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  }),
  { maxLength: 60 },
);

function madeBranch(number: number, parents: readonly Branch[], fitness: number): Branch {
  const [parent] = parents;
  return {
    id: `b${number}`,
    number,
    parents: parents.map(({ id }) => id),
    generation: parent === undefined ? 0 : parent.generation + 1,
    score: { valid: true, fitness, metrics: { score: fitness }, message: "" },
    descriptor: [],
    notebook: HASH,
    kernel: HASH,
    context: HASH,
    submission: HASH,
  };
}

/** The history after each event. The last `open` episodes do not end. */
export function madeHistories(episodes: readonly MadeEpisode[], open = 0): readonly History[] {
  const founder = madeBranch(0, [], 1);
  const branches = [founder];
  const started: RunEvent = { type: "run-started", version: 2, seed: 1, task: HASH, settings: {}, founder };
  const histories = [reduceHistory(null, started, 1000)];
  const add = (event: RunEvent): void => {
    const latest = histories.at(-1) ?? null;
    histories.push(reduceHistory(latest, event, 1000 * (histories.length + 1)));
  };
  for (const [index, { operator, parents: chosen, fitness, tokens, isRefuted }] of episodes.entries()) {
    const number = index + 1;
    const parents = [...new Set(chosen.map((one) => branches[one % branches.length] ?? founder))];
    const isInjected = operator === "inject";
    const proposal: Proposal = {
      id: `p${number}`,
      number,
      operator,
      parents: parents.map(({ id }) => id),
      island: 0,
      ...(isInjected ? { injected: { command: `c${number}`, notebook: HASH } } : {}),
    };
    add({ type: "proposal-made", proposal });
    if (index >= episodes.length - open) continue;
    const usage = { inputTokens: tokens, cachedTokens: 0, outputTokens: 0, costUsd: tokens / 1e6 };
    const turn = { proposal: proposal.id, round: 1, turn: 1, model: "made", reply: HASH };
    add({ type: "turn-ended", ...turn, usage });
    if (fitness === null) {
      const failure = { boundary: "model", message: "no reply" } as const;
      add({ type: "episode-ended", outcome: { ok: false, proposal, failure } });
    } else {
      const branch = madeBranch(number, isInjected ? [] : parents, fitness);
      branches.push(branch);
      add({ type: "episode-ended", outcome: { ok: true, proposal, branch } });
    }
    add({ type: "proposal-told", proposal: proposal.id });
    if (fitness === null || !isRefuted) continue;
    const reproduction = {
      survives: false,
      reason: "it differs",
      score: null,
      differences: [],
      durationMs: 1,
    };
    add({ type: "branch-reproduced", branch: `b${number}`, reproduction });
  }
  return histories;
}

/** The history in the end. */
export function madeHistory(episodes: readonly MadeEpisode[], open = 0): History {
  const history = madeHistories(episodes, open).at(-1);
  if (history === undefined) throw new Error("A made run has its founder.");
  return history;
}
