// Owns: a reply put together from the pieces of a chat completion, however a server cuts and numbers them.
// Never judges the reply: `finish-reply.ts` does.
import type { Json, JsonObject } from "../../../contracts/index.ts";
import { ModelFailure } from "../../signals/failure.ts";
import { countOf, isJsonObject, listOf, recordOf, parseJson, stringOf } from "../../../core/untrusted.ts";

/** A tool call as it was received. */
export interface DraftCall {
  readonly id: string;
  /** The number that the server gave it, which is often wrong; null where it gave none. */
  readonly index: number | null;
  readonly tool: string;
  /** The text of the arguments, all pieces joined. */
  readonly text: string;
  /** Unknown fields of the call, which its provider may want back. */
  readonly extra: JsonObject;
  /** The end of the text: the whole of it is put together from its pieces only once it is read. Default empty. */
  readonly tail?: string;
  /** How often its name came again behind text that looked whole. Default 0. */
  readonly renamed?: number;
}

/** What was received of a reply, complete or not. */
export interface ReplyDraft {
  readonly text: string;
  /** What it thought before, where the server keeps that apart. */
  readonly thought: string;
  readonly refusal: string;
  readonly calls: readonly DraftCall[];
  /** The server's `finish_reason`; empty when none came. */
  readonly finish: string;
  /** The server said that the reply is complete. */
  readonly closed: boolean;
  readonly usage: JsonObject | null;
  /** Fields of the message (reasoning) that its provider wants back with the calls. */
  readonly extra: JsonObject;
}

/** The finish of a reply that was cut here, because it had begun to repeat itself. */
export const REPEATED = "repetition";

export const EMPTY_DRAFT: ReplyDraft = {
  text: "",
  thought: "",
  refusal: "",
  calls: [],
  finish: "",
  closed: false,
  usage: null,
  extra: {},
};

/** The draft after one more chunk of the stream, or after the one body of a reply that is not streamed. */
export function addChunk(draft: ReplyDraft, chunk: JsonObject): ReplyDraft {
  const choice = listOf(chunk["choices"])
    .map((item) => recordOf(item))
    .find((one) => (countOf(one["index"]) ?? 0) === 0);
  const usage = isJsonObject(chunk["usage"]) ? chunk["usage"] : recordOf(chunk["x_groq"])["usage"];
  const counted = isJsonObject(usage) ? { ...draft, usage } : draft;
  return choice === undefined ? counted : addChoice(counted, choice);
}

function addChoice(draft: ReplyDraft, choice: JsonObject): ReplyDraft {
  const delta = recordOf(choice["delta"] ?? choice["message"]);
  const legacy = isJsonObject(delta["function_call"]) ? [{ function: delta["function_call"] }] : [];
  const pieces = [...listOf(delta["tool_calls"]), ...legacy].map((raw) => toDraftCall(recordOf(raw)));
  // In a message that came whole, each entry is a call, whatever its id and number.
  const isWhole = choice["delta"] === undefined && draft.calls.length === 0;
  return {
    ...draft,
    text: draft.text + textOfContent(delta["content"]),
    // Ollama, vLLM and routers have another name for it.
    thought: draft.thought + (stringOf(delta["reasoning_content"]) || stringOf(delta["reasoning"])),
    refusal: draft.refusal + stringOf(delta["refusal"]),
    calls: isWhole ? checkCount(pieces) : pieces.reduce(addCallPiece, draft.calls),
    finish: stringOf(choice["finish_reason"]) || draft.finish,
    extra: addReasoning(draft.extra, delta),
  };
}

/** The text of a string or of a list of parts; reasoning parts have none. */
function textOfContent(content: Json | undefined): string {
  if (!Array.isArray(content)) return stringOf(content);
  return listOf(content)
    .map((part) => stringOf(recordOf(part)["text"]))
    .join("");
}

/** Joins the pieces of the reasoning that models want back within a chain of tool calls. */
function addReasoning(extra: JsonObject, delta: JsonObject): JsonObject {
  const content = delta["reasoning_content"];
  const details = listOf(delta["reasoning_details"]);
  return {
    ...extra,
    ...(typeof content === "string" && content !== ""
      ? { reasoning_content: stringOf(extra["reasoning_content"]) + content }
      : {}),
    ...(details.length > 0 ? { reasoning_details: [...listOf(extra["reasoning_details"]), ...details] } : {}),
  };
}

