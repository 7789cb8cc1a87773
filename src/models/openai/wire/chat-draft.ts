// Owns: a reply put together from the pieces of a chat completion, however a server cuts and numbers them.
// Never judges the reply: `finish-reply.ts` does.
import type { Json, JsonObject } from "../../../contracts/index.ts";
import { countIn, isObject, listIn, objectIn, parseJson, textIn } from "./untrusted-json.ts";

/** A tool call as it came. */
export interface DraftCall {
  readonly id: string;
  /** The number that the server gave it, if any: often wrong. */
  readonly index: number | null;
  readonly tool: string;
  /** The text of the arguments as it came, all pieces joined. */
  readonly text: string;
  /** Unknown fields of the call: its provider may want them back. */
  readonly extra: JsonObject;
}

/** All that came of a reply; complete or not. */
export interface Draft {
  readonly text: string;
  readonly refusal: string;
  readonly calls: readonly DraftCall[];
  /** `finish_reason`, in the server's own word; empty when none came. */
  readonly finish: string;
  /** The server said that this is all. */
  readonly closed: boolean;
  readonly usage: JsonObject | null;
  /** Fields of the message (reasoning) that its provider wants back with the calls. */
  readonly extra: JsonObject;
}

export const EMPTY_DRAFT: Draft = {
  text: "",
  refusal: "",
  calls: [],
  finish: "",
  closed: false,
  usage: null,
  extra: {},
};

/** The draft after one more chunk of the stream, or after the one body of a reply that is not streamed. */
export function withChunk(draft: Draft, chunk: JsonObject): Draft {
  const choice = listIn(chunk["choices"])
    .map(objectIn)
    .find((one) => (countIn(one["index"]) ?? 0) === 0);
  const usage = isObject(chunk["usage"]) ? chunk["usage"] : objectIn(chunk["x_groq"])["usage"];
  const counted = isObject(usage) ? { ...draft, usage } : draft;
  return choice === undefined ? counted : withChoice(counted, choice);
}

function withChoice(draft: Draft, choice: JsonObject): Draft {
  const delta = objectIn(choice["delta"] ?? choice["message"]);
  const legacy = isObject(delta["function_call"]) ? [{ function: delta["function_call"] }] : [];
  return {
    ...draft,
    text: draft.text + contentText(delta["content"]),
    refusal: draft.refusal + textIn(delta["refusal"]),
    calls: [...listIn(delta["tool_calls"]), ...legacy].reduce(withPiece, draft.calls),
    finish: textIn(choice["finish_reason"]) || draft.finish,
    extra: withReasoning(draft.extra, delta),
  };
}

/** Text as a string or as a list of parts; thinking among the parts is not text. */
function contentText(content: Json | undefined): string {
  if (!Array.isArray(content)) return textIn(content);
  return listIn(content)
    .map((part) => textIn(objectIn(part)["text"]))
    .join("");
}

/** Reasoning that models want back within a chain of tool calls, joined from its pieces. */
function withReasoning(extra: JsonObject, delta: JsonObject): JsonObject {
  const content = delta["reasoning_content"];
  const details = listIn(delta["reasoning_details"]);
  return {
    ...extra,
    ...(typeof content === "string" && content !== ""
      ? { reasoning_content: textIn(extra["reasoning_content"]) + content }
      : {}),
    ...(details.length > 0 ? { reasoning_details: [...listIn(extra["reasoning_details"]), ...details] } : {}),
  };
}

/** Adds a piece to the call it belongs to. Servers omit `index`, send 0 for all, repeat or omit the id. */
function withPiece(calls: readonly DraftCall[], raw: Json): readonly DraftCall[] {
  const piece = pieceOf(objectIn(raw));
  const at = ownerOf(calls, piece);
  const owner = calls[at];
  if (owner === undefined) return [...calls, piece];
  const joined = {
    ...owner,
    id: owner.id || piece.id,
    tool: owner.tool || piece.tool,
    text: owner.text + piece.text,
    extra: { ...owner.extra, ...piece.extra },
  };
  return calls.with(at, joined);
}

function pieceOf(raw: JsonObject): DraftCall {
  const { id, index, function: inner, type: _type, ...extra } = raw;
  const { name, arguments: args } = objectIn(inner);
  const text = typeof args === "object" && args !== null ? JSON.stringify(args) : textIn(args);
  return { id: textIn(id), index: countIn(index), tool: textIn(name), text, extra };
}

/** The position of the call that the piece continues, or -1 where it begins a new one. */
function ownerOf(calls: readonly DraftCall[], piece: DraftCall): number {
  if (piece.id !== "") {
    const same = calls.findIndex((call) => call.id === piece.id);
    if (same !== -1) return same;
  }
  const at =
    piece.index === null ? calls.length - 1 : calls.findLastIndex((call) => call.index === piece.index);
  const candidate = calls[at];
  if (candidate === undefined) return -1;
  const otherId = piece.id !== "" && candidate.id !== "";
  const beginsAnew = piece.tool !== "" && (otherId || isObject(parseJson(candidate.text)));
  return beginsAnew ? -1 : at;
}
