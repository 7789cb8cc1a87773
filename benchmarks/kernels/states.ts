// Owns: the cost of a checkpoint and a restore of a state: by a fork, by a replay, and with dill and cloudpickle.
import type { KernelPool } from "../../src/contracts/kernel.ts";
import { median } from "../measure.ts";
import { memoryOf, stateOf, timeWork, leaseUsable, within } from "./measure.ts";
import type { DumpAndLoad, Peers } from "./peers.ts";

const RESTORES = 7;

const array = (megabytes: number): string =>
  `import numpy as np\na = np.random.default_rng(0).random(${megabytes} << 17)`;

/** Cells that make the states. Each binds `a`. */
export const STATES: Readonly<Record<string, string>> = {
  "0 MB of numpy": array(0),
  "100 MB of numpy": array(100),
  "1 GB of numpy": array(1024),
  "3 million dicts": "a = [{'i': i, 's': str(i)} for i in range(3_000_000)]",
};

export interface StateTimes {
  readonly state: string;
  readonly checkpointMs: number;
  /** Up to the first value that the child gives. */
  readonly forkMs: number;
  readonly replayMs: number;
  readonly dillMs: DumpAndLoad | null;
  readonly cloudpickleMs: DumpAndLoad | null;
  readonly childPrivateMb: number;
  readonly childPssMb: number;
}

export async function measureState(
  forking: KernelPool,
  replaying: KernelPool,
  state: string,
  peers: Peers | null,
): Promise<StateTimes> {
  const source = STATES[state] ?? "";
  const { checkpointMs, forkMs, memory } = await forks(forking, source);
  const parent = await replaying.lease({ recipe: [] }, { ...within, workspace: "replay-of" });
  const recipe = await stateOf(parent, source);
  await parent[Symbol.asyncDispose]();
  const replayMs = await timeWork(async () => {
    await using _ = await leaseUsable(replaying, recipe, "replay", "replay");
  });
  return {
    ...{ state, checkpointMs, forkMs, replayMs },
    dillMs: peers?.states[state]?.dill ?? null,
    cloudpickleMs: peers?.states[state]?.cloudpickle ?? null,
    childPrivateMb: memory.privateMb,
    childPssMb: memory.pssMb,
  };
}

async function forks(pool: KernelPool, source: string) {
  await using parent = await pool.lease({ recipe: [] }, { ...within, workspace: "parent" });
  const state = await stateOf(parent, source);
  const checkpointMs = await timeWork(() => parent.checkpoint(state, within));
  const restores: number[] = [];
  let memory = { pssMb: 0, privateMb: 0, residentMb: 0 };
  for (let n = 0; n < RESTORES; n += 1) {
    const began = performance.now();
    await using child = await leaseUsable(pool, state, "child", "fork");
    restores.push(performance.now() - began);
    memory = await memoryOf(child);
  }
  return { checkpointMs, forkMs: median(restores), memory };
}
