// Owns: the page as one file: its document with script, style and data inside. It loads nothing, and runs no script but its own.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** How our own reports begin, so that one may take the place of another. */
export const REPORT_MARK = "<!-- A report of nbevolve. -->";

/** A piece of data of the page, as it lies in the file. */
export interface DataPiece {
  /** What it is, such as `events` or `blob`. */
  readonly kind: string;
  /** Which one, such as a hash. */
  readonly name: string;
  /** Base64, or JSON. */
  readonly text: string;
}

/** What the file holds before its data, and after. */
export interface PageFrame {
  readonly before: string;
  readonly after: string;
}

/** The frame of a report. `folder`: the built page. */
export async function pageFrame(folder: string, title: string): Promise<PageFrame> {
  const [maths, script, style] = await Promise.all(
    ["maths.js", "page.js", "page.css"].map((name) => readFile(join(folder, name), "utf8")),
  );
  // The page asks a server for what sets maths; here it is there already.
  const scripts = [maths, script].map((text) =>
    (text ?? "").replaceAll(/<(?=\/script|!--|script)/gi, "\\x3C"),
  );
  const hashes = scripts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  const policy = [
    "default-src 'none'",
    `script-src ${hashes.join(" ")}`,
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "frame-src 'self' data: blob:",
  ].join("; ");
  const before = `<!doctype html>
${REPORT_MARK}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeText(title)} - nbevolve</title>
<style>${(style ?? "").replaceAll(/<(?=\/style)/gi, "\\3C ")}</style>
</head>
<body>
<div id="page"><noscript>This report is a page with its data inside. Its script has to run to show them.</noscript></div>
`;
  return {
    before,
    after: `${scripts.map((text) => `<script>${text}</script>\n`).join("")}</body>\n</html>\n`,
  };
}

/** A piece as the file holds it. A browser neither runs nor loads what it does not know. */
export function dataElement({ kind, name, text }: DataPiece): string {
  const safe = text.replaceAll("<", "\\u003c");
  return `<script type="application/x-nbevolve" data-kind="${escapeText(kind)}" data-name="${escapeText(name)}">${safe}</script>\n`;
}

function escapeText(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replaceAll(/[&<>"]/g, (letter) => names[letter] ?? letter);
}
