// Owns: the pictures of outputs: their size in pixels, the placeholder in the text, and how many are sent. Decodes no pixels.
import { textHash, formatSize } from "./blobs.ts";
import { mimeText, recordOf } from "../untrusted.ts";
import type { CellId } from "../../contracts/index.ts";

/** A picture among the outputs of a cell. */
export interface OutputImage {
  readonly mime: string;
  readonly base64: string;
  /** Pixels across at which a notebook shows it, where the output says so. */
  readonly shownWidth?: number;
}

/** `[png 640x480 12 kB #1a2b3c4d]`. */
export function imagePlaceholder({ mime, base64 }: OutputImage): string {
  const size = imageSize(base64);
  const pixels = size === null ? "" : ` ${size.width}x${size.height}`;
  return `[${mime.replace("image/", "")}${pixels} ${formatSize((base64.length * 3) / 4)} #${textHash(base64)}]`;
}

/** What the bytes say that they are, whatever the output calls them; null for what no model takes as a picture. */
export function imageMime(base64: string): string | null {
  const bytes = bytesOf(base64.slice(0, 64));
  if (bytes.startsWith("\u0089PNG\r\n\u001A\n")) return "image/png";
  if (bytes.startsWith("\u00FF\u00D8\u00FF")) return "image/jpeg";
  if (/^GIF8[79]a/.test(bytes)) return "image/gif";
  return /^RIFF[\s\S]{4}WEBP/.test(bytes) ? "image/webp" : null;
}

/** Pixels of a PNG, GIF or JPEG; null for anything else. */
export function imageSize(base64: string): { readonly width: number; readonly height: number } | null {
  const bytes = bytesOf(base64.slice(0, 64));
  if (bytes.startsWith("\u0089PNG"))
    return { width: readBigEndian(bytes, 16, 4), height: readBigEndian(bytes, 20, 4) };
  if (bytes.startsWith("GIF8"))
    return { width: readLittleEndian(bytes, 6), height: readLittleEndian(bytes, 8) };
  return bytes.startsWith("\u00FF\u00D8") ? jpegSize(bytesOf(base64.slice(0, 200_000))) : null;
}

/** Source: ITU-T T.81, annex B: the frame header follows a start-of-frame marker. */
function jpegSize(bytes: string): { readonly width: number; readonly height: number } | null {
  let at = 2;
  while (at + 9 < bytes.length && bytes.charCodeAt(at) === 0xff) {
    const marker = bytes.charCodeAt(at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: readBigEndian(bytes, at + 7, 2), height: readBigEndian(bytes, at + 5, 2) };
    }
    at += 2 + readBigEndian(bytes, at + 2, 2);
  }
  return null;
}

function bytesOf(base64: string): string {
  const whole = base64.slice(0, base64.length - (base64.length % 4));
  try {
    return atob(whole);
  } catch {
    return ""; // not base64: no picture that anybody can show
  }
}

function readBigEndian(bytes: string, at: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + (bytes.charCodeAt(at + i) || 0);
  return value;
}

function readLittleEndian(bytes: string, at: number): number {
  return (bytes.charCodeAt(at) || 0) + 256 * (bytes.charCodeAt(at + 1) || 0);
}

export type MimeData = { readonly [mime: string]: unknown };

export interface Picture {
  /** The bundle's key, which the bytes may contradict. */
  readonly mime: string;
  readonly image: OutputImage;
  /** `[png 640x480 12 kB #1a2b3c4d]`. */
  readonly placeholder: string;
}

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

const placeholders = new WeakMap<MimeData, string>();

/** The first of the kinds that models take; null where there is none. `metadata`: that of the output. */
export function pictureIn(data: MimeData, metadata: MimeData = {}): Picture | null {
  const mime = PICTURES.find((kind) => data[kind] !== undefined);
  if (mime === undefined) return null;
  const width = recordOf(metadata[mime])["width"];
  const shown = typeof width === "number" && width >= 1 ? { shownWidth: width } : {};
  const image = { mime, base64: mimeText(data[mime]).replace(/\s/g, ""), ...shown };
  const placeholder = placeholders.get(data) ?? imagePlaceholder(image);
  placeholders.set(data, placeholder);
  return { mime, image, placeholder };
}

const MOST_IMAGES = 4;

/** At most four pictures, the `from`th first (from 1), and a line about those left out, with the call that shows them where there is one (`id`); an empty one when there are none. */
export function limitImages(
  images: readonly OutputImage[],
  id: CellId | null,
  from = 1,
): { readonly images: readonly OutputImage[]; readonly line: string } {
  const sent = images.slice(from - 1, from - 1 + MOST_IMAGES);
  const next = from + sent.length;
  const more = images.length - next + 1;
  const line =
    more <= 0
      ? ""
      : `(${more} more of ${images.length} pictures${id === null ? "" : `; read(${id}, image, from=${next}) shows them`})`;
  return { images: sent, line };
}
