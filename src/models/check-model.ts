// Owns: one short conversation with a model that finds out what it can do. Never part of a run.
import { checkOptions, checkValue, MODEL_OPTION, OPTION } from "../core/options.ts";
import type { LanguageModel, Message, ModelReply, ModelRequest, ToolSpec } from "../contracts/index.ts";
import { messageOf, RunError } from "../core/errors.ts";
import { isEndpointModel } from "./openai/openai.ts";

export interface ModelCheck {
  readonly name: string;
  /** This field and the next four: true, false, or why it could not be tried. */
  readonly text: boolean | string;
  readonly calls: boolean | string;
  readonly parallelCalls: boolean | string;
  /** The model calls the one tool that is demanded. */
  readonly namedTool: boolean | string;
  readonly images: boolean | string;
  /** Tokens that were read from the cache when a long prompt was sent again. */
  readonly cachedTokens: number;
  /** Whether the replies were streamed; null for a model without an endpoint, or without any reply. */
  readonly streams: boolean | null;
  /** Whether the server counted their tokens; null as above. */
  readonly reportsUsage: boolean | null;
  /** The slowest reply. */
  readonly slowestMs: number;
  readonly replies: readonly ModelReply[];
}

const ADD: ToolSpec = {
  name: "add",
  description: "Adds two numbers.",
  parameters: {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
  },
};
const DONE: ToolSpec = {
  name: "done",
  description: "Ends the test.",
  parameters: { type: "object", properties: {} },
};

/** Eight by eight red pixels. */
const RED_PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mP4z8CAFTEMLQkAKP8/wc53yE8AAAAASUVORK5CYII=";

/** Long enough for the cache of every provider. */
const RULES = Array.from(
  { length: 260 },
  (_, at) => `Rule ${at + 1}: answer briefly, and call tools as asked.`,
).join("\n");

/** Four requests, about 4,000 tokens each. @throws RunError `model-refused` | `model-unreachable`. */
export async function checkModel(
  model: LanguageModel,
  options: { readonly signal: AbortSignal },
): Promise<ModelCheck> {
  checkValue("checkModel: model", model, MODEL_OPTION);
  checkOptions("checkModel", options, { signal: OPTION.signal }, ["signal"]);
  const replies: ModelReply[] = [];
  let slowestMs = 0;
  const ask = async (changes: Partial<ModelRequest>, judge: (reply: ModelReply) => boolean) => {
    try {
      const began = performance.now();
      const reply = await model.reply({ ...BASE, ...changes }, options);
      slowestMs = Math.max(slowestMs, performance.now() - began);
      replies.push(reply);
      return judge(reply);
    } catch (thrown) {
      options.signal.throwIfAborted();
      if (thrown instanceof RunError) throw thrown;
      return messageOf(thrown);
    }
  };
  const task = userMessage("Call add twice at once, in one reply: with 1 and 2, and with 3 and 4.");
  const calls = await ask({ messages: [SYSTEM, task] }, (reply) =>
    reply.calls.some(({ tool }) => tool === "add"),
  );
  const first = replies[0];
  const parallelCalls = typeof calls === "string" ? calls : (first?.calls.length ?? 0) > 1;
  const after = [SYSTEM, task, ...(first === undefined ? [] : answerCalls(first))];
  const text = await ask(
    { messages: [...after, userMessage("Now say the two sums in words.")], toolChoice: "none" },
    (reply) => reply.text !== "",
  );
  const cachedTokens = replies.at(-1)?.usage.cachedTokens ?? 0;
  const namedTool = await ask(
    { messages: [...after, userMessage("Go on.")], toolChoice: { tool: "done" } },
    (reply) => reply.calls[0]?.tool === "done",
  );
  const images = await ask({ messages: [SYSTEM, PICTURE], toolChoice: "none" }, (reply) =>
    /red/i.test(reply.text),
  );
  const last = isEndpointModel(model) ? model.learnt.last : null;
  const facts = { streams: last?.streamed ?? null, reportsUsage: last?.reportsUsage ?? null, slowestMs };
  return { name: model.name, text, calls, parallelCalls, namedTool, images, cachedTokens, ...facts, replies };
}

const SYSTEM: Message = { role: "system", content: [{ type: "text", text: RULES }] };
const PICTURE: Message = {
  role: "user",
  content: [
    { type: "text", text: "Which colour has this picture? One word." },
    { type: "image", mime: "image/png", base64: RED_PNG },
  ],
};
const BASE: ModelRequest = {
  messages: [],
  breakpoints: [0],
  tools: [ADD, DONE],
  toolChoice: "auto",
  seed: 1,
};

function userMessage(text: string): Message {
  return { role: "user", content: [{ type: "text", text }] };
}

/** The reply, and the sum as the result of each of its calls. */
function answerCalls({ text, calls }: ModelReply): readonly Message[] {
  const results = calls.map(({ id, arguments: args }): Message => ({
    role: "tool",
    callId: id,
    isError: false,
    content: [{ type: "text", text: sumOf(args) }],
  }));
  return [{ role: "assistant", text, calls }, ...results];
}

function sumOf(args: unknown): string {
  const { a, b } = (typeof args === "object" && args !== null ? args : {}) as { a?: unknown; b?: unknown };
  return String(Number(a) + Number(b));
}
