// Owns: a branch's notebook as readers get it, from a run that is open. Never looks at the copies in its directory.
import type { Branch, Notebook } from "../../contracts/index.ts";
import type { RunStore } from "../run-store.ts";
import { NotebookHeads } from "./notebook-head.ts";

/** As far as the run has gone. @throws RunError `bad-notebook` | `blob-missing` where it is damaged. */
export async function presentBranch(
  store: Pick<RunStore, "readTimed" | "readBlob">,
  branch: Branch,
): Promise<Notebook> {
  const heads = new NotebookHeads(store);
  for await (const { event, at } of store.readTimed(0)) heads.see(event, at);
  return heads.present(branch);
}
