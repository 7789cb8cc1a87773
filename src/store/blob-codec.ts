// Owns: how a blob's bytes lie on disk, and that they are what their hash says. Never reads a disk.
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { deflate, inflate } from "node:zlib";
import { RunError } from "../core/errors.ts";
import type { Blob, BlobHash } from "../spec/index.ts";

export interface PackedBlob {
  readonly hash: BlobHash;
  readonly bytes: Uint8Array;
  readonly codec: "raw" | "deflate";
}

/** Below this a smaller blob saves no page. */
const WORTH_PACKING_BYTES = 256;

const deflateAsync = promisify(deflate);
const inflateAsync = promisify(inflate);

/** @throws TypeError when the bytes are not the ones that the hash names. */
export function checkBlob({ hash, bytes }: Blob): void {
  if (sha256(bytes) !== hash) throw new TypeError(`blob ${hash} was given with bytes of another hash`);
}

export async function pack({ hash, bytes }: Blob): Promise<PackedBlob> {
  if (bytes.length < WORTH_PACKING_BYTES) return { hash, bytes, codec: "raw" };
  const packed = await deflateAsync(bytes);
  return packed.length < bytes.length
    ? { hash, bytes: packed, codec: "deflate" }
    : { hash, bytes, codec: "raw" };
}

/** @throws RunError `run-corrupt` when the bytes are not the ones that the hash names. */
export async function unpack({ hash, bytes, codec }: PackedBlob): Promise<Uint8Array> {
  let plain: Uint8Array;
  try {
    plain = codec === "raw" ? bytes : new Uint8Array(await inflateAsync(bytes));
  } catch (cause) {
    throw damaged(hash, cause);
  }
  if (sha256(plain) !== hash) throw damaged(hash);
  return plain;
}

function damaged(hash: BlobHash, cause?: unknown): RunError {
  return new RunError("run-corrupt", `blob ${hash} is damaged on disk. Restore run.db from a backup.`, {
    cause,
  });
}

function sha256(bytes: Uint8Array): BlobHash {
  return createHash("sha256").update(bytes).digest("hex");
}
