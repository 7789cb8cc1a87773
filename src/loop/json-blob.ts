// Owns: JSON values as blobs and back, and naming bytes by their hash. Never stores them.
import { createHash } from "node:crypto";
import type { Blob, BlobHash, BlobReader } from "../contracts/index.ts";

export function jsonBlob(value: unknown): Blob {
  return blobOf(JSON.stringify(value));
}

/**
 * The value of a blob that this program wrote as a `T`: the hash in the journal vouches for the bytes.
 * @throws RunError `blob-missing` | `run-corrupt`.
 */
export async function readJson<T>(blobs: BlobReader, hash: BlobHash): Promise<T> {
  const value: T = JSON.parse(Buffer.from(await blobs.readBlob(hash)).toString("utf8"));
  return value;
}

/** The blob of these bytes; a string is encoded as UTF-8. */
export function blobOf(content: Uint8Array | string): Blob {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { hash: createHash("sha256").update(bytes).digest("hex"), bytes };
}
