// Owns: a request as blocks of text with their tokens: what a cache compares. Tools come first, as providers put them.
import { countMessageTokens } from "../../renderers/parts/context-log.ts";
import { textHash } from "../../src/core/output/blobs.ts";
import type { Message, Prompt } from "../../src/contracts/index.ts";

interface Block {
  readonly text: string;
  readonly tokens: number;
}
export interface Request {
  readonly blocks: readonly Block[];
  /** Indices of blocks after which the request marks a breakpoint. */
  readonly breakpoints: readonly number[];
  /** A name for the blocks up to each one: requests with the same beginning have the same names. */
  readonly prefixes: readonly string[];
  readonly tokens: number;
  /** The reply, which some caches keep too. */
  readonly reply: Block;
}

export type CountTokens = (text: string) => number;

/** The request of a prompt, with `tools` as its first block; null for a call without tools. */
export function requestOf(
  prompt: Prompt,
  tools: string | null,
  reply: Message,
  countTokens: CountTokens,
): Request {
  const first = tools === null ? [] : [{ text: tools, tokens: countTokens(tools) }];
  const blocks = [...first, ...prompt.messages.map((message) => blockOf(message, countTokens))];
  return {
    blocks,
    breakpoints: prompt.breakpoints.map((at) => at + first.length),
    prefixes: prefixesOf(blocks),
    tokens: blocks.reduce((sum, block) => sum + block.tokens, 0),
    reply: blockOf(reply, countTokens),
  };
}

function prefixesOf(blocks: readonly Block[]): readonly string[] {
  let name = "";
  return blocks.map(({ text }) => (name = textHash(`${name} ${hashOf(text)}`)));
}

const hashes = new Map<string, string>();

function hashOf(text: string): string {
  const known = hashes.get(text) ?? `${textHash(text)}${text.length}`;
  hashes.set(text, known);
  return known;
}

export function blockOf(message: Message, countTokens: CountTokens): Block {
  return { text: textOf(message), tokens: countMessageTokens(message, { countTokens }) };
}

/** What the model reads of a message, its calls included. */
export function textOf(message: Message): string {
  if (message.role === "assistant") {
    const calls = message.calls.map((call) => `${call.tool} ${JSON.stringify(call.arguments)}`);
    return ["assistant", message.text, ...calls].join("\n");
  }
  return [
    message.role,
    ...message.content.map((part) => (part.type === "text" ? part.text : "[image]")),
  ].join("\n");
}
