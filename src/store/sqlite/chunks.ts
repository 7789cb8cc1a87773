// Owns: cutting bytes into chunks by their content, so that what two blobs have in common becomes the same chunks.
// Where the cuts fall decides how much is shared, never what is read back.

/** Bytes of a chunk, but for a last shorter one; 5 kB on average. */
const LEAST = 1024;
const MOST = 32 * 1024;
/** A cut falls where these bits of the rolling hash are all zero: one place in 4,096. */
const MASK = 0xfff00000;
/** Bytes that the hash of a place depends on: older ones are shifted out of its 32 bits. */
const WINDOW = 32;

/**
 * The bytes as consecutive chunks. Bytes that were inserted or removed change the chunks about them and none further on.
 * Source: the gear hash of Xia et al., FastCDC, USENIX ATC 2016.
 */
export function chunksOf(bytes: Uint8Array): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = cutAfter(bytes, from);
    chunks.push(bytes.subarray(from, to));
    from = to;
  }
  return chunks;
}

function cutAfter(bytes: Uint8Array, from: number): number {
  const end = Math.min(bytes.length, from + MOST);
  const first = from + LEAST;
  let hash = 0;
  for (let at = first - WINDOW; at < end; at++) {
    hash = (hash << 1) + (GEAR[bytes[at] ?? 0] ?? 0);
    if (at >= first && (hash & MASK) === 0) return at + 1;
  }
  return end;
}

const GEAR = gearTable();

/** 256 numbers without a pattern: xorshift32 from a fixed start. */
function gearTable(): Int32Array {
  const table = new Int32Array(256);
  let state = 0x9e3779b9;
  for (let i = 0; i < table.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    table[i] = state;
  }
  return table;
}
