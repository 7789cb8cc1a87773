// Owns: the built page as it is served: a fixed list of files, read once, under a policy that loads nothing from elsewhere.
import { readdir, readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { errorCode, RunError } from "../core/errors.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/** By path. */
export type PageFiles = ReadonlyMap<string, { readonly bytes: Uint8Array; readonly type: string }>;

/** Outputs of notebooks lie in frames of their own that run nothing; their tables bring their styles. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "frame-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-cache",
};

/** @throws RunError `bad-option` where the page was not built. */
export async function readPageFiles(folder: string): Promise<PageFiles> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (errorCode(cause) !== "ENOENT") throw cause;
    throw new RunError(
      "bad-option",
      `the page is not in ${folder}: a checkout makes it with \`npm run build\``,
      { cause },
    );
  });
  const files = new Map<string, { readonly bytes: Uint8Array; readonly type: string }>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const file = { bytes: await readFile(join(folder, name)), type };
    files.set(name === "index.html" ? "/" : `/${name}`, file);
  }
  return files;
}

/** Whether the path is one of them; then it is answered. */
export function answerPage(
  files: PageFiles,
  path: string,
  method: string,
  response: ServerResponse,
): boolean {
  const file = method === "GET" || method === "HEAD" ? files.get(path) : undefined;
  if (file === undefined) return false;
  response.writeHead(200, { ...HEADERS, "content-type": file.type, "content-length": file.bytes.length });
  response.end(method === "HEAD" ? undefined : file.bytes);
  return true;
}
