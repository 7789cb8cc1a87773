// Owns: the words of an HTML output. Never renders: scripts, styles and comments are left out.

const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: " ",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  times: "x",
  amp: "&",
};

/** Quoted values may hold anything, `>` included. */
const TAG = /<\/?[a-z!?][^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>|<\/?[a-z][^<>]*>/gi;

/** The text between the tags, a line a block, table cells divided by ` | `. */
export function htmlText(html: string): string {
  const text = html
    .replace(/<(script|style)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, " ")
    .replace(/<!--[\s\S]*?(?:-->|$)/g, " ")
    .replace(/<br\s*\/?>|<\/(?:tr|p|div|li|h\d|table|pre|ul|ol)>/gi, "\n")
    .replace(/<\/t[dh]>(?=\s*<t[dh])/gi, " | ")
    .replace(TAG, "");
  return unescaped(text)
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");
}

/** The common named entities and all numbered ones as characters. */
export function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (typeof name === "string") return ENTITIES[name.toLowerCase()] ?? whole;
    const code = typeof decimal === "string" ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