/**
 * Adds a piece to the call it belongs to. Servers omit `index`, send 0 for every call, repeat or omit the id, or give two
 * calls one id.
 */
function addCallPiece(calls: readonly DraftCall[], piece: DraftCall): readonly DraftCall[] {
  const at = findOwner(calls, piece);
  const owner = calls[at];
  if (owner === undefined) return checkCount([...calls, piece]);
  const { renamed = 0 } = owner;
  const joined = {
    ...owner,
    ...(mayBeWhole(owner, piece) && { renamed: renamed + 1 }),
    id: owner.id || piece.id,
    tool: owner.tool || piece.tool,
    text: checkLength(owner.text + piece.text),
    tail: endOf((owner.tail ?? "") + piece.text),
    extra: { ...owner.extra, ...piece.extra },
  };
  return calls.with(at, joined);
}

/** More calls than this in one reply, or more text in one, are no reply. */
const MOST_CALLS = 128;
const MOST_CHARACTERS = 4_000_000;

/** The calls, where they are no more than a reply may have. @throws ModelFailure `garbled`. */
export function checkCount(calls: readonly DraftCall[]): readonly DraftCall[] {
  if (calls.length > MOST_CALLS)
    throw new ModelFailure("garbled", `the reply has more than ${MOST_CALLS} calls`, { mostRetries: 1 });
  return calls;
}

function checkLength(text: string): string {
  if (text.length > MOST_CHARACTERS)
    throw new ModelFailure("garbled", `a call in the reply has more than ${MOST_CHARACTERS} characters`, {
      mostRetries: 1,
    });
  return text;
}

function toDraftCall(raw: JsonObject): DraftCall {
  const { id, index, function: inner, type: _type, ...extra } = raw;
  const { name, arguments: args } = recordOf(inner);
  const text = typeof args === "object" && args !== null ? JSON.stringify(args) : stringOf(args);
  return { id: stringOf(id), index: countOf(index), tool: stringOf(name), text, tail: endOf(text), extra };
}

/** The position of the call that the piece continues, or -1 where it begins a new one. */
function findOwner(calls: readonly DraftCall[], piece: DraftCall): number {
  const at = findCandidate(calls, piece);
  const candidate = calls[at];
  return candidate === undefined || beginsCall(piece, candidate) ? -1 : at;
}

/** The latest call that the piece could continue: the one of its id and number, of its id, of its number, or the last. */
function findCandidate(calls: readonly DraftCall[], piece: DraftCall): number {
  if (piece.id !== "") {
    const both = calls.findLastIndex(({ id, index }) => id === piece.id && index === piece.index);
    const same = both === -1 ? calls.findLastIndex(({ id }) => id === piece.id) : both;
    if (same !== -1) return same;
  }
  return piece.index === null ? calls.length - 1 : calls.findLastIndex(({ index }) => index === piece.index);
}

/** Only what names a tool begins a call: with another id, number or tool, or behind arguments that are whole. */
function beginsCall(piece: DraftCall, candidate: DraftCall): boolean {
  if (piece.tool === "") return false;
  const isOther = (one: string | number | null, other: string | number | null): boolean =>
    one !== "" && other !== "" && one !== null && other !== null && one !== other;
  if (isOther(piece.id, candidate.id) || isOther(piece.index, candidate.index)) return true;
  if (isOther(piece.tool, candidate.tool) && candidate.text !== "") return true;
  return mayBeWhole(candidate, piece) && isJsonObject(parseJson(candidate.text));
}

/** A server that sends the name with each piece would else have the whole text parsed for each. */
const MOST_RENAMED = 64;

function mayBeWhole({ tail = "", renamed = 0 }: DraftCall, piece: DraftCall): boolean {
  return piece.tool !== "" && renamed < MOST_RENAMED && tail.trimEnd().endsWith("}");
}

function endOf(text: string): string {
  return text.slice(-100);
}
