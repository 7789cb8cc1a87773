// Owns: the bytes of a text file of a user's as text. UTF-8 is the one encoding that is read; another one is named, and never
// read as something else. Never reads a file.

/** Zero bytes in the first of these tell UTF-16 and UTF-32 apart. */
const LOOKED_AT = 4096;

/**
 * The text, without a byte order mark.
 * @throws Error whose message says what stands in the way and what to do, to follow a colon.
 */
export function decodeText(bytes: Uint8Array): string {
  const wide = findWideEncoding(bytes);
  if (wide !== null) throw new Error(`it is in ${wide}, not in UTF-8. ${remedyFor(wide)}`);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const bad = text.includes("\uFFFD") ? findBadByte(bytes, text) : null;
  if (bad !== null) {
    const value = (bytes[bad] ?? 0).toString(16).toUpperCase().padStart(2, "0");
    const others = "such as Windows-1252 or Latin-1";
    throw new Error(
      `the byte 0x${value} in line ${lineOf(bytes, bad)} is no UTF-8: the file is in another encoding, ${others}. ${remedyFor("WINDOWS-1252")}`,
    );
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw new Error(`line ${lineOf(bytes, zero)} holds a zero byte: it is no text file`);
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function remedyFor(encoding: string): string {
  return `Save it as UTF-8 in its editor, or convert it with iconv -f ${encoding} -t UTF-8.`;
}

/** By the mark at its beginning, or by where its zero bytes are. */
function findWideEncoding(bytes: Uint8Array): string | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 && bytes.length % 4 === 0 ? "UTF-32LE" : "UTF-16LE";
  if (a === 0xfe && b === 0xff) return "UTF-16BE";
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return "UTF-32BE";
  const zeros = [0, 0, 0, 0];
  const head = bytes.subarray(0, LOOKED_AT);
  for (const [i, byte] of head.entries()) if (byte === 0) zeros[i % 4] = (zeros[i % 4] ?? 0) + 1;
  // What marks up a text is ASCII, so that half of the bytes, or three of four, are zero.
  const isMost = (at: number): boolean => (zeros[at] ?? 0) > head.length / 8;
  if (isMost(0) && isMost(1) && isMost(2)) return "UTF-32BE";
  if (isMost(1) && isMost(2) && isMost(3)) return "UTF-32LE";
  if (isMost(0) && isMost(2)) return "UTF-16BE";
  return isMost(1) && isMost(3) ? "UTF-16LE" : null;
}

/** Where the text that was read is another one than the bytes; null where the file holds U+FFFD itself. */
function findBadByte(bytes: Uint8Array, text: string): number | null {
  const again = new TextEncoder().encode(text);
  const at = bytes.findIndex((byte, i) => byte !== again[i]);
  if (at >= 0) return at;
  return again.length === bytes.length ? null : bytes.length - 1; // it ends in the middle of a character
}

function lineOf(bytes: Uint8Array, at: number): number {
  let line = 1;
  for (const byte of bytes.subarray(0, at)) if (byte === 0x0a) line += 1;
  return line;
}
