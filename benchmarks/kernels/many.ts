// Owns: the cost of many kernels, at once and one after the other: children, boxes, generations.
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { KernelLease, KernelPool, KernelState } from "../../src/contracts/kernel.ts";
import { messageOf } from "../../src/core/errors.ts";
import { median } from "../measure.ts";
import type { Memory } from "./measure.ts";
import { memoryOf, numbersOf, stateOf, leaseUsable, within } from "./measure.ts";
import { STATES } from "./states.ts";

const FRESH_LEASES = 7;
/** Until the kernel for the next request waits in its box again. */
const REST_MS = 2_000;

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

/** Kernels that no other one gave birth to: each has a box of its own. */
export interface Boxes {
  readonly count: number;
  /** From asking for all of them at the same moment until each has given a value. */
  readonly ms: number;
  /** What a box takes beside its kernel, shared pages divided among their users; NaN where the system does not say. */
  readonly boxMb: number;
  /** From asking for one kernel, when another waits in a box, to its first value; the median. */
  readonly waitingMs: number;
}

/** `processes`: the identifiers of the pool's. */
export async function measureBoxes(
  pool: KernelPool,
  count: number,
  processes: () => readonly number[],
): Promise<Boxes> {
  const lease = async (workspace: string): Promise<KernelLease> => {
    const fresh = await pool.lease({ recipe: [] }, { ...within, workspace });
    await fresh.evaluate("1", within);
    return fresh;
  };
  const waiting: number[] = [];
  for (let n = 0; n < FRESH_LEASES; n += 1) {
    await setTimeout(REST_MS);
    const began = performance.now();
    await using _ = await lease(`waiting${n}`);
    waiting.push(performance.now() - began);
  }
  await setTimeout(REST_MS);
  const before = besideKernelsMb(processes());
  const began = performance.now();
  const leases = await Promise.all(Array.from({ length: count }, (_, n) => lease(`box${n}`)));
  const ms = performance.now() - began;
  await setTimeout(REST_MS);
  const boxMb = (besideKernelsMb(processes()) - before) / count;
  await Promise.all(leases.map((one) => one[Symbol.asyncDispose]()));
  return { count, ms, boxMb, waitingMs: median(waiting) };
}

/** Proportional memory of those that are no kernels. */
function besideKernelsMb(processes: readonly number[]): number {
  const sizes = processes.map((pid) => {
    try {
      // Those that hold the box have the kernel's command among their arguments, too.
      const [, option, module] = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
      if (option === "-m" && module === "nbevolve_fork.launcher") return 0;
      return Number(/^Pss: *(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1]) / 1024;
    } catch {
      return 0; // it has ended
    }
  });
  return sizes.reduce((sum, size) => sum + size, 0);
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
