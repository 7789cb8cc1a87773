// Owns: the context log of the log-structured renderer as a value, and its prompt. Decides nothing.
import { textMessage } from "../../src/core/conversation.ts";
import type { CellId, Message, Part, Prompt, RenderInput } from "../../src/contracts/index.ts";

/** What the next fold will say of a cell. */
export interface Unfrozen {
  readonly digest: string;
  /** Names that the digest has no room for. */
  readonly more: string;
  /** Messages of runs that failed and were mended since. */
  readonly errors: readonly string[];
  /** The cell was dropped; its digest is all that stays. */
  readonly gone: boolean;
}

/** JSON-able; everything above `events` is immutable within an epoch, and `frozen` beyond it. */
export interface ContextLog {
  /** One text a fold: digests of cells, never rewritten. */
  readonly frozen: readonly string[];
  /** Cells that are open, as they were at the last fold. */
  readonly snapshot: string;
  /** Since the last fold: round headers, turns verbatim, changes. Only appended to. */
  readonly events: readonly Message[];
  readonly eventTokens: number;
  /** How many events the last request had, so that the next one can name that place to a cache. */
  readonly asked: number;
  /** Turns since the last fold. */
  readonly turns: number;
  /** The round's header, said again when a round is folded before its end. */
  readonly header: string;
  /** Cells that no frozen text tells of as they are now. */
  readonly unfrozen: Readonly<Record<CellId, Unfrozen>>;
  /** What the model was last told of each cell: a fingerprint. */
  readonly told: Readonly<Record<CellId, string>>;
}

/** The log with more messages at its end. */
export function appended(log: ContextLog, messages: readonly Message[], scene: RenderInput): ContextLog {
  const tokens = messages.reduce((sum, message) => sum + messageTokens(message, scene), 0);
  return { ...log, events: [...log.events, ...messages], eventTokens: log.eventTokens + tokens };
}

/** System, task, frozen texts, snapshot, events. */
export function promptOf(log: ContextLog, scene: RenderInput): Prompt {
  const above = [
    textMessage("system", scene.instructions),
    textMessage("user", `# Task\n${scene.statement}`),
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
export function promptTokens(log: ContextLog, scene: RenderInput): number {
  const fixed = [scene.instructions, scene.statement, ...log.frozen, log.snapshot];
  return fixed.reduce((sum, text) => sum + scene.countTokens(text), log.eventTokens);
}

/** Of a picture where nobody counts them: what one of 768 by 768 pixels takes with most providers. */
const IMAGE_TOKENS = 800;
/** Of a message's frame. */
const FRAME_TOKENS = 4;

type Counts = Pick<RenderInput, "countTokens" | "countImageTokens">;

/** Counted for text; for pictures as the scene says, or estimated. */
export function messageTokens(message: Message, scene: Counts): number {
  if (message.role !== "assistant") return FRAME_TOKENS + partsTokens(message.content, scene);
  const calls = message.calls.map((call) => `${call.tool}${JSON.stringify(call.arguments)}`);
  return [message.text, ...calls].reduce((sum, text) => sum + scene.countTokens(text), FRAME_TOKENS);
}

function partsTokens(parts: readonly Part[], scene: Counts): number {
  const tokens = parts.map((part) =>
    part.type === "text" ? scene.countTokens(part.text) : (scene.countImageTokens?.(part) ?? IMAGE_TOKENS),
  );
  return tokens.reduce((sum, count) => sum + count, 0);
}
