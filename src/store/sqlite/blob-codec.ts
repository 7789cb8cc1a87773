// Owns: how a blob's bytes are stored: short ones whole, long ones as chunks that blobs share. Checks that they are
// what their hash says. Never reads a disk.
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { deflate, inflate } from "node:zlib";
import { RunError } from "../../core/errors.ts";
import type { Blob, BlobHash } from "../../contracts/index.ts";
import { chunksOf } from "./chunks.ts";

export interface PackedBlob {
  readonly hash: BlobHash;
  readonly bytes: Uint8Array;
  /** `chunks`: the bytes are the SHA-256 hashes of chunks, 32 bytes each, which lie beside it as blobs of their own. */
  readonly codec: "raw" | "deflate" | "chunks";
}

/** A shorter blob would save no page by being packed. */
const WORTH_PACKING_BYTES = 256;
/** A shorter blob costs less whole than as chunks, even when it has most in common with another. */
const WORTH_SHARING_BYTES = 8192;
const EACH_HASH = /.{64}/g;
/** Most bytes of one blob that was stored whole: a few bytes of a received run could otherwise fill the memory. */
const MOST_BYTES = 512 * 2 ** 20;

const deflateAsync = promisify(deflate);
const inflateAsync = promisify(inflate);

/** @throws TypeError when the bytes are not the ones that the hash names. */
export function checkBlob({ hash, bytes }: Blob): void {
  if (sha256(bytes) !== hash) throw new TypeError(`blob ${hash} was given with bytes of another hash`);
}

/** The blob as rows, its own the last. Chunks that are kept already, by `isKept`, are left out. */
export async function pack(blob: Blob, isKept: (hash: BlobHash) => boolean): Promise<readonly PackedBlob[]> {
  const chunks = blob.bytes.length < WORTH_SHARING_BYTES ? [] : chunksOf(blob.bytes);
  if (chunks.length < 2) return [await packWhole(blob)];
  const named = chunks.map((bytes): Blob => ({ hash: sha256(bytes), bytes }));
  const fresh = new Map(named.filter(({ hash }) => !isKept(hash)).map((chunk) => [chunk.hash, chunk]));
  const list = Buffer.from(named.map(({ hash }) => hash).join(""), "hex");
  const rows = await Promise.all([...fresh.values()].map(packWhole));
  return [...rows, { hash: blob.hash, bytes: list, codec: "chunks" }];
}

async function packWhole({ hash, bytes }: Blob): Promise<PackedBlob> {
  if (bytes.length < WORTH_PACKING_BYTES) return { hash, bytes, codec: "raw" };
  const packed = await deflateAsync(bytes);
  return packed.length < bytes.length
    ? { hash, bytes: packed, codec: "deflate" }
    : { hash, bytes, codec: "raw" };
}

/**
 * `read`: the row of a chunk, or null.
 * @throws RunError `run-corrupt` when the bytes are not the ones that the hash names.
 */
export async function unpack({ hash, bytes, codec }: PackedBlob, read: ReadRow): Promise<Uint8Array> {
  let plain: Uint8Array;
  try {
    if (codec === "chunks") plain = await joinChunks(bytes, read);
    else
      plain =
        codec === "raw" ? bytes : new Uint8Array(await inflateAsync(bytes, { maxOutputLength: MOST_BYTES }));
  } catch (cause) {
    throw damagedBlobError(hash, cause);
  }
  if (sha256(plain) !== hash) throw damagedBlobError(hash);
  return plain;
}

type ReadRow = (hash: BlobHash) => PackedBlob | null;

/** A chunk that is not there, or is no chunk but a list of others, is left out: the hash of the whole then differs. */
async function joinChunks(list: Uint8Array, read: ReadRow): Promise<Uint8Array> {
  const hashes = Buffer.from(list).toString("hex").match(EACH_HASH) ?? [];
  const rows = hashes.flatMap((hash) => read(hash) ?? []).filter(({ codec }) => codec !== "chunks");
  return new Uint8Array(Buffer.concat(await Promise.all(rows.map((row) => unpack(row, read)))));
}

function damagedBlobError(hash: BlobHash, cause?: unknown): RunError {
  return new RunError("run-corrupt", `blob ${hash} is damaged on disk. Restore run.db from a backup.`, {
    cause,
  });
}

function sha256(bytes: Uint8Array): BlobHash {
  return createHash("sha256").update(bytes).digest("hex");
}
