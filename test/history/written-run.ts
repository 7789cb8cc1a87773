// Owns: a run directory with the first events of a journal that was played in memory.
import { join } from "node:path";
import { blobsOf } from "../../src/core/run/blobs-of.ts";
import { openRunStore, type RunStore } from "../../src/store/index.ts";
import type { MemoryJournal } from "../../src/testing/memory-journal.ts";
import { scratch } from "../store/scratch.ts";

/** Writes the first `count` events into a new run directory, which stays open. */
export async function writeRun(played: MemoryJournal, count = played.events.length): Promise<RunStore> {
  const store = await openRunStore(join(scratch(), "run"), { mode: "write" });
  const events = played.events.slice(0, count);
  const hashes = [...new Set(events.flatMap(blobsOf))];
  const blobs = await Promise.all(hashes.map(async (hash) => ({ hash, bytes: await played.readBlob(hash) })));
  await store.append(events, blobs);
  return store;
}
