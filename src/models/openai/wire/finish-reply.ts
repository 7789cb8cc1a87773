// Owns: turning a draft into a reply: whether it is complete, what it calls, why it stopped. Reports what it repairs.
// Never lets half a call through.
import type {
  JsonObject,
  ModelReply,
  ModelRequest,
  ToolCall,
  ToolSpec,
  Usage,
} from "../../../contracts/index.ts";
import { addIds } from "./call-ids.ts";
import { REPEATED, type ReplyDraft, type DraftCall } from "./chat-draft.ts";
import type { RepairKind } from "../../signals/notice.ts";
import { ModelFailure } from "../../signals/failure.ts";
import { fitArguments } from "./reading/fit-arguments.ts";
import type { ActionKind } from "./reading/actions.ts";
import { readActions } from "./reading/read-actions.ts";
import { breaksOff, closestName, readArguments } from "./repair-call.ts";

/** What a reply needs beside its draft. */
export interface ReplyFrame {
  /** Marks `extra`, so that it goes back only to the same model through the same API. */
  readonly origin: string;
  readonly usage: Usage;
  /** Blocks of code and this word are what the model was asked for; empty where it was asked for calls. */
  readonly closingWord: string;
  /** The form of a call in the text that the model was shown; absent where it was shown none. */
  readonly shownForm?: string | undefined;
  readonly onRepair: (what: string, kind: RepairKind) => void;
  /** Called once with the form in which the reply acts, where it may act. */
  readonly onSeen: (form: SeenForm) => void;
}

/** How a reply acts. */
export interface SeenForm {
  /** `native`: calls beside the text; else the kind of action in it. */
  readonly kind: ActionKind | "native";
  /** The form of a call in the text, in a word or two; else empty. */
  readonly name: string;
  /** It thought before it wrote. */
  readonly thinks: boolean;
}

/** @throws ModelFailure `cut` when the draft is incomplete, `empty` when it holds neither text nor calls. */
export function finishReply(draft: ReplyDraft, request: ModelRequest, frame: ReplyFrame): ModelReply {
  if (draft.finish === "" && !draft.closed) throw new ModelFailure("cut", "the reply broke off");
  if (/error/i.test(draft.finish))
    throw new ModelFailure("busy", "the provider ended the reply with an error");
  const { usage } = frame;
  const spoken = removeThinking(draft.text);
  if (
    /filter|safety|blocklist|prohibited|recitation/i.test(draft.finish) ||
    (draft.refusal !== "" && spoken === "")
  ) {
    return { text: spoken || draft.refusal, calls: [], usage, stop: "filtered" };
  }
  const repeated = draft.finish === REPEATED;
  if (repeated) frame.onRepair("a reply that repeated itself was cut", "repetition");
  // vLLM says of a call that was cut at the output limit that it was made.
  const isBroken = draft.calls.some(({ text }) => breaksOff(text));
  const cut = repeated || isBroken || AT_LIMIT.test(draft.finish);
  const thinks = (usage.reasoningTokens ?? 0) > 0 || draft.thought !== "" || spoken !== draft.text.trim();
  const { text, calls, unread } = readCalls({ ...draft, text: spoken, thinks }, request, cut, frame);
  const told = unread === "" ? {} : { unread };
  if (repeated && text === "" && draft.calls.length === 0)
    throw new ModelFailure("empty", "the reply repeats itself, and says nothing else");
  if (cut) return { text, calls, usage, stop: "length", ...told };
  if (text === "" && draft.calls.length === 0 && calls.length === 0) {
    throw new ModelFailure("empty", "the reply holds neither text nor calls");
  }
  return { text, calls, usage, stop: calls.length > 0 ? "calls" : "end", ...told };
}

/** The thoughts of harmony, up to the mark of their end, or of what comes next. */
const ANALYSIS = /<\|channel\|>analysis<\|message\|>[\s\S]*?(?:<\|end\|>|(?=<\|start\|>|<\|channel\|>)|$)/g;

const FINAL = /(?:<\|start\|>assistant)?<\|channel\|>final[^<\n]{0,40}<\|message\|>/g;

/** Removes the reasoning that some servers leave at the beginning of the text. */
function removeThinking(written: string): string {
  const text = written.includes("<|channel|>")
    ? written.replaceAll(ANALYSIS, "").replaceAll(FINAL, "")
    : written;
  const end = text.indexOf("</think>");
  const before = end === -1 ? "" : text.slice(0, end).trim();
  const isThinking = end !== -1 && (before.startsWith("<think>") || !before.includes("<think>"));
  return (isThinking ? text.slice(end + "</think>".length) : text).trim();
}

/** A draft without what the model thought, and whether it did. */
interface SpokenDraft extends ReplyDraft {
  readonly thinks: boolean;
}

interface TextAndCalls {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** Why something that looks like an action is not among the calls; empty where nothing does. */
  readonly unread: string;
}

