// Owns: how many pictures, and how large ones, go to a model with one result. The others are announced.
import type { CellId } from "../../spec/index.ts";
import type { OutputImage } from "./image.ts";

const MOST_IMAGES = 4;
/** Characters of base64: three quarters of a megabyte of picture. */
const MOST_CHARACTERS = 1_000_000;

/** The first pictures within the budget, and a line about the rest; an empty one when there is no rest. */
export function withinImageBudget(
  images: readonly OutputImage[],
  id: CellId,
): { readonly images: readonly OutputImage[]; readonly line: string } {
  const fitting = images.filter(({ base64 }) => base64.length <= MOST_CHARACTERS).slice(0, MOST_IMAGES);
  const left = images.length - fitting.length;
  const line =
    left === 0
      ? ""
      : `(${left} of ${images.length} pictures not sent: over 4, or over 750 kB; read(${id}, image) shows some)`;
  return { images: fitting, line };
}
