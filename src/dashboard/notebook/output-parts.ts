// Owns: what of an output is shown, and what is withheld and why. An output is a stranger's: nothing of it is run. Pure.
import type { Output } from "../../contracts/index.ts";
import { imageMime, imageSize } from "../../core/output/pictures.ts";
import { toScreenText } from "../../core/output/terminal.ts";
import { cleanText, clipLine, isDeeperThan, MAX_DEPTH, mimeText, recordOf } from "../../core/untrusted.ts";

/** A piece of an output as it is drawn. */
export type ShownPart =
  /** Text with the colours of a terminal. */
  | { readonly kind: "text"; readonly text: string; readonly isError: boolean }
  | ShownPicture
  /** Goes into a frame that runs no script and loads nothing. */
  | { readonly kind: "html"; readonly html: string }
  | { readonly kind: "markdown"; readonly text: string }
  | { readonly kind: "json"; readonly text: string }
  /** What is withheld, and why. */
  | { readonly kind: "note"; readonly text: string };

interface ShownPicture {
  readonly kind: "picture";
  readonly src: string;
  readonly alt: string;
  /** Pixels across and down at which it is shown; null where it does not say. */
  readonly width: number | null;
  readonly height: number | null;
}

const MOST_HTML = 2 << 20;
const MOST_MARKDOWN = 1 << 20;
const MOST_JSON = 1 << 20;
const MOST_SVG = 4 << 20;
const MOST_BASE64 = 32 << 20;
/** Pixels that a browser unpacks without harm. */
const MOST_PIXELS = 100_000_000;
/** Characters of a text that are looked at; more are left out in its middle. */
const MOST_TEXT = 2 << 20;

/** The pieces of an output, in order. */
export function shownParts(output: Output): readonly ShownPart[] {
  switch (output.output_type) {
    case "stream":
      return [textPart(mimeText(output.text), output.name === "stderr")];
    case "error": {
      const lines = Array.isArray(output.traceback) ? output.traceback.map(mimeText) : [];
      return [textPart(lines.join("\n") || `${mimeText(output.ename)}: ${mimeText(output.evalue)}`, true)];
    }
    case "display_data":
    case "execute_result":
      return bundleParts(recordOf(output.data), recordOf(output.metadata));
    default:
      return [note("An output of an unknown kind is not shown.")];
  }
}

function note(text: string): ShownPart {
  return { kind: "note", text };
}

/** The text as a terminal would show it in the end; of a very long one its beginning and its end. */
function textPart(text: string, isError: boolean): ShownPart {
  const left = text.length - MOST_TEXT;
  const kept =
    left <= 0
      ? text
      : `${text.slice(0, MOST_TEXT / 2)}\n... ${left} characters are not shown here ...\n${text.slice(-MOST_TEXT / 2)}`;
  return { kind: "text", text: cleanText(toScreenText(kept)), isError };
}

type Bundle = Readonly<Record<string, unknown>>;

/** As JupyterLab ranks them; what needs a script is behind what needs none. */
const RANKED = [
  "text/html",
  "text/markdown",
  "image/svg+xml",
  "text/latex",
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "application/json",
  "text/plain",
] as const;

/** Words for what is never shown. */
const WITHHELD: Readonly<Record<string, string>> = {
  "application/javascript": "JavaScript is not run here.",
  "text/javascript": "JavaScript is not run here.",
  "application/vnd.jupyter.widget-view+json": "A widget is not shown: it needs a live kernel.",
};

