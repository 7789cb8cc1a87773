// Owns: the picture of a mime bundle and the line that stands for it. Remembers that line by bundle: the hash in it
// reads every byte, and bundles are immutable.
import { imagePlaceholder, type OutputImage } from "./image.ts";
import { joined } from "./mime-text.ts";

export type Bundle = { readonly [mime: string]: unknown };

export interface Picture {
  /** The bundle's key, which the bytes may contradict. */
  readonly mime: string;
  readonly image: OutputImage;
  /** `[png 640x480 12 kB #1a2b3c4d]`. */
  readonly placeholder: string;
}

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

const placeholders = new WeakMap<Bundle, string>();

/** The first of the kinds that models take; null where there is none. */
export function pictureIn(data: Bundle): Picture | null {
  const mime = PICTURES.find((kind) => data[kind] !== undefined);
  if (mime === undefined) return null;
  const image = { mime, base64: joined(data[mime]).replace(/\s/g, "") };
  const placeholder = placeholders.get(data) ?? imagePlaceholder(image);
  placeholders.set(data, placeholder);
  return { mime, image, placeholder };
}
