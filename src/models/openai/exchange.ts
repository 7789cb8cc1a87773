// Owns: one HTTP exchange with an endpoint, from a request on its way to the draft of a reply. Never retries.
import type { APIPromise } from "openai";
import type { Json, JsonObject } from "../../contracts/index.ts";
import { ModelFailure } from "../signals/failure.ts";
import type { Deadlines } from "./deadlines.ts";
import { EMPTY_DRAFT, REPEATED, type ReplyDraft } from "./wire/chat-draft.ts";
import { watchRepetition } from "./wire/repetition.ts";
import { describeText, readReplyError } from "./wire/server-errors.ts";
import { isJsonObject, parseJson } from "../../core/untrusted.ts";

/** Adds one piece of a reply, in one API's format, to the draft. */
export type AddPiece = (draft: ReplyDraft, piece: JsonObject) => ReplyDraft;

/** A request on its way, and how its reply is read. */
export interface SentRequest {
  readonly sent: APIPromise<unknown>;
  readonly addPiece: AddPiece;
  /** Called with the headers as soon as the server begins to answer. */
  readonly onAccepted: (headers: Headers) => void;
}

/** Reads the reply, streamed or not: servers do not always answer in the form that was asked for. */
export async function receiveReply(
  { sent, addPiece, onAccepted }: SentRequest,
  limits: Deadlines,
): Promise<{ readonly draft: ReplyDraft; readonly streamed: boolean }> {
  const response = await sent.asResponse();
  onAccepted(response.headers);
  const bytes = boundBytes(limits.watch((response.body ?? []) as AsyncIterable<Uint8Array>));
  const streamed = /event-stream|x-ndjson/.test(response.headers.get("content-type") ?? "");
  return { draft: await (streamed ? readStream : readWhole)(bytes, addPiece, limits), streamed };
}

/** A stream takes some hundred bytes for each of its tokens; no reply of use comes near. */
const MOST_BYTES = 64 << 20;

/** The bytes, up to that many. A stream that goes on is cut there, as at an output limit. @throws ModelFailure. */
async function* boundBytes(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = MOST_BYTES;
  for await (const chunk of bytes) {
    left -= chunk.length;
    if (left < 0)
      throw new ModelFailure("overtime", `the reply has more than ${MOST_BYTES >> 20} MB`, {
        mostRetries: 1,
      });
    yield chunk;
  }
}

/** How long a complete reply may wait for its usage. */
const USAGE_WAIT_MS = 5_000;
/** How long to wait for the end of a stream that said that it is over. */
const END_WAIT_MS = 250;

async function readStream(
  bytes: AsyncIterable<Uint8Array>,
  addPiece: AddPiece,
  limits: Deadlines,
): Promise<ReplyDraft> {
  let draft = EMPTY_DRAFT;
  const repeatsText = watchRepetition();
  const repeatsThought = watchRepetition();
  const repeatsCall = watchRepetition();
  try {
    for await (const { name, data, terminated } of readEvents(bytes)) {
      if (draft.closed) continue;
      if (data.trim().startsWith("[DONE]")) {
        // Read on to the end: only a connection whose body was read to its end is used again.
        draft = { ...draft, closed: true };
        limits.waitAtMost(END_WAIT_MS);
        continue;
      }
      const piece = parseJson(data);
      if (name === "error" && !isNested(piece)) throw readReplyError(piece ?? describeText(data));
      if (piece === undefined) throw notJson("an event", data, terminated ? "garbled" : "cut");
      draft = addPiece(draft, checkPiece(piece));
      if (draft.finish !== "") limits.waitAtMost(USAGE_WAIT_MS);
      // What repeats itself goes on to the limit: nothing more of it is waited for.
      else if (
        repeatsText(draft.text) ||
        repeatsThought(draft.thought) ||
        repeatsCall(draft.calls.at(-1)?.text ?? "")
      )
        return { ...draft, finish: REPEATED };
    }
  } catch (thrown) {
    // A connection that breaks after the reply was complete takes nothing away from it.
    if (draft.finish === "" && !draft.closed) return cutAtLimit(draft, thrown);
  }
  return draft;
}

