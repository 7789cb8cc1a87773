// Owns: appending events: durable first, then mirrored, then acknowledged. Never reads an event back.
import { RunError } from "../../core/errors.ts";
import type { Blob, BlobHash, Journal, RunEvent } from "../../contracts/index.ts";
import { appendQueue } from "./append-queue.ts";
import { checkBlob, pack } from "./blob-codec.ts";
import { branchOf, checkBranchId } from "../mirrors/branch-mirror.ts";
import { encodeEvent } from "./event-json.ts";
import type { Mirrors } from "../mirrors/mirrors.ts";
import { storeError } from "../store-error.ts";
import type { NewEvent, Tables } from "./tables.ts";

export interface JournalWriter extends Pick<Journal, "append"> {
  /** Waits for appends under way. @throws RunError when the mirrors are behind and no `append` has said so. */
  close(): Promise<void>;
}

interface AppendCall {
  readonly events: readonly NewEvent[];
  readonly blobs: readonly Blob[];
}

/**
 * A mirror that cannot be written fails the next call, of which nothing is kept: the call that it should have shown is
 * durable already, and must not seem to have failed.
 */
export function journalWriter(tables: Tables, mirrors: Mirrors, dir: string): JournalWriter {
  let isClosed = false;
  let isTold = true;

  async function commit(calls: readonly AppendCall[]): Promise<readonly (Error | null)[]> {
    if (mirrors.areBehind) await catchUp();
    const packed = await Promise.all(calls.map((call) => packCall(tables, call)));
    const results = tables.commit(packed, new Date().toISOString());
    try {
      await mirrors.follow(results.flatMap((result) => (result instanceof Error ? [] : result)));
    } catch {
      isTold = false; // `areBehind` says so too: the next call, or closing, tries again and throws.
    }
    return results.map((result) => (result instanceof Error ? result : null));
  }

  function catchUp(): Promise<void> {
    isTold = true;
    return mirrors.repair();
  }

  const queue = appendQueue<AppendCall>(async (calls) => {
    try {
      return await commit(calls);
    } catch (thrown) {
      throw storeError(thrown, dir, "appending events");
    }
  });
  return {
    async append(events, blobs = []) {
      if (isClosed) throw new RunError("journal-unwritable", `${dir} was closed. Open it again.`);
      await queue.add(encodeCall(events, blobs));
    },
    async close() {
      isClosed = true;
      await queue.idle();
      if (!isTold) await catchUp();
    },
  };
}

/** Encoded at once, so that what the caller does to its values later changes nothing. */
function encodeCall(events: readonly RunEvent[], blobs: readonly Blob[]): AppendCall {
  blobs.forEach(checkBlob);
  for (const event of events) {
    const branch = branchOf(event);
    if (branch !== null) checkBranchId(branch.id);
  }
  return { events: events.map((event) => ({ event, json: encodeEvent(event) })), blobs };
}

async function packCall(tables: Tables, { events, blobs }: AppendCall) {
  const isKept = (hash: BlobHash): boolean => tables.hasBlob(hash);
  const fresh = blobs.filter(({ hash }) => !isKept(hash));
  return { events, blobs: (await Promise.all(fresh.map((blob) => pack(blob, isKept)))).flat() };
}
