// Owns: the variables of one kernel taken into the store. The kernel writes them into a folder of its own, and what it
// says of them is checked. Never reads a pickle.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { ExecuteOptions } from "../../../contracts/kernel.ts";
import type { LiveKernel } from "../../jupyter/contracts.ts";
import { callKernelHelper } from "../../jupyter/kernel-helper.ts";
import type { ExecutedStep } from "../recipes.ts";
import type { DescribedNames } from "../state-description.ts";
import { costMs, effectsOf, statefulNames, stepsFor, totalMs } from "./effects.ts";
import type { FrozenKernel } from "./saved-state.ts";
import type { StateStore } from "./state-store.ts";
import type { Workspaces } from "../workspaces.ts";

/** Where kernels put their files before they are taken into the store; below the workspaces. */
export const STAGING = ".frozen-";
/** A variable that takes longer than this to be made again is kept, whatever its size. */
const CHEAP_MS = 10_000;
const LEAST_FREEZE_MS = 60_000;
const MOST_FREEZE_MS = 600_000;

/** What is in the store now, or why it is not. The kernel writes where it can. */
export async function freezeFrom(
  kernel: LiveKernel,
  steps: readonly ExecutedStep[],
  described: DescribedNames,
  store: StateStore,
  workspaces: Workspaces,
  options: ExecuteOptions,
): Promise<FrozenKernel | string> {
  const room = await store.room();
  if (room === 0) return "the disk is nearly full";
  const { root, porter } = workspaces;
  const name = STAGING + randomBytes(5).toString("hex");
  const staging = { root, name: join(kernel.area.folder, name) };
  await porter.clear(staging);
  try {
    const request = {
      folder: join(kernel.area.inside, name),
      store: store.files,
      room,
      againMs: remakeCosts(steps, described),
    };
    const timeoutMs = Math.min(MOST_FREEZE_MS, Math.max(LEAST_FREEZE_MS, totalMs(steps)));
    const within = { ...options, timeoutMs };
    const answer = await callKernelHelper(kernel, "freeze", JSON.stringify(request), within);
    if (answer.how === "timeout") return `it took longer than ${timeoutMs / 1000} s`;
    if (answer.how === "failed") return `${answer.name}: ${answer.message}`;
    const { groups, settings } = answer.value;
    const files = new Set([...groups.flatMap((group) => group.files), ...Object.values(settings)]);
    const { taken, added } = await porter.adopt([...files], staging, store.files, room);
    store.grow(added);
    return taken ? { ...answer.value, sizes: {} } : "the kernel did not write what it said";
  } finally {
    // What is left of it goes when the workspaces are opened again.
    void porter.remove(staging).catch(() => undefined);
  }
}

/** For the variables that can be made again in little time: how many milliseconds that takes. */
function remakeCosts(
  steps: readonly ExecutedStep[],
  described: DescribedNames,
): Readonly<Record<string, number>> {
  const effects = effectsOf(steps, statefulNames(described));
  const durationsMs = steps.map(({ durationMs = 0 }) => durationMs);
  const costs = [...described.keys()].flatMap((name) => {
    const picked = stepsFor([name], effects);
    const cost = costMs(picked, durationsMs);
    // A name that no step is seen to make would not come back.
    return picked.length > 0 && cost < CHEAP_MS ? [[name, cost] as const] : [];
  });
  return Object.fromEntries(costs);
}
