// Owns: the rule that an event is never kept without the blobs that it names.
import { blobsOf } from "../../core/run/blobs-of.ts";
import { RunError } from "../../core/errors.ts";
import type { BlobHash, RunEvent } from "../../contracts/index.ts";

/** Why these events cannot be kept, or null. `isKnown`: whether a blob is stored or was given with them. */
export function missingBlob(
  events: readonly RunEvent[],
  isKnown: (hash: BlobHash) => boolean,
): RunError | null {
  for (const event of events) {
    const missing = blobsOf(event).find((hash) => !isKnown(hash));
    if (missing === undefined) continue;
    const message = `${event.type} names blob ${missing}, which is not stored and was not given with it. Append it together with its blobs.`;
    return new RunError("blob-missing", message);
  }
  return null;
}
