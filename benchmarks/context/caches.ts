// Owns: how much of a request each kind of prompt cache has from the requests before it. Nothing expires here.
import type { CountTokens, Request } from "./requests.ts";

export interface CacheModel {
  readonly name: string;
  /** Price of a cached token and of one written into the cache, as shares of an uncached one. */
  readonly cachedShare: number;
  readonly writeShare: number;
  /** Tokens of `request` that are read from the cache. */
  cached(request: Request, before: readonly Request[], countTokens: CountTokens): number;
}

/** A cache that is exact to the token. `rho`: price of a cached token as a share of an uncached one. */
export function ideal(rho: number): CacheModel {
  return { name: `rho ${rho}`, cachedShare: rho, writeShare: 1, cached: longestPrefix };
}

/** The caches of the design's table. Source: the providers' documentation as quoted in docs/benchmarks/context.md. */
export const CACHES: readonly CacheModel[] = [
  steppedCache("openai-prefix", 0.1, 1024, 128),
  markedCache("openai-marked", 0.1, 1.25, 1024, 0),
  markedCache("anthropic-1024", 0.1, 1.25, 1024, 20),
  markedCache("anthropic-4096", 0.1, 1.25, 4096, 20),
  steppedCache("gemini", 0.1, 4096, 1),
  { ...steppedCache("vllm", 0, 16, 16), cached: withReplies },
  { name: "none", cachedShare: 1, writeShare: 1, cached: () => 0 },
];

function steppedCache(name: string, cachedShare: number, minimum: number, step: number): CacheModel {
  return {
    name,
    cachedShare,
    writeShare: 1,
    cached(request, before, countTokens) {
      const tokens = Math.floor(longestPrefix(request, before, countTokens) / step) * step;
      return tokens >= minimum ? tokens : 0;
    },
  };
}

/** Entries end where a request marked them (its end included); `lookBack` blocks before a mark are tried too. */
function markedCache(
  name: string,
  cachedShare: number,
  writeShare: number,
  minimum: number,
  lookBack: number,
): CacheModel {
  return {
    name,
    cachedShare,
    writeShare,
    cached(request, before) {
      const ends = new Set(before.slice(-40).flatMap((one) => marks(one).map((at) => one.prefixes[at])));
      const tried = marks(request).flatMap((at) => Array.from({ length: lookBack + 1 }, (_, i) => at - i));
      const hits = tried.filter((at) => at >= 0 && ends.has(request.prefixes[at]));
      const tokens = Math.max(0, ...hits.map((at) => tokensUpTo(request, at)));
      return tokens >= minimum ? tokens : 0;
    },
  };
}

function marks(request: Request): readonly number[] {
  return [...new Set([...request.breakpoints, request.blocks.length - 1])].slice(-4);
}

function tokensUpTo(request: Request, at: number): number {
  return request.blocks.slice(0, at + 1).reduce((sum, block) => sum + block.tokens, 0);
}

function withReplies(request: Request, before: readonly Request[], countTokens: CountTokens): number {
  const grown = before.slice(-1).map((one) => ({ ...one, blocks: [...one.blocks, one.reply] }));
  return Math.floor(longestPrefix(request, grown, countTokens) / 16) * 16;
}

/** Tokens of the longest beginning that the request before had too. */
function longestPrefix(request: Request, before: readonly Request[], countTokens: CountTokens): number {
  const last = before.at(-1);
  if (last === undefined) return 0;
  let tokens = 0;
  for (const [i, block] of request.blocks.entries()) {
    const other = last.blocks[i];
    if (other === undefined) break;
    if (other.text !== block.text) return tokens + commonTokens(block.text, other.text, countTokens);
    tokens += block.tokens;
  }
  return tokens;
}

function commonTokens(a: string, b: string, countTokens: CountTokens): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at === 0 ? 0 : countTokens(a.slice(0, at));
}
