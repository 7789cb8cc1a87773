// Owns: what the environment itself tells the model: why a call was not done, and what became of a lost kernel.
import type {
  Decision,
  KernelState,
  Limits,
  Restored,
  Tool,
  ToolCall,
  ToolResult,
} from "../contracts/index.ts";
import type { TurnReply } from "./environment-types.ts";
import type { HarnessRules } from "./harness.ts";
import type { RoundState } from "./round.ts";

/** Why a call is not carried out; null when it may be. `tool`: the one that it names, if there is one. */
export function findRefusal(
  { finished, calls }: RoundState,
  { callsPerRound }: Limits,
  asked: {
    readonly call: ToolCall;
    readonly tool: Tool | undefined;
    readonly tools: readonly Tool[];
    readonly closing: Tool | undefined;
  },
): string | null {
  const { call, tool, tools, closing } = asked;
  if (finished) return "The round is closed; this was not done.";
  if (tool === undefined)
    return `There is no tool ${call.tool}. Tools: ${tools.map(({ name }) => name).join(", ")}.`;
  if (calls < callsPerRound || tool.closesRound === true) return null;
  const remedy = closing === undefined ? "" : ` Call ${closing.name}.`;
  return `The limit of ${callsPerRound} calls a round is reached.${remedy}`;
}

/** What a turn as a whole is answered, beside the results of its calls; null where there is nothing to say. `before`: its end. */
export function adviseTurn(
  reply: Pick<TurnReply, "unread" | "stop">,
  {
    silent,
    repeats,
    turns,
    futile,
    returns,
  }: Pick<RoundState, "silent" | "repeats" | "turns" | "futile" | "returns">,
  before: Pick<RoundState, "returns">,
  { plansFirst }: Pick<HarnessRules, "plansFirst">,
): string | null {
  const lines = [
    repeats > 0 ? "This repeats what came to nothing before. Do something else: a smaller step." : "",
    silent > 0 ? `Nothing was run: ${whyNothing(reply)}` : "",
    returns > before.returns ? describeReturn(futile) : "",
    plansFirst && turns === 1 ? "Now carry out the plan." : "",
  ].filter((line) => line !== "");
  return lines.length === 0 ? null : lines.join("\n");
}

function describeReturn(futile: number): string {
  const what = futile === 1 ? "The last turn" : `The last ${futile} turns`;
  return `${what} gained nothing: the notebook and its kernel are again as they were before.`;
}

function whyNothing({ unread, stop }: Pick<TurnReply, "unread" | "stop">): string {
  if (unread !== undefined) return unread;
  if (stop === "length")
    return "your reply reached the output limit before it came to an action. Be shorter.";
  return "your reply holds words alone.";
}

/** A call that was not carried out. */
export function refuseCall(text: string): ToolResult {
  return { content: [{ type: "text", text }], isError: true, edits: [] };
}

/** A call that somebody did not want to be carried out. */
export function denyCall(tool: string, { by, reason }: Decision): ToolResult {
  const who = by === "person" ? "The person who watches this run" : "The policy of this run";
  return refuseCall(
    `${who} denied this call of ${tool}; it was not done.${reason === "" ? "" : ` Reason: ${reason}`}`,
  );
}

/** The pool put another kernel in the place of one that hung: what differs in it; null when nothing does. */
export function recoveryNote(before: Restored | null, now: Restored | null): string | null {
  if (now === before || now === null || now.differences.length === 0) return null;
  return `The kernel was restored meanwhile (${now.tier}): ${now.differences.join(" ")}`;
}

/** What became of the state after the kernel died under a call. */
export function lostKernelNotes({ recipe }: KernelState, restored: Restored): string {
  const replayed = recipe.filter(({ status }) => status === "ok" || status === "error").length;
  const lost = recipe
    .filter(({ status }) => status === "died" || status === "interrupted")
    .map(({ cell }) => cell);
  const differences = restored.differences.map((difference) => `; ${difference}`).join("");
  return (
    `The kernel was restarted and its state restored (${restored.tier}, ${replayed} cells). ` +
    `Without effect now: ${[...new Set(lost)].join(", ")}${differences}.`
  );
}
