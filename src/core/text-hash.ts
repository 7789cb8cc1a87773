// Owns: a short name for a text by its content. Not for secrets: whoever wants two texts of one hash can make them.

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
