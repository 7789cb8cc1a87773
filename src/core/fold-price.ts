// Owns: when folding a log pays. A fold sends its blocks at full price; without it every call sends the log again.
import type { Pricing } from "../contracts/index.ts";

/** An automatic prefix cache at a tenth of the price: what most providers have. */
export const DEFAULT_PRICING: Pricing = {
  cachedShare: 0.1,
  writeShare: 1,
  minimumTokens: 1024,
  windowTokens: null,
};

/** Tokens of a log between which it is folded where that pays. */
export interface FoldBounds {
  /** A shorter log is never folded at a round's end, unless folding every round is cheapest. */
  readonly least: number;
  /** A longer one always is. */
  readonly most: number;
}

/** Those that hold where a renderer is given none. */
export const FOLD_BOUNDS: FoldBounds = { least: 3000, most: 12_000 };

/** From here on, a context that is always folded falls below what the provider caches. */
const LARGE_MINIMUM = 2048;

/**
 * Tokens of log above which a round's end is the time to fold: `n * g` for `n = sqrt(2 S / (rho g))` calls, with
 * `S` tokens that a fold sends at full price and `g` tokens appended a call. 0: fold every round.
 */
export function foldThreshold(
  resentTokens: number,
  tokensPerCall: number,
  pricing: Pricing,
  bounds: FoldBounds = FOLD_BOUNDS,
): number {
  const { cachedShare, writeShare, minimumTokens } = pricing;
  if (cachedShare >= 0.25) return 0;
  const least = Math.max(bounds.least, minimumTokens >= LARGE_MINIMUM ? 1.25 * minimumTokens : 0);
  const most = Math.max(bounds.most, least);
  if (cachedShare <= 0) return most;
  const grown = Math.max(1, tokensPerCall);
  const calls = Math.sqrt((2 * resentTokens * writeShare) / (cachedShare * grown));
  return Math.min(Math.max(calls * grown, least), most);
}
