// Owns: what a reply cost, from what the server counted. Pure. A price that is not known is never made up.
import type { Json, JsonObject, ModelRequest, Usage } from "../../../contracts/index.ts";
import { countIn, objectIn } from "./untrusted-json.ts";

/** US dollars for a million tokens. */
export interface Price {
  readonly inputUsd: number;
  /** Input read from the cache. */
  readonly cachedUsd: number;
  /** Input written to the cache. */
  readonly cacheWriteUsd: number;
  readonly outputUsd: number;
  /** A prompt of more tokens costs twice as much, and its output half as much again; null: no such step. */
  readonly longAboveTokens: number | null;
  /** The day the price was looked up (ISO), and where. */
  readonly asOf: string;
  readonly source: string;
}

/** The usage that a server reported, or null where it reported none. Knows the spellings of both APIs and of others. */
export function reportedUsage(wire: JsonObject | null, price: Price | null): Usage | null {
  if (wire === null) return null;
  const inputTokens = countIn(wire["prompt_tokens"], wire["input_tokens"]);
  const outputTokens = countIn(wire["completion_tokens"], wire["output_tokens"]);
  if (inputTokens === null && outputTokens === null) return null;
  const input = inputTokens ?? 0;
  const details = objectIn(wire["prompt_tokens_details"] ?? wire["input_tokens_details"]);
  const read = countIn(
    details["cached_tokens"],
    wire["prompt_cache_hit_tokens"],
    wire["cache_read_input_tokens"],
  );
  const outputDetails = objectIn(wire["completion_tokens_details"] ?? wire["output_tokens_details"]);
  const reasoning = countIn(outputDetails["reasoning_tokens"], wire["reasoning_tokens"]);
  const written = countIn(details["cache_write_tokens"], wire["cache_creation_input_tokens"]);
  const cachedTokens = Math.min(read ?? 0, input);
  const writtenTokens = Math.min(written ?? 0, input - cachedTokens);
  // Gemini and Grok leave thinking out of the output, and in the total.
  const beyond = (countIn(wire["total_tokens"]) ?? 0) - input;
  const counted = {
    inputTokens: input,
    cachedTokens,
    outputTokens: Math.max(outputTokens ?? 0, beyond),
    ...(written !== null && { cacheWriteTokens: writtenTokens }),
    ...(reasoning !== null && { reasoningTokens: reasoning }),
  };
  return { ...counted, costUsd: reportedCost(wire["cost"]) ?? cost(counted, writtenTokens, price) };
}

/** Routers that know the bill say so. */
function reportedCost(value: Json | undefined): number | null {
  return countIn(value);
}

function cost(
  { inputTokens, cachedTokens, outputTokens }: Pick<Usage, "inputTokens" | "cachedTokens" | "outputTokens">,
  writtenTokens: number,
  price: Price | null,
): number | null {
  if (price === null) return null;
  const plain = inputTokens - cachedTokens - writtenTokens;
  const isLong = price.longAboveTokens !== null && inputTokens > price.longAboveTokens;
  const input = plain * price.inputUsd + cachedTokens * price.cachedUsd + writtenTokens * price.cacheWriteUsd;
  return (input * (isLong ? 2 : 1) + outputTokens * price.outputUsd * (isLong ? 1.5 : 1)) / 1e6;
}

/**
 * Tokens where the server reported none, so that budgets still bind: a token for every three bytes of text, which
 * is rather too many than too few, and 1,000 for a picture. The cost stays unknown.
 */
export function estimatedUsage(
  request: ModelRequest,
  reply: { readonly text: string; readonly calls: readonly object[] },
): Usage {
  return {
    inputTokens: estimatedInput(request),
    cachedTokens: 0,
    outputTokens: tokensIn(reply.text) + tokensIn(JSON.stringify(reply.calls)),
    costUsd: null,
  };
}

/** The estimate for a prompt alone: what a rate limiter and a budget reserve before the reply. */
export function estimatedInput({ messages, tools }: ModelRequest): number {
  let tokens = tokensIn(JSON.stringify(tools));
  for (const message of messages) {
    if (message.role === "assistant") {
      tokens += tokensIn(message.text) + tokensIn(JSON.stringify(message.calls));
    } else {
      for (const part of message.content) tokens += part.type === "text" ? tokensIn(part.text) : 1000;
    }
  }
  return tokens;
}

function tokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3);
}
