// Owns: counting the tokens of texts, pictures and whole requests. Never counts a picture by more than its header.
import { createRequire } from "node:module";
import { Tiktoken } from "tiktoken/lite";
import { imageSize } from "../../core/output/pictures.ts";
import type { ImagePart, ModelRequest, Usage } from "../../contracts/index.ts";

export type TokenCounter = (text: string) => number;

/** Long unbroken runs cost the encoder quadratic time, so texts are counted in slices. */
const SLICE_CHARACTERS = 4096;
const REMEMBERED_TEXTS = 20_000;

/**
 * Counts as o200k_base does, through tiktoken. A slice border costs at most one token in 4,096 characters. The tables
 * are loaded on first use.
 */
export function tiktokenCounter(): TokenCounter {
  let encoder: Tiktoken | null = null;
  const counts = new Map<string, number>();
  const countSlice = (slice: string): number => {
    encoder ??= loadEncoder();
    return encoder.encode_ordinary(slice).length;
  };
  return (text) => {
    const known = counts.get(text);
    if (known !== undefined) return known;
    let tokens = 0;
    for (let at = 0; at < text.length; at += SLICE_CHARACTERS)
      tokens += countSlice(text.slice(at, at + SLICE_CHARACTERS));
    if (counts.size >= REMEMBERED_TEXTS) counts.clear();
    counts.set(text, tokens);
    return tokens;
  };
}

interface TokenRanks {
  readonly bpe_ranks: string;
  readonly special_tokens: Record<string, number>;
  readonly pat_str: string;
}

function loadEncoder(): Tiktoken {
  const ranks: TokenRanks = createRequire(import.meta.url)("tiktoken/encoders/o200k_base.json");
  return new Tiktoken(ranks.bpe_ranks, ranks.special_tokens, ranks.pat_str);
}

/**
 * The tokens of a request's prompt, estimated for any model: one token for every three bytes of text, which is rather
 * too many than too few, and 1,000 for a picture.
 */
export function estimateInput({ messages, tools }: ModelRequest): number {
  let tokens = estimateTokens(JSON.stringify(tools));
  for (const message of messages) {
    if (message.role === "assistant") {
      tokens += estimateTokens(message.text) + estimateTokens(JSON.stringify(message.calls));
    } else {
      for (const part of message.content) tokens += part.type === "text" ? estimateTokens(part.text) : 1000;
    }
  }
  return tokens;
}

/** Usage where the server reported none, so that budgets still hold; without its cost. */
export function estimateUsage(
  request: ModelRequest,
  reply: { readonly text: string; readonly calls: readonly object[] },
): Usage {
  const outputTokens = estimateTokens(reply.text) + estimateTokens(JSON.stringify(reply.calls));
  return { inputTokens: estimateInput(request), cachedTokens: 0, outputTokens, costUsd: null };
}

function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3);
}

type PictureSize = NonNullable<ReturnType<typeof imageSize>>;
type CountPicture = (size: PictureSize) => number;

/** Assumed where a picture's header cannot be read. */
const UNKNOWN_SIZE: PictureSize = { width: 768, height: 768 };

/**
 * The first match counts. Sources, as of November 2026: OpenAI "Images and vision", Anthropic "Vision", Google
 * "Understand and count tokens".
 */
const PICTURE_RULES: readonly (readonly [RegExp, CountPicture])[] = [
  [/^(?:gpt-5[\d.]*|gpt-4\.1)-(?:mini|nano)|^o4-mini/, countPatches(1.7)],
  [/^gpt-4o-mini/, countTiles(2833, 5667)],
  [/^gpt-5/, countTiles(70, 140)],
  [/^gpt-4/, countTiles(85, 170)],
  [/^o[134]/, countTiles(75, 150)],
  [/^gemini-/, (size) => 258 * squaresIn(size, 768)],
];

/** The tokens of a picture for the named model. An unknown model counts as Anthropic's do: 750 pixels a token. */
export function imageTokens(model: string, image: ImagePart): number {
  const size = imageSize(image.base64) ?? UNKNOWN_SIZE;
  const count = PICTURE_RULES.find(([names]) => names.test(model.replace(/^.*\//, "")))?.[1];
  return Math.ceil(count === undefined ? (size.width * size.height) / 750 : count(size));
}

/** By squares of 512 pixels, after the shorter side was scaled down to 768. */
function countTiles(base: number, each: number): CountPicture {
  return ({ width, height }) => {
    const scale = Math.min(1, 768 / Math.min(width, height));
    return base + each * squaresIn({ width: width * scale, height: height * scale }, 512);
  };
}

/** By squares of 32 pixels, at most 1,536 of them. */
function countPatches(each: number): CountPicture {
  return (size) => each * Math.min(1536, squaresIn(size, 32));
}

function squaresIn({ width, height }: PictureSize, side: number): number {
  return Math.ceil(width / side) * Math.ceil(height / side);
}
