// Owns: the tier that never fails: an empty kernel in an empty workspace, on which the whole recipe is run again.
import type { KernelSource } from "./kernel-source.ts";
import type { Tier } from "./tier.ts";
import type { Workspaces } from "./workspaces.ts";

/** An estimate of a start; the one that was started ahead is quicker. */
const FRESH_MS = 500;

export function freshTier(source: KernelSource, workspaces: Workspaces): Tier {
  return {
    name: "fresh",
    offer: async (_, { workspace, signal }) => ({
      tier: "fresh",
      holds: 0,
      costMs: FRESH_MS,
      take: async () => ({
        kernel: await source.fresh((area) => workspaces.clear(workspace, area), signal),
        holds: [],
      }),
    }),
  };
}
