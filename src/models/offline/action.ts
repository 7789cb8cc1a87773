// Owns: what a policy of the offline model wants done next, and how it becomes a reply.
import type { JsonObject, ModelReply } from "../../spec/index.ts";
import type { Exchange } from "./conversation.ts";

/** A call without its id. */
export interface Wish {
  readonly tool: string;
  readonly arguments: JsonObject;
}

/** Text alone, or calls. */
export interface Action {
  readonly text: string;
  readonly wishes: readonly Wish[];
}

/** What a policy decides from: the round so far, all text that is visible, and a seed of this turn's own. */
export interface Situation {
  readonly exchanges: readonly Exchange[];
  readonly text: string;
  readonly plan: string;
  readonly seed: number;
  /** Explorations a round. */
  readonly explorations: number;
}

export const runCode = (source: string, comment: string): Wish => ({
  tool: "run_code",
  arguments: { source, comment },
});

export const act = (...wishes: readonly Wish[]): Action => ({ text: "", wishes });

/** Closes the round; `drop` and `fold` name cells, each once. */
export function finish(
  summary: string,
  cells: { readonly drop?: readonly (string | null)[]; readonly fold?: readonly (string | null)[] } = {},
): Wish {
  const ids = (list: readonly (string | null)[] = []): readonly string[] => [
    ...new Set(list.filter((id) => id !== null)),
  ];
  const drop = ids(cells.drop);
  const fold = ids(cells.fold);
  return {
    tool: "finish_round",
    arguments: {
      summary,
      ...(drop.length > 0 ? { drop } : {}),
      ...(fold.length > 0 ? { fold } : {}),
    },
  };
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
