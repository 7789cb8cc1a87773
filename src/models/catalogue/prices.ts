// Owns: the prices of models, as data with a date and a source. A model that is not listed has no price.

/** US dollars for a million tokens. */
export interface Price {
  readonly inputUsd: number;
  /** Input read from the cache. */
  readonly cachedUsd: number;
  /** Input written to the cache. */
  readonly cacheWriteUsd: number;
  readonly outputUsd: number;
  /** Above this many prompt tokens, input costs twice and output one and a half times as much; null: no such step. */
  readonly longAboveTokens: number | null;
  /** The day the price was looked up (ISO 8601). */
  readonly asOf: string;
  readonly source: string;
}

const LOOKED_UP = {
  asOf: "2026-07-24",
  source:
    "model_prices_and_context_window.json as kept by LiteLLM, in the copy of " +
    "github.com/Wei-Shaw/model-price-repo at f9ff14734f6203c490573cb1e2ae8fdac7a52a41",
};

/** Model, input, cached input, cache write and output in US dollars for a million tokens, and `longAboveTokens`. */
type PriceRow = readonly [string, number, number, number, number, number?];

const OPENAI: readonly PriceRow[] = [
  ["gpt-5.6", 5, 0.5, 6.25, 30, 272_000],
  ["gpt-5.5", 5, 0.5, 5, 30, 272_000],
  ["gpt-5.4", 2.5, 0.25, 2.5, 15, 272_000],
  ["gpt-5.4-mini", 0.75, 0.075, 0.75, 4.5],
  ["gpt-5.4-nano", 0.2, 0.02, 0.2, 1.25],
  ["gpt-5.2", 1.75, 0.175, 1.75, 14],
  ["gpt-5.1", 1.25, 0.125, 1.25, 10],
  ["gpt-5", 1.25, 0.125, 1.25, 10],
  ["gpt-5-mini", 0.25, 0.025, 0.25, 2],
  ["gpt-5-nano", 0.05, 0.005, 0.05, 0.4],
  ["gpt-4.1", 2, 0.5, 2, 8],
  ["gpt-4.1-mini", 0.4, 0.1, 0.4, 1.6],
  ["gpt-4.1-nano", 0.1, 0.025, 0.1, 0.4],
  ["gpt-4o", 2.5, 1.25, 2.5, 10],
  ["gpt-4o-mini", 0.15, 0.075, 0.15, 0.6],
  ["o3", 2, 0.5, 2, 8],
  ["o4-mini", 1.1, 0.275, 1.1, 4.4],
  ["o3-mini", 1.1, 0.55, 1.1, 4.4],
];

const ANTHROPIC: readonly PriceRow[] = [
  ["claude-opus-5", 5, 0.5, 6.25, 25],
  ["claude-sonnet-5", 2, 0.2, 2.5, 10],
  ["claude-opus-4-8", 5, 0.5, 6.25, 25],
  ["claude-opus-4-7", 5, 0.5, 6.25, 25],
  ["claude-opus-4-6", 5, 0.5, 6.25, 25],
  ["claude-opus-4-5", 5, 0.5, 6.25, 25],
  ["claude-opus-4-1", 15, 1.5, 18.75, 75],
  ["claude-sonnet-4-6", 3, 0.3, 3.75, 15],
  ["claude-sonnet-4-5", 3, 0.3, 3.75, 15, 200_000],
  ["claude-haiku-4-5", 1, 0.1, 1.25, 5],
];

const GEMINI: readonly PriceRow[] = [
  ["gemini-3.6-flash", 1.5, 0.15, 1.5, 7.5],
  ["gemini-3.5-flash", 1.5, 0.15, 1.5, 9],
  ["gemini-3.5-flash-lite", 0.3, 0.03, 0.3, 2.5],
  ["gemini-3.1-pro-preview", 2, 0.2, 2, 12, 200_000],
  ["gemini-3.1-flash-lite", 0.25, 0.025, 0.25, 1.5],
  ["gemini-2.5-pro", 1.25, 0.125, 1.25, 10, 200_000],
  ["gemini-2.5-flash", 0.3, 0.03, 0.3, 2.5],
  ["gemini-2.5-flash-lite", 0.1, 0.01, 0.1, 0.4],
];

const DEEPSEEK: readonly PriceRow[] = [
  ["deepseek-v4-pro", 0.435, 0.0036, 0.435, 0.87],
  ["deepseek-v4-flash", 0.14, 0.0028, 0.14, 0.28],
  ["deepseek-chat", 0.28, 0.028, 0.28, 0.42],
  ["deepseek-reasoner", 0.28, 0.028, 0.28, 0.42],
];

/** By host, because the same model costs something else behind a proxy. */
const BY_HOST: Readonly<Record<string, readonly PriceRow[]>> = {
  "api.openai.com": OPENAI,
  "api.anthropic.com": ANTHROPIC,
  "generativelanguage.googleapis.com": GEMINI,
  "api.deepseek.com": DEEPSEEK,
};

/** Every model with a price, and the host of its provider. */
export const PRICED_MODELS = Object.entries(BY_HOST).flatMap(([provider, rows]) =>
  rows.map(([model]) => ({ model, provider })),
);

/** The price of a model, or of a dated snapshot of it, at its own provider; null for anything else. */
export function priceOf(model: string, baseURL: string): Price | null {
  const host = URL.canParse(baseURL) ? new URL(baseURL).hostname : "";
  const plain = model.replace(/-\d{4}-?\d{2}-?\d{2}$/, "").replace(/^models\//, "");
  const row = BY_HOST[host]?.find(([name]) => name === plain);
  if (row === undefined) return null;
  const [, inputUsd, cachedUsd, cacheWriteUsd, outputUsd, longAboveTokens = null] = row;
  return { inputUsd, cachedUsd, cacheWriteUsd, outputUsd, longAboveTokens, ...LOOKED_UP };
}