/** A reply that goes on after its time is cut there, as at an output limit. @throws what was thrown, of anything else. */
function cutAtLimit(draft: ReplyDraft, thrown: unknown): ReplyDraft {
  const isOvertime = thrown instanceof ModelFailure && thrown.kind === "overtime";
  if (isOvertime && (draft.text.trim() !== "" || draft.calls.length > 0))
    return { ...draft, finish: "length" };
  throw thrown;
}

async function readWhole(
  bytes: AsyncIterable<Uint8Array>,
  addPiece: AddPiece,
  limits: Deadlines,
): Promise<ReplyDraft> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  // Some servers stream without saying so.
  if (/^\s*(data|event|error:|:)/.test(text)) return readStream(yieldBytes(text), addPiece, limits);
  const body = parseJson(text);
  if (body === undefined) throw notJson("the reply", text, "garbled");
  return { ...addPiece(EMPTY_DRAFT, checkPiece(body)), closed: true };
}

async function* yieldBytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

interface ServerEvent {
  /** Empty for most. */
  readonly name: string;
  readonly data: string;
  /** False for data without its final blank line at the end of the stream: it may be incomplete. */
  readonly terminated: boolean;
}

/** The server-sent events that carry data, in order. */
export async function* readEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  /** What has come of a line without end: joined once the end comes, so that no part of it is looked at again and again. */
  let begun: string[] = [];
  let data: string[] = [];
  let name = "";
  const add = (line: string): void => {
    const [field, value] = fieldOf(line);
    if (field === "data") data.push(value);
    if (field === "event") name = value;
    // llama.cpp wrote its errors so, through 2025.
    if (field === "error") [name, data] = [field, [value]];
  };
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    begun.push(text);
    if (!/[\r\n]/.test(text) && !(begun.at(-2) ?? "").endsWith("\r")) continue;
    // A trailing \r may be half of \r\n: it waits for the next bytes.
    const lines = begun.join("").split(/\r\n|\n|\r(?!$)/);
    begun = [lines.pop() ?? ""];
    for (const line of lines) {
      if (line !== "") {
        add(line);
        continue;
      }
      if (data.length > 0) yield { name, data: data.join("\n"), terminated: true };
      [name, data] = ["", []];
    }
  }
  add((begun.join("") + decoder.decode()).replace(/\r$/, ""));
  if (data.length > 0) yield { name, data: data.join("\n"), terminated: false };
}

/** The field that a line sets, and its value; comments set one without a name. */
function fieldOf(line: string): readonly [string, string] {
  const at = line.indexOf(":");
  return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(line[at + 1] === " " ? at + 2 : at + 1)];
}

function notJson(what: string, text: string, kind: "garbled" | "cut"): ModelFailure {
  return new ModelFailure(kind, `${what} is not JSON: ${describeText(text)}`);
}

/** @throws ModelFailure where the piece is an error, although it came as a reply. */
function checkPiece(piece: Json): JsonObject {
  if (!isJsonObject(piece)) throw new ModelFailure("garbled", "the reply is JSON but not an object");
  if (isNested(piece)) throw readReplyError(piece["error"] ?? null);
  // vLLM and Mistral; servers made with FastAPI.
  if (piece["object"] === "error") throw readReplyError(piece);
  const isReply = ["choices", "type", "object"].some((name) => piece[name] !== undefined);
  if (!isReply && piece["detail"] !== undefined) throw readReplyError(piece["detail"]);
  return piece;
}

function isNested(piece: Json | undefined): piece is JsonObject {
  const error = isJsonObject(piece) ? piece["error"] : null;
  return error !== undefined && error !== null && error !== false && error !== "";
}
