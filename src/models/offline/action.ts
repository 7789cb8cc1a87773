// Owns: what a policy of the offline model wants done next, and how it becomes a reply.
import type { JsonObject, ModelReply, ToolSpec } from "../../contracts/index.ts";
import type { Exchange } from "./conversation.ts";

/** A call without its id. */
export interface CallDraft {
  readonly tool: string;
  readonly arguments: JsonObject;
}

/** Text alone, or calls. */
export interface Action {
  readonly text: string;
  readonly wishes: readonly CallDraft[];
}

/** What a policy decides from: the round so far, all text that is visible, and a seed of this turn's own. */
export interface Situation {
  readonly exchanges: readonly Exchange[];
  readonly text: string;
  readonly plan: string;
  readonly seed: number;
  /** Explorations a round. */
  readonly explorations: number;
  /** Local searches of an exploration; null for a few seconds' work. */
  readonly tries: number | null;
}

export const runCode = (source: string, comment: string): CallDraft => ({
  tool: "run_code",
  arguments: { source, comment },
});

export const act = (...wishes: readonly CallDraft[]): Action => ({ text: "", wishes });

/** Closes the round; `drop` names cells. */
export function finish(summary: string, drop: readonly (string | null)[] = []): CallDraft {
  const ids = [...new Set(drop.filter((id) => id !== null))];
  return { tool: "finish_round", arguments: { summary, ...(ids.length > 0 ? { drop: ids } : {}) } };
}

/** The wish without arguments that the tool does not have. */
export function fitting(wish: CallDraft, tools: readonly ToolSpec[]): CallDraft {
  const known = tools.find(({ name }) => name === wish.tool)?.parameters["properties"];
  if (known === undefined || known === null) return wish;
  const entries = Object.entries(wish.arguments).filter(([name]) => Object.hasOwn(Object(known), name));
  return { ...wish, arguments: Object.fromEntries(entries) };
}

/** The reply that carries an action out; `turn` makes its call ids differ from those of other turns. */
export function replyOf({ text, wishes }: Action, turn: number, seed: number): ModelReply {
  const calls = wishes.map((wish, at) => ({ id: `offline-${turn}-${seed.toString(36)}-${at}`, ...wish }));
  return {
    text,
    calls,
    usage: { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 },
    stop: calls.length > 0 ? "calls" : "end",
  };
}
