// Owns: the cost of many kernels, at once and one after the other: children, fresh kernels, generations.
import type { KernelPool, KernelState } from "../../src/contracts/kernel.ts";
import { messageOf } from "../../src/core/errors.ts";
import { median } from "../measure.ts";
import type { Memory } from "./measure.ts";
import { memoryOf, numbersOf, stateOf, timeWork, leaseUsable, within } from "./measure.ts";
import { STATES } from "./states.ts";

export interface Children {
  readonly count: number;
  readonly ms: number;
  readonly pssMb: number;
  readonly privateMb: number;
}

/** Leases children of one parent, all at the same moment, until each has given a value. */
export async function measureChildren(pool: KernelPool, count: number): Promise<Children> {
  await using parent = await pool.lease({ recipe: [] }, { ...within, workspace: "many" });
  const state = await stateOf(parent, STATES["100 MB of numpy"] ?? "");
  await parent.checkpoint(state, within);
  const began = performance.now();
  const names = Array.from({ length: count }, (_, n) => `many${n}`);
  const children = await Promise.all(names.map((name) => leaseUsable(pool, state, name, "fork")));
  const ms = performance.now() - began;
  const memory = await Promise.all(children.map(memoryOf));
  await Promise.all(children.map((child) => child[Symbol.asyncDispose]()));
  return {
    ...{ count, ms },
    pssMb: median(memory.map(({ pssMb }) => pssMb)),
    privateMb: median(memory.map(({ privateMb }) => privateMb)),
  };
}

/** Milliseconds until all of the fresh kernels, leased at once, have done their imports. */
export function measureFresh(pool: KernelPool, count: number, imports: string): Promise<number> {
  return timeWork(async () => {
    const names = Array.from({ length: count }, (_, n) => `fresh${n}`);
    const leases = await Promise.all(
      names.map((workspace) => pool.lease({ recipe: [] }, { ...within, workspace })),
    );
    await Promise.all(leases.map((lease) => lease.execute(imports, within)));
    await Promise.all(leases.map((lease) => lease[Symbol.asyncDispose]()));
  });
}

export interface GenerationFigures extends Memory {
  readonly generation: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Processes of the pool. */
  readonly processes: number;
}

export interface LineageFigures {
  /** One generation: a cell, its checkpoint, the end of the kernel, and its child up to the first value. */
  readonly medianMs: number;
  readonly seen: readonly GenerationFigures[];
  /** Why it ended before its last generation; null when it did not. */
  readonly problem: string | null;
}

/** One lineage, each generation forked from the one before. `processes` counts those of the pool. */
export async function measureGenerations(
  pool: KernelPool,
  count: number,
  processes: () => number,
): Promise<LineageFigures> {
  let lease = await pool.lease({ recipe: [] }, { ...within, workspace: "g0" });
  let state: KernelState = { recipe: [] };
  const times: number[] = [];
  const seen: GenerationFigures[] = [];
  let problem: string | null = null;
  const source = "a = globals().get('a', []) + [0]";
  for (let n = 1; n <= count; n += 1) {
    const began = performance.now();
    const { status } = await lease.execute(source, within);
    state = { recipe: [...state.recipe, { cell: `c${n}`, source, status }] };
    await lease.checkpoint(state, within);
    await lease[Symbol.asyncDispose]();
    try {
      lease = await leaseUsable(pool, state, `g${n % 2}`, "fork");
    } catch (error) {
      problem = `generation ${n}: ${messageOf(error)}`;
      break;
    }
    times.push(performance.now() - began);
    const [descriptors = 0, threads = 0] = await numbersOf(
      lease,
      "[len(__import__('os').listdir(f'/proc/self/{what}')) for what in ('fd', 'task')]",
    );
    const every = Math.max(1, Math.floor(count / 10));
    if (n === 1 || n % every === 0)
      seen.push({ generation: n, descriptors, threads, processes: processes(), ...(await memoryOf(lease)) });
  }
  await lease[Symbol.asyncDispose]();
  return { medianMs: median(times), seen, problem };
}
