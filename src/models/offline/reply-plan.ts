// Owns: what the offline model wants to do next, and turning that into a reply.
import type { JsonObject, ModelReply, ToolSpec } from "../../contracts/index.ts";

/** A call without its id. */
export interface CallDraft {
  readonly tool: string;
  readonly arguments: JsonObject;
}

/** Text alone, or calls alone. */
export interface ReplyPlan {
  readonly text: string;
  readonly calls: readonly CallDraft[];
}

export function planText(text: string): ReplyPlan {
  return { text, calls: [] };
}

export function planCalls(...calls: readonly CallDraft[]): ReplyPlan {
  return { text: "", calls };
}

export function draftRunCode(source: string, comment: string): CallDraft {
  return { tool: "run_code", arguments: { source, comment } };
}

/** Closes the round with the named tool; `drop` holds the ids of cells. */
export function draftClosing(
  tool: string,
  summary: string,
  drop: readonly (string | null)[] = [],
): CallDraft {
  const ids = [...new Set(drop.filter((id) => id !== null))];
  return { tool, arguments: ids.length > 0 ? { summary, drop: ids } : { summary } };
}

/** The reply, without arguments that the tools do not have. `turn` makes its call ids differ from other turns'. */
export function toReply(
  { text, calls: drafts }: ReplyPlan,
  tools: readonly ToolSpec[],
  turn: number,
  seed: number,
): ModelReply {
  const calls = drafts.map((draft, at) => ({
    id: `offline-${turn}-${seed.toString(36)}-${at}`,
    ...removeUnknownArguments(draft, tools),
  }));
  return {
    text,
    calls,
    usage: { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 },
    stop: calls.length > 0 ? "calls" : "end",
  };
}

function removeUnknownArguments(draft: CallDraft, tools: readonly ToolSpec[]): CallDraft {
  const known = tools.find(({ name }) => name === draft.tool)?.parameters["properties"];
  if (known === undefined || known === null) return draft;
  const entries = Object.entries(draft.arguments).filter(([name]) => Object.hasOwn(Object(known), name));
  return { ...draft, arguments: Object.fromEntries(entries) };
}
