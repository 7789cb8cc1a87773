// Owns: `nbevolve bench kernels`: cells, checkpoints, restores and many kernels, beside other Jupyter clients. Times are in
// milliseconds under the load that the machine has now: the load is part of the result.
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../src/core/errors.ts";
import { openRuntime, type RuntimeOptions } from "../../src/run/runtime.ts";
import type { KernelPool } from "../../src/contracts/kernel.ts";
import { findPython } from "../../src/machine/python/find-python.ts";
import type { Bench } from "../bench.ts";
import { benchmark } from "../index.ts";
import { measureCells } from "./cells.ts";
import { measureChildren, measureFresh, measureGenerations } from "./many.ts";
import { measurePeers, type Work } from "./peers.ts";
import { kernelsReport, type KernelsFigures } from "./report.ts";
import { measureState, STATES, type StateTimes } from "./states.ts";

const CHILDREN = 32;
const WORK: Work = {
  trips: 200,
  cells: Array.from({ length: 200 }, (_, n) => `n = ${n}\nprint(n)`),
  output: "for i in range(10_000): print(str(i).rjust(1048))",
  starts: 16,
  imports: "import numpy, scipy.optimize, matplotlib.pyplot",
  states: STATES,
};

export const kernelsBench: Bench<{ readonly generations: number }> = {
  name: "kernels",
  description:
    "Round trips of cells, checkpoints and restores, and many kernels, beside other Jupyter clients.",
  flags: [
    {
      flag: "--generations <n>",
      description: "How many generations the lineage of kernels has.",
      value: "count",
      default: 100,
    },
  ],
  async run({ generations }, { progress }) {
    const { python } = await findPython();
    const figures = await measureKernels(python, generations, progress);
    return { figures, report: kernelsReport(figures) };
  },
};

/** Runs everything once; in the sandbox where there is one. @throws RunError `kernel-unavailable`. */
async function measureKernels(
  python: string,
  generations: number,
  progress: (line: string) => void,
): Promise<KernelsFigures> {
  const root = await mkdtemp(join(tmpdir(), "nbe-bench-"));
  const [loadBefore = Number.NaN] = loadavg();
  // Any task will do: its verifier is not asked.
  const task = await benchmark("circles-square-26");
  let pools = 0;
  const using = async <T>(more: RuntimeOptions, measure: (pool: KernelPool) => Promise<T>): Promise<T> => {
    const workspacesDir = join(root, `p${(pools += 1)}`);
    const own = { keepLive: 0, workspacesDir, sandbox: "auto" } as const;
    await using runtime = await openRuntime(task, { ...own, ...more });
    return await measure(await runtime.openKernels());
  };
  try {
    progress("peers");
    const peers = await measurePeers(python, root, WORK);
    progress("cells");
    const cells = await using({}, (pool) => measureCells(pool, WORK));
    const states: StateTimes[] = [];
    for (const state of Object.keys(STATES)) {
      progress(state);
      states.push(
        await using({}, (forking) =>
          using({ fork: false }, (replaying) => measureState(forking, replaying, state, peers)),
        ),
      );
    }
    progress(`${CHILDREN} children`);
    const children = await using({}, (pool) => measureChildren(pool, CHILDREN));
    progress(`${WORK.starts} fresh kernels`);
    const { starts, imports } = WORK;
    const fresh = {
      count: starts,
      forked: await using({ preload: [imports] }, (pool) => measureFresh(pool, starts, imports)),
      started: await using({ fork: false }, (pool) => measureFresh(pool, starts, imports)),
    };
    progress(`${generations} generations`);
    const deep = await using({}, (pool) => measureGenerations(pool, generations, descendants));
    progress("without the sandbox");
    const sandbox = await withoutSandbox(using);
    const [loadAfter = Number.NaN] = loadavg();
    const machine = { cores: availableParallelism(), loadBefore, loadAfter };
    return { machine, cells, peers, states, children, fresh, generations: deep, sandbox };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function withoutSandbox(
  using: <T>(more: RuntimeOptions, measure: (pool: KernelPool) => Promise<T>) => Promise<T>,
): Promise<KernelsFigures["sandbox"]> {
  const trouble = await using({ sandbox: "on" }, async () => null).catch(messageOf);
  if (trouble !== null) return { unavailable: trouble };
  return using({ sandbox: "off" }, async (pool) => ({
    off: await measureCells(pool, WORK),
    childrenOff: await measureChildren(pool, CHILDREN),
  }));
}

/** How many processes this process started, directly or through others, zombies included. */
function descendants(): number {
  const parents = readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      return [[Number(pid), Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2])] as const];
    } catch {
      return []; // it has ended
    }
  });
  const below = (pid: number): number =>
    parents.reduce((sum, [child, parent]) => (parent === pid ? sum + 1 + below(child) : sum), 0);
  return below(process.pid);
}
