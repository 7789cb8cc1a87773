// Owns: which protocol a model gets, by what it is seen to do: down where it does not call tools, and up where it does.
// Never asks a model. Pure.
import type { ModelReply, ModelRequest } from "../../contracts/index.ts";
import type { Dialect } from "../catalogue/dialect.ts";
import type { SeenForm } from "./wire/finish-reply.ts";
import { codeToolIn } from "./wire/protocol.ts";
import { shownFormIn } from "./wire/protocols.ts";

/** What a model was seen to do so far. */
export interface SeenHabits {
  /** It called a tool natively. */
  readonly callsNatively: boolean;
  /** It wrote code in the place of a call. */
  readonly writesCode: boolean;
  /** Replies whose calls were in their text. */
  readonly textCalls: number;
  /** Replies in a row with calls in the marks of a template that nobody had shown to it. */
  readonly templatesInARow: number;
  /** Its protocol does not go up: it did so before, or the endpoint takes no tools. */
  readonly staysDown: boolean;
  /** Its replies are held to no grammar: the endpoint did not take one, or did not keep to it. */
  readonly staysFree: boolean;
}

export const NO_HABITS: SeenHabits = {
  callsNatively: false,
  writesCode: false,
  textCalls: 0,
  templatesInARow: 0,
  staysDown: false,
  staysFree: false,
};

/** A reply, how it was asked for, and the form in which it acts; null where it may not act. */
export interface SeenReply {
  readonly request: ModelRequest;
  readonly reply: ModelReply;
  readonly dialect: Dialect;
  readonly form: SeenForm | null;
}

export function addHabits(before: SeenHabits, { dialect, form }: SeenReply): SeenHabits {
  if (form === null) return before;
  const isText = form.kind === "template" || form.kind === "text";
  // In the text protocol the blocks are what it was shown.
  const isOwn = form.kind === "template" && form.name !== shownFormIn(dialect);
  return {
    ...before,
    callsNatively: before.callsNatively || form.kind === "native",
    writesCode: before.writesCode || form.kind === "code",
    textCalls: before.textCalls + (isText ? 1 : 0),
    templatesInARow: isOwn ? before.templatesInARow + 1 : 0,
  };
}

/** A change of the dialect, and why. */
export interface ProtocolStep {
  readonly change: Partial<Dialect>;
  readonly reason: string;
}

/** How the dialect changes after a reply whose habits are in `habits`; null where it stays. */
export function nextProtocol(seen: SeenReply, habits: SeenHabits): ProtocolStep | null {
  const { dialect, form } = seen;
  if (ignoresName(seen))
    return {
      change: { toolChoice: "auto" },
      reason: "the tool that was demanded by its name was not called",
    };
  const held = nextConstraint(seen, habits);
  if (held !== null) return held;
  if (dialect.tools !== "native") {
    const rises = habits.templatesInARow >= 2 && !habits.staysDown;
    return rises
      ? { change: { tools: "native" }, reason: "it writes calls in its template's own form" }
      : null;
  }
  if (habits.callsNatively) return null;
  if (form?.kind === "code" && codeToolIn(seen.request.tools) !== undefined)
    return { change: { tools: "fence" }, reason: "it writes code and calls no tool" };
  if (habits.textCalls >= 2 && !habits.writesCode && form?.kind !== "none")
    return { change: { tools: "text" }, reason: "it writes its calls into its text" };
  return null;
}

/** A model that is asked for a block and writes none is held to one; a server that lets it do so all the same is not asked to. */
function nextConstraint(
  { request, reply, dialect, form }: SeenReply,
  { staysFree }: SeenHabits,
): ProtocolStep | null {
  const isFence = dialect.tools === "fence" && codeToolIn(request.tools) !== undefined;
  if (!isFence || form?.kind !== "none" || !isWhole(reply)) return null;
  if (dialect.constraint === "grammar")
    return { change: { constraint: "none" }, reason: "the server does not keep to the grammar" };
  return staysFree || form.thinks
    ? null
    : { change: { constraint: "grammar" }, reason: "a reply had no block of code in it" };
}

function isWhole({ stop }: ModelReply): boolean {
  return stop !== "length" && stop !== "filtered";
}

/** Servers that take a tool's name as a choice and do nothing with it: asking for any tool would be ignored too. */
function ignoresName({ request, reply, dialect }: SeenReply): boolean {
  const { toolChoice } = request;
  if (typeof toolChoice !== "object" || dialect.tools !== "native" || dialect.toolChoice !== "named")
    return false;
  return isWhole(reply) && !reply.calls.some(({ tool }) => tool === toolChoice.tool);
}
