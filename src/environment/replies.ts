// Owns: what the environment itself tells the model.
import type { Decision, KernelState, Restored, ToolResult } from "../contracts/index.ts";

/** A call that was not carried out. */
export function refused(text: string): ToolResult {
  return { content: [{ type: "text", text }], isError: true, edits: [] };
}

/** A call that somebody did not want to be carried out. */
export function denied(tool: string, { by, reason }: Decision): ToolResult {
  const who = by === "person" ? "The person who watches this run" : "The policy of this run";
  return refused(
    `${who} denied this call of ${tool}; it was not done.${reason === "" ? "" : ` Reason: ${reason}`}`,
  );
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
