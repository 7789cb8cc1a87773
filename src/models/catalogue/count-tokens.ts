// Owns: what a picture takes of a prompt, by the model's name. Sources: OpenAI "Images and vision", Anthropic "Vision",
// Google "Understand and count tokens", as of November 2026. Never looks at more of a picture than its header.
import { imageSize } from "../../core/output/pictures.ts";
import type { ImagePart } from "../../contracts/index.ts";

type Size = NonNullable<ReturnType<typeof imageSize>>;
type Rule = (size: Size) => number;

/** For what cannot be read. */
const UNKNOWN: Size = { width: 768, height: 768 };

/** The first match counts. */
const RULES: readonly (readonly [RegExp, Rule])[] = [
  [/^(?:gpt-5[\d.]*|gpt-4\.1)-(?:mini|nano)|^o4-mini/, patches(1.7)],
  [/^gpt-4o-mini/, tiles(2833, 5667)],
  [/^gpt-5/, tiles(70, 140)],
  [/^gpt-4/, tiles(85, 170)],
  [/^o[134]/, tiles(75, 150)],
  [/^gemini-/, (size) => 258 * tilesOf(size, 768)],
];

/** Tokens of the picture for the model; for one that is not known, as Anthropic counts them: 750 pixels a token. */
export function imageTokens(model: string, image: ImagePart): number {
  const size = imageSize(image.base64) ?? UNKNOWN;
  const rule = RULES.find(([names]) => names.test(model.replace(/^.*\//, "")))?.[1];
  return Math.ceil(rule === undefined ? (size.width * size.height) / 750 : rule(size));
}

/** Squares of 512 pixels, after the shorter side was brought to 768. */
function tiles(base: number, each: number): Rule {
  return ({ width, height }) => {
    const scale = Math.min(1, 768 / Math.min(width, height));
    return base + each * tilesOf({ width: width * scale, height: height * scale }, 512);
  };
}

/** Squares of 32 pixels, at most 1,536 of them. */
function patches(each: number): Rule {
  return (size) => each * Math.min(1536, tilesOf(size, 32));
}

function tilesOf({ width, height }: Size, side: number): number {
  return Math.ceil(width / side) * Math.ceil(height / side);
}
