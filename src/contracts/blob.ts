// Owns: blobs: the bytes that events name by their hash. Types only.

/** Lower-case hex SHA-256 of the bytes. */
export type BlobHash = string;

/** Bytes, and the hash that events name them by. */
export interface Blob {
  readonly hash: BlobHash;
  readonly bytes: Uint8Array;
}

/** The blobs that events name. */
export interface BlobReader {
  /** @throws RunError `blob-missing`. */
  readBlob(hash: BlobHash): Promise<Uint8Array>;
}
