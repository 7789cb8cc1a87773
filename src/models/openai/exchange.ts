// Owns: one HTTP exchange with a chat-completions or Responses endpoint, from a body to a draft. Never retries.
import type { APIPromise } from "openai";
import type { Json, JsonObject } from "../../contracts/index.ts";
import { EMPTY_DRAFT, type Draft } from "./wire/chat-draft.ts";
import type { Deadlines } from "./deadlines.ts";
import { ModelFailure } from "../signals/failure.ts";
import { failureInReply } from "./wire/server-errors.ts";
import { describeText } from "./plain-errors.ts";
import { eventsOf } from "./wire/sse.ts";
import { isObject, parseJson } from "./wire/untrusted-json.ts";

/** How an API's pieces become a draft. */
export type Accumulate = (draft: Draft, piece: JsonObject) => Draft;

/** A request on its way, and how its reply is read. */
export interface Exchange {
  readonly sent: APIPromise<unknown>;
  readonly add: Accumulate;
  /** Told the headers as soon as the server begins to answer. */
  readonly accepted: (headers: Headers) => void;
}

/** Reads the reply, streamed or not: servers do not always answer in the form that was asked for. */
export async function exchange(
  { sent, add, accepted }: Exchange,
  limits: Deadlines,
): Promise<{ readonly draft: Draft; readonly streamed: boolean }> {
  const response = await sent.asResponse();
  accepted(response.headers);
  const bytes = limits.watch((response.body ?? []) as AsyncIterable<Uint8Array>);
  const streamed = /event-stream|x-ndjson/.test(response.headers.get("content-type") ?? "");
  return { draft: await (streamed ? readStream : readWhole)(bytes, add, limits), streamed };
}

/** How long a complete reply waits for its usage, and one that was said to be over for the stream's end. */
const CLOSING_MS = 5_000;
const ENDING_MS = 250;

async function readStream(
  bytes: AsyncIterable<Uint8Array>,
  add: Accumulate,
  limits: Deadlines,
): Promise<Draft> {
  let draft = EMPTY_DRAFT;
  try {
    for await (const { data, terminated } of eventsOf(bytes)) {
      if (draft.closed) continue;
      if (data.trim().startsWith("[DONE]")) {
        // Read on to the end: a connection whose body was read to its end is used again.
        draft = { ...draft, closed: true };
        limits.closing(ENDING_MS);
        continue;
      }
      const piece = parseJson(data);
      if (piece === undefined) throw notJson("an event", data, terminated ? "garbled" : "cut");
      draft = add(draft, checked(piece));
      if (draft.finish !== "") limits.closing(CLOSING_MS);
    }
  } catch (thrown) {
    // Complete is complete: what breaks between the last word and the end of the stream takes nothing away.
    if (draft.finish === "" && !draft.closed) throw thrown;
  }
  return draft;
}

async function readWhole(
  bytes: AsyncIterable<Uint8Array>,
  add: Accumulate,
  limits: Deadlines,
): Promise<Draft> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  // Some servers stream without saying so.
  if (/^\s*(data|event|:)/.test(text)) return readStream(once(text), add, limits);
  const body = parseJson(text);
  if (body === undefined) throw notJson("the reply", text, "garbled");
  return { ...add(EMPTY_DRAFT, checked(body)), closed: true };
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function notJson(what: string, text: string, kind: "garbled" | "cut"): ModelFailure {
  return new ModelFailure(kind, `${what} is not JSON: ${describeText(text)}`);
}

/** The piece, unless it is an error in the clothes of a reply. */
function checked(piece: Json): JsonObject {
  if (!isObject(piece)) throw new ModelFailure("garbled", "the reply is JSON, but no object");
  const error = piece["error"];
  if (error === undefined || error === null || error === false || error === "") return piece;
  throw failureInReply(error);
}