function bundleParts(data: Bundle, metadata: Bundle): readonly ShownPart[] {
  const mimes = Object.keys(data).slice(0, 50);
  const notes = mimes
    .filter((mime) => !RANKED.some((known) => known === mime))
    .map((mime) =>
      note(
        WITHHELD[mime] ?? `${clipLine(cleanText(mime), 80)} is not shown: the page has no way to draw it.`,
      ),
    );
  const scripted = /<script/i.test(mimeText(data["text/html"]).slice(0, MOST_HTML));
  const ranked = scripted
    ? [...RANKED.filter((mime) => mime !== "text/html" && mime !== "text/plain"), "text/html", "text/plain"]
    : RANKED;
  const plain = clipLine(cleanText(mimeText(data["text/plain"]).slice(0, 2_000)), 120);
  for (const mime of ranked) {
    if (data[mime] === undefined) continue;
    const part = partOf(mime, data[mime], plain, recordOf(metadata[mime]));
    if (part.kind === "note") {
      notes.push(part);
      continue;
    }
    if (part.kind === "html" && scripted) notes.push(note("Its scripts are not run here."));
    return [...new Map([part, ...notes].map((one) => [JSON.stringify(one).slice(0, 300), one])).values()];
  }
  return notes.length === 0 ? [note("An output without data.")] : notes;
}

function partOf(mime: string, value: unknown, plain: string, metadata: Bundle): ShownPart {
  if (mime === "application/json") return jsonPart(value);
  const text = mimeText(value);
  if (mime === "text/plain") return textPart(text, false);
  if (mime === "text/html")
    return text.length > MOST_HTML ? tooLarge("HTML", text) : { kind: "html", html: cleanText(text) };
  if (mime === "text/markdown" || mime === "text/latex")
    return text.length > MOST_MARKDOWN
      ? tooLarge(mime === "text/latex" ? "LaTeX" : "Markdown", text)
      : { kind: "markdown", text: mime === "text/latex" ? latexAsMarkdown(text) : text };
  return mime === "image/svg+xml" ? svgPart(text, plain) : picturePart(text, plain, metadata);
}

/** LaTeX of an output comes with its own dollars, or is an environment; what has neither is maths by itself. */
function latexAsMarkdown(text: string): string {
  return /\$|\\begin|\\\[|\\\(/.test(text) ? text : `$$${text}$$`;
}

function tooLarge(what: string, { length }: string): ShownPart {
  return note(`${what} of ${Math.round(length / 1024)} KiB is not shown: that is too much for a page.`);
}

function jsonPart(value: unknown): ShownPart {
  if (isDeeperThan(value, MAX_DEPTH)) return note("JSON is not shown: it is nested too deep.");
  const text = cleanText(JSON.stringify(value, null, 2) ?? "");
  return text.length > MOST_JSON ? tooLarge("JSON", text) : { kind: "json", text };
}

/** An SVG shown as a picture runs no script and loads nothing. */
function svgPart(text: string, plain: string): ShownPart {
  if (text.length > MOST_SVG) return tooLarge("An SVG picture", text);
  const src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(cleanText(text))}`;
  return { kind: "picture", src, alt: plain || "A drawing", width: null, height: null };
}

function picturePart(written: string, plain: string, metadata: Bundle): ShownPart {
  if (written.length > MOST_BASE64) return tooLarge("A picture", written);
  const base64 = written.replaceAll(/\s+/g, "");
  const mime = imageMime(base64);
  if (mime === null || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64))
    return note("A picture is not shown: its data are no PNG, JPEG, GIF or WebP.");
  const size = imageSize(base64);
  if (size !== null && size.width * size.height > MOST_PIXELS)
    return note(
      `A picture of ${size.width} x ${size.height} pixels is not shown: that is too much for a page.`,
    );
  const said = pixels(metadata["width"]);
  const [width, height] = [said ?? size?.width ?? null, size?.height ?? null];
  const scaled =
    said !== null && size !== null && height !== null ? Math.round((height * said) / size.width) : height;
  return {
    kind: "picture",
    src: `data:${mime};base64,${base64}`,
    alt: plain || "A picture",
    width,
    height: scaled,
  };
}

function pixels(value: unknown): number | null {
  return typeof value === "number" && value >= 1 && value <= 10_000 ? Math.round(value) : null;
}
