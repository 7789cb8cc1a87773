// Owns: counting tokens. Loads its tables on first use; counts in slices, since long unbroken runs cost quadratic time.
import { createRequire } from "node:module";
import { Tiktoken } from "tiktoken/lite";

export type TokenCounter = (text: string) => number;

const SLICE = 4096;
const REMEMBERED = 20_000;

/** o200k_base through tiktoken. A slice border costs at most one token in 4,096 characters. */
export function tiktokenCounter(): TokenCounter {
  let encoder: Tiktoken | null = null;
  const known = new Map<string, number>();
  const countSlice = (slice: string): number => {
    encoder ??= load();
    return encoder.encode_ordinary(slice).length;
  };
  return (text) => {
    const seen = known.get(text);
    if (seen !== undefined) return seen;
    let tokens = 0;
    for (let at = 0; at < text.length; at += SLICE) tokens += countSlice(text.slice(at, at + SLICE));
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, tokens);
    return tokens;
  };
}

interface Ranks {
  readonly bpe_ranks: string;
  readonly special_tokens: Record<string, number>;
  readonly pat_str: string;
}

function load(): Tiktoken {
  const ranks: Ranks = createRequire(import.meta.url)("tiktoken/encoders/o200k_base.json");
  return new Tiktoken(ranks.bpe_ranks, ranks.special_tokens, ranks.pat_str);
}
