// Owns: a result's pictures as a model gets them: of a size that it makes use of, and only what it can decode.
// The notebook keeps them as they were, for screens with finer pixels too.
import { imageMime, imageSize } from "../../core/output/pictures.ts";
import type { ImagePart, Part } from "../../contracts/index.ts";
import { readPng, writePng } from "./png.ts";
import { shrinkPixels } from "./smaller.ts";

/** Pixels. Providers scale down what is much larger themselves, and charge for it. */
const LONGEST_SIDE = 768;
/** Pixels of a picture that is made smaller here; it takes 300 MB of memory meanwhile. */
const MOST_PIXELS = 16_000_000;
/** Characters of base64: three quarters of a megabyte. */
const MOST_CHARACTERS = 1_000_000;

/** The content with large PNGs made smaller; a picture that cannot be sent is replaced by why. */
export async function fitPictures(content: readonly Part[]): Promise<readonly Part[]> {
  const parts = await Promise.all(
    content.map(async (part) => (part.type === "image" ? fitPicture(part) : [part])),
  );
  return parts.flat();
}

async function fitPicture(image: ImagePart): Promise<readonly Part[]> {
  const mime = imageMime(image.base64);
  if (mime === null) return [toTextPart(`[picture not sent: its data are no ${image.mime}]`)];
  const { part, note } = await scalePicture({ ...image, mime });
  if (part.base64.length > MOST_CHARACTERS) return [toTextPart("[picture not sent: over 750 kB]")];
  return note === "" ? [part] : [part, toTextPart(note)];
}

async function scalePicture(image: ImagePart): Promise<{ readonly part: ImagePart; readonly note: string }> {
  const { shownWidth, ...part } = image;
  const size = imageSize(part.base64);
  if (!size?.width || part.mime !== "image/png" || size.width * size.height > MOST_PIXELS)
    return { part, note: "" };
  const longest = Math.max(size.width, size.height);
  const shown = longest * Math.min(1, (shownWidth || size.width) / size.width);
  if (Math.min(shown, LONGEST_SIDE) >= longest) return { part, note: "" };
  const pixels = await readPng(Buffer.from(part.base64, "base64"));
  if (pixels === null) return { part, note: "" };
  const small = shrinkPixels(pixels, Math.min(shown, LONGEST_SIDE));
  const base64 = Buffer.from(await writePng(small)).toString("base64");
  if (shown <= LONGEST_SIDE) return { part: { ...part, base64 }, note: "" };
  const note = `(sent as ${small.width}x${small.height} of ${size.width}x${size.height} pixels)`;
  return { part: { ...part, base64 }, note };
}

function toTextPart(text: string): Part {
  return { type: "text", text };
}
