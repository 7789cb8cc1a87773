// Owns: a conversation in the protocol of one endpoint: native calls, calls as text, or blocks of code; and the
// imperative that ends what answers a reply without calls. Pure. As many messages as before, so that positions stay valid.
import type { Dialect } from "../../catalogue/dialect.ts";
import type { Message, ModelRequest, Part, ToolChoice, ToolSpec } from "../../../contracts/index.ts";
import { CLOSING_WORD, fenceProtocol } from "./fence-protocol.ts";
import { codeToolIn, demandInWords, exampleCall, type Protocol } from "./protocol.ts";
import { SHOWN_FORM, textProtocol } from "./text-protocol.ts";

/** The request as it is sent. Where the protocol describes the tools in words, it has none. */
export function applyProtocol(request: ModelRequest, dialect: Dialect): ModelRequest {
  const { tools, toolChoice, messages } = request;
  if (tools.length === 0) return request;
  const protocol = protocolOf(tools, dialect, messages);
  const written = messages.map((message, at) => {
    const opened = at === 0 ? addManual(protocol.write(message), protocol.manual) : protocol.write(message);
    return addWords(opened, wordsBehind(messages, at, toolChoice, protocol));
  });
  return { ...request, tools: protocol.manual === "" ? tools : [], messages: written };
}

/** The word that closes a round in this dialect; empty where calls do. */
export function closingWordIn({ tools }: ModelRequest, dialect: Dialect): string {
  return dialect.tools === "fence" && codeToolIn(tools) !== undefined ? CLOSING_WORD : "";
}

/** The grammar that the reply is held to; empty where there is none. */
export function grammarIn({ tools, messages, toolChoice }: ModelRequest, dialect: Dialect): string {
  if (dialect.constraint === "none" || tools.length === 0) return "";
  return protocolOf(tools, dialect, messages).grammar(messages, toolChoice);
}

/** The form of the calls in the text that this dialect shows to a model. */
export function shownFormIn({ tools }: Dialect): string | undefined {
  return tools === "text" ? SHOWN_FORM : undefined;
}

function protocolOf(tools: readonly ToolSpec[], dialect: Dialect, messages: readonly Message[]): Protocol {
  if (dialect.tools === "native") return nativeProtocol(tools, dialect);
  const code = dialect.tools === "fence" ? codeToolIn(tools) : undefined;
  return code === undefined ? textProtocol(tools) : fenceProtocol(tools, code, messages);
}

function nativeProtocol(tools: readonly ToolSpec[], { toolChoice }: Dialect): Protocol {
  return {
    manual: "",
    imperative: () => `Call a tool, for example ${exampleCall(tools)}.`,
    demand: (choice) => {
      if (choice === "auto" || toolChoice === "named" || (choice === "none" && toolChoice !== "omitted"))
        return "";
      return demandInWords(choice);
    },
    asksAfterResults: false,
    write: (message) => message,
    grammar: () => "",
  };
}

/** What ends the message at a place: the demand at the very end alone, so that later prompts do not contain it. */
function wordsBehind(
  messages: readonly Message[],
  at: number,
  choice: ToolChoice,
  protocol: Protocol,
): string {
  const message = messages[at];
  if (message === undefined || message.role === "assistant" || message.role === "system") return "";
  const isLast = at === messages.length - 1;
  const demand = isLast ? protocol.demand(choice) : "";
  if (demand !== "") return demand;
  const next = messages[at + 1];
  if (next !== undefined && next.role !== "assistant") return "";
  if (isLast && choice !== "auto") return "";
  const imperative = protocol.imperative(messages.slice(0, at));
  if (message.role === "tool") return protocol.asksAfterResults ? imperative : "";
  if (answersSilence(messages, at)) return imperative;
  return protocol.asksAfterResults && (isLast || isActing(next)) ? imperative : "";
}

function isActing(message: Message | undefined): boolean {
  return message?.role === "assistant" && message.calls.length > 0;
}

/** What stands between it and the model's last reply is words of the user alone, and that reply had no calls. */
function answersSilence(messages: readonly Message[], at: number): boolean {
  const before = messages.slice(0, at).findLast(({ role }) => role !== "user");
  return before?.role === "assistant" && before.calls.length === 0;
}

function addManual(message: Message, manual: string): Message {
  if (manual === "" || message.role === "assistant") return message;
  const part: Part = { type: "text", text: manual };
  return message.role === "system"
    ? { ...message, content: [...message.content, part] }
    : { ...message, content: [part, ...message.content] };
}

function addWords(message: Message, words: string): Message {
  if (words === "" || message.role === "assistant") return message;
  return { ...message, content: [...message.content, { type: "text", text: words }] };
}
