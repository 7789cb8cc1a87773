// Owns: carrying out a call by its tool, and checking what the tool gives: it may be a user's own.
// Never decides whether a call may be carried out, and never changes a notebook.
import { KernelLost, messageOf, ModelError, RunError } from "../core/errors.ts";
import { applyEdits } from "../core/notebook/notebook.ts";
import { capText } from "../core/output/clip.ts";
import { partFailure, type OwnPart } from "../core/own-part.ts";
import { findAnswerFault, findJsonFault, TOOL_RESULT } from "../core/part-answers.ts";
import { cleanText } from "../core/untrusted.ts";
import type { Json, Part, Tool, ToolContext, ToolResult } from "../contracts/index.ts";

const EXAMPLE = '{ content: [{ type: "text", text: "..." }], isError: false, edits: [] }';

/**
 * What the tool gives, as a model can be shown it.
 * @throws RunError `tool-failed`, with its name, for anything that it throws and for a result that is none; what the
 * kernel or the verifier throws through it; the signal's reason when aborted.
 */
export async function askTool(tool: Tool, args: Json, context: ToolContext): Promise<ToolResult> {
  const part: OwnPart = { kind: "tool", name: tool.name, place: tool.place };
  let result: ToolResult;
  try {
    result = await tool.run(args, context);
  } catch (cause) {
    context.signal.throwIfAborted();
    if (cause instanceof KernelLost || cause instanceof ModelError || cause instanceof RunError) throw cause;
    throw partFailure(part, `threw: ${messageOf(cause)}`, cause);
  }
  const fault = findAnswerFault(TOOL_RESULT, result) ?? findJsonFault(result);
  if (fault !== null)
    throw partFailure(part, `gave no valid result: ${fault}. A result is such as ${EXAMPLE}`);
  const edits = findEditFault(result, context);
  if (edits !== null) throw partFailure(part, `gave edits that the notebook cannot take: ${edits}`);
  const { content, remark } = result;
  const words = remark === undefined ? {} : { remark: readableText(remark) };
  return { ...result, ...words, content: content.map((one) => readablePart(one, context)) };
}

function findEditFault({ edits }: ToolResult, { notebook }: ToolContext): string | null {
  try {
    applyEdits(notebook, edits);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function readablePart(part: Part, { seesImages }: ToolContext): Part {
  if (part.type === "text") return { type: "text", text: readableText(part.text) };
  return seesImages ? part : { type: "text", text: "[picture not sent: this model does not see pictures]" };
}

function readableText(text: string): string {
  return cleanText(capText(text));
}

/** A result with more words behind it; null adds nothing. */
export function withWords(result: ToolResult, text: string | null): ToolResult {
  return text === null ? result : { ...result, content: [...result.content, { type: "text", text }] };
}
