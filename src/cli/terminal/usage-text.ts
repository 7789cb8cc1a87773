// Owns: what a run took of its models, as one line for people.
import type { Usage } from "../../contracts/index.ts";

/** `tokens: 12,000 in (9,000 cached), 800 out (300 thinking); $0.0123`. */
export function usageText(usage: Usage): string {
  const {
    inputTokens,
    cachedTokens,
    cacheWriteTokens = 0,
    outputTokens,
    reasoningTokens = 0,
    costUsd,
  } = usage;
  const of = (tokens: number, what: string): readonly string[] =>
    tokens === 0 ? [] : [`${tokens.toLocaleString("en")} ${what}`];
  const within = (parts: readonly string[]): string => (parts.length === 0 ? "" : ` (${parts.join(", ")})`);
  const input = within([...of(cachedTokens, "cached"), ...of(cacheWriteTokens, "written to the cache")]);
  const output = within(of(reasoningTokens, "thinking"));
  const cost = costUsd === null ? "cost unknown" : `$${costUsd.toFixed(4)}`;
  return `tokens: ${inputTokens.toLocaleString("en")} in${input}, ${outputTokens.toLocaleString("en")} out${output}; ${cost}`;
}
