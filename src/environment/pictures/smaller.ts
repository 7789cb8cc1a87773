// Owns: making a picture's pixels fewer. Each new pixel is the mean of the area that it covers.
import type { Pixels } from "./png.ts";

/** The picture with at most `most` pixels on its longer side; as it is when it has no more. */
export function shrinkPixels(pixels: Pixels, most: number): Pixels {
  const scale = most / Math.max(pixels.width, pixels.height);
  if (scale >= 1) return pixels;
  const width = Math.max(1, Math.round(pixels.width * scale));
  const height = Math.max(1, Math.round(pixels.height * scale));
  const narrow = shrinkAndTurn(pixels.rgb, pixels.width, pixels.height, width);
  const small = shrinkAndTurn(narrow, pixels.height, width, height);
  return { width, height, rgb: Uint8Array.from(small, Math.round) };
}

/** Each row of `width` pixels shrunk to `to` of them; what was row `y` comes to be column `y`. */
function shrinkAndTurn(
  data: Uint8Array | Float32Array,
  width: number,
  height: number,
  to: number,
): Float32Array {
  const turned = new Float32Array(to * height * 3);
  const ratio = width / to;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < to; x++) {
      const [begin, end] = [x * ratio, Math.min(width, (x + 1) * ratio)];
      const into = (x * height + y) * 3;
      for (let from = Math.floor(begin); from < end; from++) {
        const share = (Math.min(from + 1, end) - Math.max(from, begin)) / (end - begin);
        const at = (y * width + from) * 3;
        for (let i = 0; i < 3; i++) turned[into + i] = (turned[into + i] ?? 0) + share * (data[at + i] ?? 0);
      }
    }
  }
  return turned;
}
