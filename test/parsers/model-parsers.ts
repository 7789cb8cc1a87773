// Owns: the parsers of what endpoints and models send, each with how such a text reaches it.
import { notebookTools, specOf } from "../../src/environment/tools/index.ts";
import { readHolds, readPace, readReport } from "../../src/models/offline/improve-round.ts";
import { readExplorations, readTallies } from "../../src/models/offline/memory.ts";
import { lastLineOf } from "../../src/models/offline/conversation.ts";
import { readEvents } from "../../src/models/openai/exchange.ts";
import { toShortId } from "../../src/models/openai/wire/call-ids.ts";
import { addChunk, EMPTY_DRAFT, type ReplyDraft } from "../../src/models/openai/wire/chat-draft.ts";
import { finishReply } from "../../src/models/openai/wire/finish-reply.ts";
import { readActions } from "../../src/models/openai/wire/reading/read-actions.ts";
import {
  breaksOff,
  closestName,
  readArguments,
  toStrictJson,
} from "../../src/models/openai/wire/repair-call.ts";
import { endsInRepetition, watchRepetition } from "../../src/models/openai/wire/repetition.ts";
import { readUsage } from "../../src/models/openai/wire/reported-usage.ts";
import { addResponseEvent } from "../../src/models/openai/wire/responses-draft.ts";
import {
  classifyFailure,
  describeText,
  readReplyError,
  withPlainErrors,
} from "../../src/models/openai/wire/server-errors.ts";
import { parseJson, recordOf } from "../../src/core/untrusted.ts";
import type { JsonObject, ModelRequest, ToolChoice } from "../../src/contracts/index.ts";
import type { Parser } from "./parser.ts";

const TOOLS = notebookTools({ submission: "best" }).map(specOf);
const REQUEST: ModelRequest = { messages: [], breakpoints: [], tools: TOOLS, toolChoice: "auto", seed: 1 };
const USAGE = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, costUsd: null };
const ignore = (): undefined => undefined;

function read(text: string, toolChoice: ToolChoice = "auto", cut = ""): unknown {
  return readActions(text, { tools: TOOLS, toolChoice, cut, closingWord: "DONE" });
}

function finish(draft: Partial<ReplyDraft>): unknown {
  return finishReply({ ...EMPTY_DRAFT, closed: true, ...draft }, REQUEST, {
    origin: "chat:m",
    usage: USAGE,
    closingWord: "",
    onRepair: ignore,
    onSeen: ignore,
  });
}

/** In pieces as a network cuts it. */
async function* inPieces(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 1400) yield bytes.subarray(at, at + 1400);
}

async function readAllEvents(text: string): Promise<number> {
  let count = 0;
  for await (const { data } of readEvents(inPieces(text))) count += data.length;
  return count;
}

/** A stream whose chunks hold so many characters of the text each, as its words, its reasoning and its one call. */
function streamed(text: string): ReplyDraft {
  let draft = EMPTY_DRAFT;
  for (let at = 0; at < text.length; at += 30) {
    const piece = text.slice(at, at + 30);
    const call = { index: 0, function: { name: at === 0 ? "run_code" : "", arguments: piece } };
    draft = addChunk(draft, {
      choices: [{ delta: { content: piece, reasoning_content: piece, tool_calls: [call] } }],
    });
  }
  return draft;
}

const watched = (text: string): void => {
  const repeats = watchRepetition();
  for (let at = 0; at < text.length; at += 30) repeats(text.slice(0, at));
};

const OPENINGS = [
  "```python\n",
  "<tool_call>",
  '{"name": "run_code", "arguments": {"source": "',
  "<function=run_code>\n<parameter=source>",
  "run_code(",
  "<|channel|>analysis<|message|>",
];
const object = (text: string): JsonObject => recordOf(parseJson(text));

export const MODEL_PARSERS: readonly Parser[] = [
  { name: "models/openai/exchange.ts readEvents", read: readAllEvents, openings: ["data: "] },
  { name: "models/openai/wire/chat-draft.ts addChunk", read: streamed, most: 300_000 },
  {
    name: "models/openai/wire/responses-draft.ts addResponseEvent",
    read: (text) => [
      addResponseEvent(EMPTY_DRAFT, {
        object: "response",
        status: "completed",
        output: [
          { type: "message", content: [{ type: "output_text", text }] },
          { type: "function_call", arguments: text, name: text },
        ],
      }),
      addResponseEvent(EMPTY_DRAFT, object(text)),
    ],
  },
  {
    name: "models/openai/wire/finish-reply.ts finishReply",
    trees: 6,
    read: (text) => [
      finish({ text }),
      finish({ calls: [{ id: text, index: 0, tool: text, text, extra: {} }] }),
      finish({ text, finish: "length" }),
    ],
    openings: OPENINGS,
  },
  {
    name: "models/openai/wire/reading/read-actions.ts readActions",
    trees: 9,
    read: (text) => [read(text), read(text, { tool: "score" }), read(text, "auto", "was cut off")],
    openings: OPENINGS,
  },
  {
    name: "models/openai/wire/repair-call.ts readArguments",
    read: readArguments,
    openings: ['{"source": "', "```json\n"],
  },
  { name: "models/openai/wire/call-ids.ts toShortId", read: toShortId },
  { name: "models/openai/wire/repair-call.ts breaksOff", read: breaksOff, openings: ['{"a":', '{"a":"'] },
  { name: "models/openai/wire/repair-call.ts toStrictJson", read: toStrictJson },
  {
    name: "models/openai/wire/repair-call.ts closestName",
    read: (text) =>
      closestName(
        text,
        TOOLS.map(({ name }) => name),
      ),
  },
  { name: "models/openai/wire/repetition.ts endsInRepetition", read: endsInRepetition },
  { name: "models/openai/wire/repetition.ts watchRepetition", read: watched },
  { name: "models/openai/wire/reported-usage.ts readUsage", read: (text) => readUsage(object(text), null) },
  {
    name: "models/openai/wire/server-errors.ts classifyFailure",
    read: (text) => classifyFailure(new Error(text), 0),
  },
  {
    name: "models/openai/wire/server-errors.ts readReplyError",
    read: (text) => [readReplyError(text), readReplyError({ message: text, code: 400 })],
    openings: ["maximum context length "],
  },
  { name: "models/openai/wire/server-errors.ts describeText", read: describeText, openings: ["<html>"] },
  {
    name: "models/openai/wire/server-errors.ts withPlainErrors",
    read: async (text) =>
      (
        await withPlainErrors(() => Promise.resolve(new Response(text, { status: 500 })))("http://x.test/")
      ).text(),
    openings: ['{"error":{"metadata":{"raw":"'],
  },
  { name: "models/offline/memory.ts readExplorations", read: readExplorations },
  { name: "models/offline/memory.ts readTallies", read: readTallies },
  {
    name: "models/offline/improve-round.ts readReport",
    read: readReport,
    openings: [
      "offline: improve tries=1",
      "offline: improve tries=1 valid=1 pace=1 start=1 end=1 refused=1 ",
    ],
  },
  {
    name: "models/offline/improve-round.ts readHolds",
    read: readHolds,
    openings: ["offline: pace=", "offline: pace=1 holds=a,"],
  },
  { name: "models/offline/improve-round.ts readPace", read: readPace, openings: ["offline: pace="] },
  { name: "models/offline/conversation.ts lastLineOf", read: lastLineOf },
];