function readCalls(draft: SpokenDraft, request: ModelRequest, cut: boolean, frame: ReplyFrame): TextAndCalls {
  if (request.toolChoice === "none" || request.tools.length === 0) {
    if (draft.calls.length > 0) frame.onRepair("calls left out, because none was allowed", "unasked");
    return { text: draft.text, calls: [], unread: "" };
  }
  const early = cut ? `was cut off ${whereCut(draft, frame.usage)}` : "";
  const { text, pieces, unread } =
    draft.calls.length > 0 ? keepNative(draft, early, frame) : readTextCalls(draft, request, early, frame);
  const calls = pieces.map((piece) => toToolCall(piece, request.tools, frame));
  const extra = draft.extra;
  return {
    text,
    calls: addIds(calls, request).map((call, at) => {
      const given = calls[at]?.id ?? "";
      return addExtra(call, given, at === 0 ? extra : {}, frame.origin);
    }),
    unread,
  };
}

const AT_LIMIT = /length|max_(output_)?tokens/i;

function whereCut({ finish }: ReplyDraft, { outputTokens }: Usage): string {
  if (finish === REPEATED) return "because it repeated itself";
  return AT_LIMIT.test(finish) ? `at the output limit of ${outputTokens} tokens` : "before its end";
}

interface TextAndPieces {
  readonly text: string;
  readonly pieces: readonly DraftCall[];
  readonly unread: string;
}

function keepNative(
  { text, calls, thinks }: SpokenDraft,
  early: string,
  { onSeen }: ReplyFrame,
): TextAndPieces {
  onSeen({ kind: "native", name: "", thinks });
  const real = calls.filter((piece, index) => !isEcho(piece, calls[index - 1]));
  // At the output limit an empty text may mean no arguments, or that all of them were cut off.
  const isWhole = (piece: DraftCall): boolean =>
    early === "" || (piece.text !== "" && piece.tool !== "" && readArguments(piece.text).ok);
  const lost = real.find((piece) => !isWhole(piece));
  const of = lost === undefined || lost.tool === "" ? "The call" : `The call of ${lost.tool.slice(0, 40)}`;
  const unread = lost === undefined ? "" : `${of} ${early}, so it was not carried out; write a shorter one.`;
  return { text, pieces: real.filter(isWhole), unread };
}

/** Servers that number nothing, or send id and name with each piece, may repeat them after a complete call. */
function isEcho(piece: DraftCall, before: DraftCall | undefined): boolean {
  if (before === undefined || piece.text !== "" || before.text === "") return false;
  return piece.tool === before.tool && ["", before.id].includes(piece.id) && piece.index === before.index;
}

/** The actions that were written in the text, in the form of real calls. */
function readTextCalls(
  draft: SpokenDraft,
  { tools, toolChoice }: ModelRequest,
  cut: string,
  { closingWord, shownForm, onRepair, onSeen }: ReplyFrame,
): TextAndPieces {
  const found = readActions(draft.text, { tools, toolChoice, cut, closingWord });
  onSeen({ kind: found.kind, name: found.form, thinks: draft.thinks });
  const isShown =
    found.kind === "code" ? closingWord !== "" : found.kind === "template" && found.form === shownForm;
  if (found.kind !== "none" && found.kind !== "word" && !isShown)
    onRepair(`${found.kind === "code" ? "code" : "call"} written as text (${found.form})`, "text");
  const pieces = found.calls.map(({ tool, arguments: args }): DraftCall => ({
    id: "",
    index: null,
    tool,
    text: JSON.stringify(args),
    extra: {},
  }));
  return { text: found.text, pieces, unread: found.unread };
}

function toToolCall(piece: DraftCall, tools: readonly ToolSpec[], { onRepair }: ReplyFrame): ToolCall {
  const known = closestName(
    piece.tool,
    tools.map(({ name }) => name),
  );
  const tool = known ?? piece.tool;
  if (tool !== piece.tool)
    onRepair(`tool name ${JSON.stringify(piece.tool.slice(0, 40))} -> ${tool}`, "name");
  const read = readArguments(piece.text);
  if (read.repair !== "") onRepair(`arguments of ${tool}: ${read.repair}`, "json");
  const spec = tools.find(({ name }) => name === known);
  const fit = spec === undefined || !read.ok ? null : fitArguments(spec, read.arguments);
  if (fit?.fits === true && fit.repair !== "") onRepair(`arguments of ${tool}: ${fit.repair}`, "arguments");
  const call = { id: piece.id, tool, arguments: fit?.fits === true ? fit.arguments : read.arguments };
  return Object.keys(piece.extra).length > 0 ? { ...call, extra: piece.extra } : call;
}

/** `extra` holds its origin, the id that its server gave it, its own fields and, on the first call, those of the message. */
function addExtra(
  { extra, ...call }: ToolCall,
  given: string,
  message: JsonObject,
  origin: string,
): ToolCall {
  const told = {
    ...(given !== call.id && given !== "" && { given }),
    ...(extra !== undefined && { call: extra }),
    ...(Object.keys(message).length > 0 && { message }),
  };
  return Object.keys(told).length === 0 ? call : { ...call, extra: { from: origin, ...told } };
}
