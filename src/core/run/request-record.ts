// Owns: a request as its blob holds it, which is what it adds to the one before it, and reading it back. Pure: it also runs in
// a browser. A journal may be somebody else's: a chain of requests ends, and costs no more than the messages in it.
import type { BlobHash, Message, ModelRequest } from "../../contracts/index.ts";
import { decodeText } from "../decode-text.ts";
import { RunError } from "../errors.ts";
import { isRecord } from "../untrusted.ts";

/** What a request's blob holds. */
export interface RequestRecord extends Omit<ModelRequest, "tools"> {
  readonly version: 1;
  /** The blob of the request whose first `kept` messages come before `messages`, and whose tools these are. */
  readonly before: BlobHash | null;
  readonly kept: number;
  /** Null: those of `before`. */
  readonly tools: ModelRequest["tools"] | null;
}

/** More turns than an episode has. */
const MOST_BEFORE = 20_000;

/**
 * The request of a blob. Asks for blobs one after the other, by hash, and is given their bytes.
 * @throws RunError `run-corrupt`.
 */
export function* requestOf(hash: BlobHash): Generator<BlobHash, ModelRequest, Uint8Array> {
  const later: RequestRecord[] = [];
  const seen = new Set([hash]);
  let record = recordOf(yield hash, hash);
  while (record.before !== null) {
    later.push(record);
    const { before } = record;
    if (seen.has(before) || seen.size > MOST_BEFORE)
      throw new RunError("run-corrupt", `the request ${hash} goes on from itself, or from too many others`);
    seen.add(before);
    record = recordOf(yield before, before);
  }
  const tools = record.tools ?? [];
  const messages: Message[] = [...record.messages];
  for (const next of later.toReversed()) {
    messages.length = Math.min(messages.length, next.kept);
    for (const message of next.messages) messages.push(message);
  }
  const { breakpoints, toolChoice, seed, temperature } = later[0] ?? record;
  const bold = temperature === undefined ? {} : { temperature };
  return { messages, breakpoints, tools, toolChoice, seed, ...bold };
}

function recordOf(bytes: Uint8Array, hash: BlobHash): RequestRecord {
  try {
    const value: unknown = JSON.parse(decodeText(bytes));
    if (isRequestRecord(value)) return value;
  } catch {
    // It is no JSON.
  }
  throw new RunError("run-corrupt", `the blob ${hash} holds no request`);
}

/** Its outline: what the messages and the tools hold is for whoever shows them to look at. */
function isRequestRecord(value: unknown): value is RequestRecord {
  if (!isRecord(value)) return false;
  const { before, kept, messages, tools, seed } = value;
  return (
    (before === null || typeof before === "string") &&
    Number.isSafeInteger(kept) &&
    Number(kept) >= 0 &&
    Array.isArray(messages) &&
    (tools === null || Array.isArray(tools)) &&
    typeof seed === "number"
  );
}
