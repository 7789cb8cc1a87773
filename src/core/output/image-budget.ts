// Owns: how many pictures go to a model with one result. The others are announced.
import type { CellId } from "../../contracts/index.ts";
import type { OutputImage } from "./image.ts";

const MOST_IMAGES = 4;

/** At most four pictures, the `from`th first (from 1), and a line about those left out; an empty one when there are none. */
export function withinImageBudget(
  images: readonly OutputImage[],
  id: CellId,
  from = 1,
): { readonly images: readonly OutputImage[]; readonly line: string } {
  const sent = images.slice(from - 1, from - 1 + MOST_IMAGES);
  const next = from + sent.length;
  const more = images.length - next + 1;
  const line =
    more <= 0
      ? ""
      : `(${more} more of ${images.length} pictures; read(${id}, image, from=${next}) shows them)`;
  return { images: sent, line };
}
