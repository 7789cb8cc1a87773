// Owns: requests as the journal keeps them: each as what it adds to the one before it in its episode, so that a
// conversation takes its own length and not its square. Never holds a key: a request has none.
import type { Blob, BlobHash, BlobReader, Message, ModelRequest } from "../contracts/index.ts";
import { jsonBlob, readJson } from "./json-blob.ts";

/** What a request's blob holds. */
interface RequestRecord extends Omit<ModelRequest, "tools"> {
  readonly version: 1;
  /** The blob of the request whose first `kept` messages come before `messages`, and whose tools these are. */
  readonly before: BlobHash | null;
  readonly kept: number;
  /** Null: those of `before`. */
  readonly tools: ModelRequest["tools"] | null;
}

export interface RequestLog {
  /** The request as a blob; call it in the order of asking. */
  blobOf(request: ModelRequest): Blob;
}

/** One for each episode of a session. */
export function requestLog(): RequestLog {
  let last: {
    readonly request: ModelRequest;
    readonly hash: BlobHash;
    readonly texts: readonly string[];
  } | null = null;
  return {
    blobOf(request) {
      const texts = request.messages.map((message) => JSON.stringify(message));
      const kept = last === null ? 0 : commonLength(last.texts, texts);
      const sameTools = last !== null && JSON.stringify(last.request.tools) === JSON.stringify(request.tools);
      const record: RequestRecord = {
        ...request,
        version: 1,
        before: sameTools ? (last?.hash ?? null) : null,
        kept: sameTools ? kept : 0,
        messages: request.messages.slice(sameTools ? kept : 0),
        tools: sameTools ? null : request.tools,
      };
      const blob = jsonBlob(record);
      last = { request, hash: blob.hash, texts };
      return blob;
    },
  };
}

/** The request of a blob. @throws RunError `blob-missing` | `run-corrupt`. */
export async function readRequest(blobs: BlobReader, hash: BlobHash): Promise<ModelRequest> {
  const later: RequestRecord[] = [];
  let record = await readJson<RequestRecord>(blobs, hash);
  while (record.before !== null) {
    later.push(record);
    record = await readJson<RequestRecord>(blobs, record.before);
  }
  const tools = record.tools ?? [];
  let messages: readonly Message[] = record.messages;
  for (const next of later.toReversed()) messages = [...messages.slice(0, next.kept), ...next.messages];
  const { breakpoints, toolChoice, seed } = later[0] ?? record;
  return { messages, breakpoints, tools, toolChoice, seed };
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  const first = b.findIndex((text, at) => text !== a[at]);
  return first === -1 ? b.length : first;
}
