// Owns: prompt events as the loop would send them, for tests of renderers.
import { codeCell } from "../../src/core/notebook/notebook.ts";
import type { Edit, Json, ModelReply, PromptEvent, Output } from "../../src/contracts/index.ts";

const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, costUsd: null };

/** A cell that was added and ran; `failure`: `Name: message`. */
export function addCell(id: string, source: string, output: string, failure?: string): readonly Edit[] {
  return [
    { type: "cell-added", cell: codeCell(id, source, { role: "code", round: 1 }) },
    {
      type: "cell-ran",
      id,
      outputs: failure === undefined ? [stream(output)] : [stream(output), error(failure)],
      status: failure === undefined ? "ok" : "error",
      durationMs: 1,
    },
  ];
}

let number = 0;

/** A turn of one call, its words and what it did. */
export function callEvent(tool: string, args: Json, said: string, edits: readonly Edit[]): PromptEvent {
  const call = { id: `k${number++}`, tool, arguments: args };
  const reply: ModelReply = { text: "", calls: [call], usage, stop: "calls" };
  return {
    type: "turn-ended",
    reply,
    results: [{ call, content: [{ type: "text", text: said }], isError: false, edits }],
  };
}

/** A turn of words alone. */
export function sayEvent(text: string): PromptEvent {
  return { type: "turn-ended", reply: { text, calls: [], usage, stop: "end" }, results: [] };
}

function stream(text: string): Output {
  return { output_type: "stream", name: "stdout", text };
}

function error(failure: string): Output {
  const [ename = "", evalue = ""] = failure.split(": ");
  return { output_type: "error", ename, evalue, traceback: [failure] };
}
