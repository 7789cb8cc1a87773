// Owns: reading the usage that a server reported, and its cost. Pure. An unknown price is never made up.
import type { Json, JsonObject, Usage } from "../../../contracts/index.ts";
import type { Price } from "../../catalogue/prices.ts";
import { countOf, recordOf } from "../../../core/untrusted.ts";

/** The usage that a server reported, in either API's spelling or a known variant; null where it reported none. */
export function readUsage(wire: JsonObject | null, price: Price | null): Usage | null {
  if (wire === null) return null;
  const inputTokens = countOf(wire["prompt_tokens"], wire["input_tokens"]);
  const outputTokens = countOf(wire["completion_tokens"], wire["output_tokens"]);
  if (inputTokens === null && outputTokens === null) return null;
  const input = inputTokens ?? 0;
  const details = recordOf(wire["prompt_tokens_details"] ?? wire["input_tokens_details"]);
  const read = countOf(
    details["cached_tokens"],
    wire["prompt_cache_hit_tokens"],
    wire["cache_read_input_tokens"],
  );
  const outputDetails = recordOf(wire["completion_tokens_details"] ?? wire["output_tokens_details"]);
  const reasoning = countOf(outputDetails["reasoning_tokens"], wire["reasoning_tokens"]);
  const written = countOf(details["cache_write_tokens"], wire["cache_creation_input_tokens"]);
  const cachedTokens = Math.min(read ?? 0, input);
  const writtenTokens = Math.min(written ?? 0, input - cachedTokens);
  // Gemini and Grok leave reasoning out of the output count and include it in the total.
  const beyondInput = (countOf(wire["total_tokens"]) ?? 0) - input;
  const counted = {
    inputTokens: input,
    cachedTokens,
    outputTokens: Math.max(outputTokens ?? 0, beyondInput),
    ...(written !== null && { cacheWriteTokens: writtenTokens }),
    ...(reasoning !== null && { reasoningTokens: reasoning }),
  };
  return { ...counted, costUsd: readBill(wire["cost"]) ?? costOf(counted, writtenTokens, price) };
}

/** The cost in US dollars, as routers that know the bill state it; null where there is none. */
function readBill(cost: Json | undefined): number | null {
  return typeof cost === "number" && Number.isFinite(cost) && cost >= 0 ? cost : null;
}

/** The usage at that price, where there is one. */
export function withCost(usage: Usage, price: Price | null): Usage {
  return { ...usage, costUsd: costOf(usage, usage.cacheWriteTokens ?? 0, price) };
}

function costOf(
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
