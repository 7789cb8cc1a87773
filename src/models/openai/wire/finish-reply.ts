// Owns: judging a draft: complete or not, what it calls, why it stopped. Pure; what was repaired is reported.
// Never lets half a call through.
import { randomAt } from "../../../core/random.ts";
import type { JsonObject, ModelReply, ModelRequest, ToolCall, Usage } from "../../../contracts/index.ts";
import type { Draft, DraftCall } from "./chat-draft.ts";
import { ModelFailure } from "../../signals/failure.ts";
import { readArguments } from "./repair-call.ts";
import { toolMeant } from "./repair-name.ts";
import { callsInText } from "./text-calls.ts";

/** How a reply is finished. */
export interface Finishing {
  /** Marks `extra`, so that only the same model, asked through the same API, gets it back. */
  readonly origin: string;
  readonly usage: Usage;
  readonly repaired: (what: string) => void;
}

/**
 * The reply in a draft.
 * @throws ModelFailure `cut` when the draft was never finished, `empty` when there is nothing in it.
 */
export function finishReply(draft: Draft, request: ModelRequest, finishing: Finishing): ModelReply {
  if (draft.finish === "" && !draft.closed) throw new ModelFailure("cut", "the reply broke off");
  if (/error/i.test(draft.finish))
    throw new ModelFailure("busy", "the provider ended the reply with an error");
  const { usage } = finishing;
  const spoken = withoutThinking(draft.text);
  if (
    /filter|safety|blocklist|prohibited|recitation/i.test(draft.finish) ||
    (draft.refusal !== "" && spoken === "")
  ) {
    return { text: spoken || draft.refusal, calls: [], usage, stop: "filtered" };
  }
  const cut = /length|max_(output_)?tokens/i.test(draft.finish);
  const { text, calls } = callsOf({ ...draft, text: spoken }, request, cut, finishing);
  if (cut) return { text, calls, usage, stop: "length" };
  if (text === "" && draft.calls.length === 0 && calls.length === 0) {
    throw new ModelFailure("empty", "the reply holds neither text nor calls");
  }
  return { text, calls, usage, stop: calls.length > 0 ? "calls" : "end" };
}

/** Without the thinking that some servers leave at the beginning of the text. */
function withoutThinking(text: string): string {
  const end = text.indexOf("</think>");
  const before = end === -1 ? "" : text.slice(0, end).trim();
  const isThinking = end !== -1 && (before.startsWith("<think>") || !before.includes("<think>"));
  return (isThinking ? text.slice(end + "</think>".length) : text).trim();
}

interface Spoken {
  readonly text: string;
  readonly calls: readonly ToolCall[];
}

function callsOf(draft: Draft, request: ModelRequest, cut: boolean, finishing: Finishing): Spoken {
  if (request.toolChoice === "none" || request.tools.length === 0) {
    if (draft.calls.length > 0) finishing.repaired("calls left out: none was allowed");
    return { text: draft.text, calls: [] };
  }
  const tools = request.tools.map(({ name }) => name);
  const { text, pieces } =
    draft.calls.length > 0 ? { text: draft.text, pieces: draft.calls } : written(draft, tools, finishing);
  const calls = pieces
    .filter((piece, index) => !isEcho(piece, pieces[index - 1]))
    // An empty text is no arguments at all, or all of them cut off: not to be told apart at the limit.
    .filter((piece) => !cut || (piece.text !== "" && piece.tool !== "" && readArguments(piece.text).ok))
    .map((piece) => namedCall(piece, tools, finishing));
  const extra = draft.extra;
  return {
    text,
    calls: withIds(calls, request).map((call, at) =>
      withExtra(call, at === 0 ? extra : {}, finishing.origin),
    ),
  };
}

/** A name said again after a call was complete, by servers that repeat the name and number nothing. */
function isEcho(piece: DraftCall, before: DraftCall | undefined): boolean {
  return piece.id === "" && piece.text === "" && piece.tool === before?.tool;
}

/** The calls in the text, as if they had come as calls. */
function written(
  draft: Draft,
  tools: readonly string[],
  { repaired }: Finishing,
): { text: string; pieces: readonly DraftCall[] } {
  const found = callsInText(draft.text, (tool) => toolMeant(tool, tools) !== null);
  if (found.calls.length > 0) repaired(`call written as text (${found.format})`);
  const pieces = found.calls.map(({ tool, arguments: args }): DraftCall => ({
    id: "",
    index: null,
    tool,
    text: JSON.stringify(args),
    extra: {},
  }));
  return { text: found.text, pieces };
}

function namedCall(piece: DraftCall, tools: readonly string[], { repaired }: Finishing): ToolCall {
  const tool = toolMeant(piece.tool, tools) ?? piece.tool;
  if (tool !== piece.tool) repaired(`tool name ${JSON.stringify(piece.tool.slice(0, 40))} -> ${tool}`);
  const read = readArguments(piece.text);
  if (read.repair !== "") repaired(`arguments of ${tool}: ${read.repair}`);
  const call = { id: piece.id, tool, arguments: read.arguments };
  return Object.keys(piece.extra).length > 0 ? { ...call, extra: piece.extra } : call;
}

/** `extra` as it is kept: whose it is, the call's own fields, and on the first call the message's. */
function withExtra({ extra, ...call }: ToolCall, message: JsonObject, origin: string): ToolCall {
  const hasMessage = Object.keys(message).length > 0;
  if (extra === undefined && !hasMessage) return call;
  return {
    ...call,
    extra: {
      from: origin,
      ...(extra === undefined ? {} : { call: extra }),
      ...(hasMessage ? { message } : {}),
    },
  };
}

/** Every call with an id that nobody had before in this conversation. */
function withIds(calls: readonly ToolCall[], request: ModelRequest): readonly ToolCall[] {
  const taken = new Set(
    request.messages.flatMap((message) =>
      message.role === "assistant" ? message.calls.map(({ id }) => id) : [],
    ),
  );
  return calls.map((call, index) => {
    let id = call.id;
    for (let again = 0; id === "" || taken.has(id); again++) id = madeUpId(request.seed, index, again);
    taken.add(id);
    return { ...call, id };
  });
}

/** Nine letters and digits: the one form that every server takes. */
function madeUpId(...key: readonly number[]): string {
  const random = randomAt("call", ...key);
  return Array.from({ length: 9 }, () => random.int(36).toString(36)).join("");
}
