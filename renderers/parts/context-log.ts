// Owns: the context log of the log-structured renderer as a value, and its prompt. Decides nothing.
import { textMessage } from "../../src/core/conversation.ts";
import type { CellId, Message, Part, Prompt, RenderInput } from "../../src/contracts/index.ts";

/** What the next fold will say of a cell. */
export interface Unfrozen {
  readonly digest: string;
  /** Names that the digest has no room for. */
  readonly more: string;
  /** Messages of runs that failed before the cell was mended. */
  readonly errors: readonly string[];
  /** The cell was dropped; its digest is all that stays. */
  readonly gone: boolean;
}

/** A JSON value. Everything above `events` stays the same within an epoch, and `frozen` beyond it. */
export interface ContextLog {
  /** One text a fold: digests of cells, never rewritten. */
  readonly frozen: readonly string[];
  /** Cells that are open, as they were at the last fold. */
  readonly snapshot: string;
  /** What came since the last fold: round headers, turns as they were, changes. Only appended to. */
  readonly events: readonly Message[];
  readonly eventTokens: number;
  /** Number of events in the last request, so that the next one can name that place to a cache. */
  readonly asked: number;
  /** Turns since the last fold. */
  readonly turns: number;
  /** The round's header, said again when a round is folded before its end. */
  readonly header: string;
  /** Cells that no frozen text describes as they are now. */
  readonly unfrozen: Readonly<Record<CellId, Unfrozen>>;
  /** What the model was last told of each cell: a fingerprint. */
  readonly told: Readonly<Record<CellId, string>>;
}

/** The log with more messages at its end. */
export function appendMessages(
  log: ContextLog,
  messages: readonly Message[],
  input: RenderInput,
): ContextLog {
  const tokens = messages.reduce((sum, message) => sum + countMessageTokens(message, input), 0);
  return { ...log, events: [...log.events, ...messages], eventTokens: log.eventTokens + tokens };
}

/** System, task, frozen texts, snapshot, events. */
export function promptOf(log: ContextLog, input: RenderInput): Prompt {
  const above = [
    textMessage("system", input.instructions),
    textMessage("user", `# Task\n${input.statement}`),
    ...log.frozen.map((text) => textMessage("user", text)),
    textMessage("user", log.snapshot),
  ];
  const messages = [...above, ...log.events];
  const asked = above.length + log.asked - 1;
  // What survives a fold, what survives a round, where the last request ended, and this one's end.
  const marks = [log.frozen.length + 1, above.length - 1, asked, messages.length - 1];
  return { messages, breakpoints: [...new Set(marks)] };
}

/** Tokens of the prompt's text, pictures estimated; tools are not counted. */
export function countPromptTokens(log: ContextLog, input: RenderInput): number {
  const fixed = [input.instructions, input.statement, ...log.frozen, log.snapshot];
  return fixed.reduce((sum, text) => sum + input.countTokens(text), log.eventTokens);
}

/** Tokens of a picture where they cannot be counted: what 768 by 768 pixels take with most providers. */
const IMAGE_TOKENS = 800;
/** Tokens of a message besides its content. */
const FRAME_TOKENS = 4;

/** How texts and pictures are counted. */
export type TokenCounts = Pick<RenderInput, "countTokens" | "countImageTokens">;

/** Tokens of a message: counted for its text, counted or estimated for its pictures. */
export function countMessageTokens(message: Message, input: TokenCounts): number {
  if (message.role !== "assistant") return FRAME_TOKENS + countPartTokens(message.content, input);
  const calls = message.calls.map((call) => `${call.tool}${JSON.stringify(call.arguments)}`);
  return [message.text, ...calls].reduce((sum, text) => sum + input.countTokens(text), FRAME_TOKENS);
}

function countPartTokens(parts: readonly Part[], input: TokenCounts): number {
  const tokens = parts.map((part) =>
    part.type === "text" ? input.countTokens(part.text) : (input.countImageTokens?.(part) ?? IMAGE_TOKENS),
  );
  return tokens.reduce((sum, count) => sum + count, 0);
}
