// Owns: what a renderer may know of a model's prices: shares, not dollars. The data stand in profiles.ts and prices.ts.
import type { LanguageModel, Pricing } from "../../contracts/index.ts";
import { profileOf, type ModelProfile } from "./profiles.ts";

/** What most providers charge for a cached token. Source: docs/benchmarks/context.md, "Caches differ". */
const USUAL_SHARE = 0.1;

/** From the price where it is known; else what is usual. A cache that nothing is known of is taken for a usual one. */
export function pricingOf({ price, cache, contextTokens }: ModelProfile): Pricing {
  const known = price !== null && price.inputUsd > 0 ? price : null;
  return {
    cachedShare: known === null ? USUAL_SHARE : known.cachedUsd / known.inputUsd,
    writeShare: known === null ? 1 : known.cacheWriteUsd / known.inputUsd,
    minimumTokens: cache.minimumTokens,
    windowTokens: contextTokens,
  };
}

/** Where the prices of the table hold. Shares are the same behind a router or a proxy. */
const PROVIDERS = [
  "https://api.openai.com/v1",
  "https://api.anthropic.com/v1",
  "https://generativelanguage.googleapis.com/v1beta/openai",
  "https://api.deepseek.com",
];

/** The pricing of a model by its name; a usual one for a name that is not in the tables. */
export function pricingFor(model: string): Pricing {
  return pricingAt(model, profileOf(model, ""));
}

/** The pricing of a model with this profile, behind whatever endpoint. */
export function pricingAt(model: string, profile: ModelProfile): Pricing {
  const known = PROVIDERS.map((baseURL) => profileOf(model, baseURL).price).find((price) => price !== null);
  return pricingOf({ ...profile, price: profile.price ?? known ?? null });
}

/** What a wrapper passes on of the model in it. */
export function pricingLike({ pricing }: LanguageModel): Pick<LanguageModel, "pricing"> {
  return pricing === undefined ? {} : { pricing };
}
