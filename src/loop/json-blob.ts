// Owns: JSON values as blobs and back.
import type { Blob, BlobHash, BlobReader } from "../contracts/index.ts";
import { blobOf } from "./blob.ts";

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
