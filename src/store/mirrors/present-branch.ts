// Owns: a branch's notebook as readers get it, from a run that is open. Never looks at the copies in its directory.
import type { Branch, Notebook } from "../../contracts/index.ts";
import type { RunStore } from "../run-store.ts";
import { NotebookHeads } from "./notebook-head.ts";

/**
 * Gives branches of a run as far as it has gone; with the first of them the run is read, once for all. What it gives throws RunError
 * `bad-notebook` | `blob-missing` where the run is damaged.
 */
export function branchPresenter(
  store: Pick<RunStore, "readTimed" | "readBlob">,
): (branch: Branch) => Promise<Notebook> {
  let read: Promise<NotebookHeads> | null = null;
  return async (branch) => (await (read ??= readHeads(store))).present(branch);
}

async function readHeads(store: Pick<RunStore, "readTimed" | "readBlob">): Promise<NotebookHeads> {
  const heads = new NotebookHeads(store);
  for await (const { event, at } of store.readTimed(0)) heads.see(event, at);
  return heads;
}
