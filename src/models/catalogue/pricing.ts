// Owns: what a renderer may know of a model's prices: shares of the input price, never dollars.
import type { Pricing } from "../../contracts/index.ts";
import { profileOf, type ModelProfile } from "./profiles.ts";

/** What most providers charge for a cached token. Source: docs/benchmarks/context.md, "Caches differ". */
const USUAL_CACHED_SHARE = 0.1;

/** Where the listed prices apply. The shares are the same behind a router or a proxy. */
const PROVIDERS = [
  "https://api.openai.com/v1",
  "https://api.anthropic.com/v1",
  "https://generativelanguage.googleapis.com/v1beta/openai",
  "https://api.deepseek.com",
];

/** The pricing of a model by its name; an unknown name gets the usual shares. */
export function pricingFor(model: string): Pricing {
  return pricingOf(model, profileOf(model, ""));
}

/** The pricing of a model with this profile, behind any endpoint. */
export function pricingOf(model: string, { price, cache, contextTokens }: ModelProfile): Pricing {
  const prices = [price, ...PROVIDERS.map((baseURL) => profileOf(model, baseURL).price)];
  const known = prices.find((one) => one !== null);
  const listed = known !== undefined && known.inputUsd > 0 ? known : null;
  return {
    cachedShare: listed === null ? USUAL_CACHED_SHARE : listed.cachedUsd / listed.inputUsd,
    writeShare: listed === null ? 1 : listed.cacheWriteUsd / listed.inputUsd,
    minimumTokens: cache.minimumTokens,
    windowTokens: contextTokens,
  };
}
