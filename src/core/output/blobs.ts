// Owns: replacing data that no model reads (data URIs, base64, endless digits) by its size and a hash.

const DATA_URI =
  /data:([\w.+-]+\/[\w.+-]+)?((?:;[\w.+-]+(?:=[\w.+"-]+)?)*);base64,\s*[A-Za-z0-9+/_=\s-]{40,}/g;
/** Base64 as MIME wraps it: full lines of at most 76 letters, and a rest. */
const WRAPPED =
  /(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{60,}\r?\n[ \t]*){2,}(?:[A-Za-z0-9+/]{24,}={0,2}|[A-Za-z0-9+/]*={1,2})?/g;
const RUN = /[A-Za-z0-9+/_-]{161,}={0,2}/g;
const SHORT = 160;

/** The text with each blob as `[image/png 12 kB #1a2b3c4d]`. No run of base64 letters over 200 is left. */
export function withoutBlobs(text: string): string {
  if (text.length < SHORT) return text;
  return text.replace(DATA_URI, shortenDataUri).replace(WRAPPED, shortenWrapped).replace(RUN, shortenRun);
}

function shortenDataUri(whole: string, mime: string | undefined): string {
  const data = whole.slice(whole.indexOf("base64,") + 7).replace(/\s/g, "");
  const end = whole.slice(whole.trimEnd().length);
  return `[${mime ?? "data"} ${formatSize((data.length * 3) / 4)} #${textHash(data)}]${end}`;
}

function shortenWrapped(whole: string): string {
  const data = whole.replace(/\s/g, "");
  if (!looksEncoded(data)) return whole;
  return `[base64 ${formatSize((data.length * 3) / 4)} #${textHash(data)}]${whole.endsWith("\n") ? "\n" : ""}`;
}

function shortenRun(whole: string): string {
  const alphabet = new Set(whole);
  if (/^\d+$/.test(whole)) {
    return `${whole.slice(0, 60)}...[${whole.length - 80} digits]...${whole.slice(-20)}`;
  }
  if (alphabet.size <= 2) return `${whole.slice(0, 40)}...[${whole.length - 40} more]`;
  const kind = looksEncoded(whole)
    ? `base64 ${formatSize((whole.length * 3) / 4)}`
    : `${whole.length} letters`;
  return `[${kind} #${textHash(whole)}]`;
}

/** Whether small and capital letters and digits are mixed, as in no word, number or ruler. */
function looksEncoded(data: string): boolean {
  return /[a-z]/.test(data) && /[A-Z]/.test(data) && /\d/.test(data);
}

/** `812 B`, `12 kB`, `3.4 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Eight hexadecimal digits; the same for the same text, everywhere. Source: cyrb53, public domain, by bryc. */
export function textHash(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return ((a ^ b) >>> 0).toString(16).padStart(8, "0");
}
