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
import type { Bench, BenchResult } from "../bench.ts";
import { benchmark } from "../index.ts";
import { measureCells } from "./cells.ts";
import { dropsReport, measureDrops, type DropFigures } from "./drops.ts";
import { measureBoxes, measureChildren, measureGenerations } from "./many.ts";
import { measurePeers, type Work } from "./peers.ts";
import { kernelsReport, type KernelsFigures, type SandboxFigures } from "./report.ts";
import { measureState, STATES, type StateTimes } from "./states.ts";

const CHILDREN = 32;
const BOXES = 32;
const WORK: Work = {
  trips: 200,
  cells: Array.from({ length: 200 }, (_, n) => `n = ${n}\nprint(n)`),
  output: "for i in range(10_000): print(str(i).rjust(1048))",
  states: STATES,
};

export const kernelsBench: Bench<{ readonly generations: number; readonly drops?: number }> = {
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
    {
      flag: "--drops <n>",
      description: "Measure this many rounds that each drop a third of their cells, and nothing else.",
      value: "count",
    },
  ],
  async run({ generations, drops }, { progress }) {
    if (drops !== undefined)
      return inPools(async (using) => reportDrops(await using({}, (pool) => measureDrops(pool, drops))));
    const { python } = await findPython();
    const figures = await inPools((using, root) =>
      measureKernels(python, root, generations, using, progress),
    );
    return { figures, report: kernelsReport(figures), failed: figures.problems.length > 0 };
  },
};

function reportDrops(figures: DropFigures): BenchResult {
  return { figures, report: dropsReport(figures) };
}

type UsePool = <T>(more: RuntimeOptions, measure: (pool: KernelPool) => Promise<T>) => Promise<T>;

/** With a folder of its own, and pools that are gone afterwards; in the sandbox where there is one. @throws RunError `kernel-unavailable`. */
async function inPools<T>(measure: (using: UsePool, root: string) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), "nbe-bench-"));
  // Any task will do: its verifier is not asked.
  const task = await benchmark("circles-square-26");
  let pools = 0;
  try {
    return await measure(async (more, work) => {
      const workspacesDir = join(root, `p${(pools += 1)}`);
      const own = { keepLive: 0, workspacesDir, sandbox: "auto" } as const;
      await using runtime = await openRuntime(task, { ...own, ...more });
      return await work(await runtime.openKernels());
    }, root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Runs everything once. A part that fails is told, and the others stand. */
async function measureKernels(
  python: string,
  root: string,
  generations: number,
  using: UsePool,
  progress: (line: string) => void,
): Promise<KernelsFigures> {
  const [loadBefore = Number.NaN] = loadavg();
  const problems: string[] = [];
  const attempt = async <T>(part: string, measure: () => Promise<T>): Promise<T | null> => {
    progress(part);
    try {
      return await measure();
    } catch (problem) {
      problems.push(`${part}: ${messageOf(problem)}`);
      return null;
    }
  };
  const peers = await attempt("peers", () => measurePeers(python, root, WORK));
  const cells = await attempt("cells", () => using({}, (pool) => measureCells(pool, WORK)));
  const states: StateTimes[] = [];
  for (const state of Object.keys(STATES)) {
    const times = await attempt(state, () =>
      using({}, (forking) =>
        using({ fork: false }, (replaying) => measureState(forking, replaying, state, peers)),
      ),
    );
    if (times !== null) states.push(times);
  }
  const children = await attempt(`${CHILDREN} children`, () =>
    using({}, (pool) => measureChildren(pool, CHILDREN)),
  );
  const boxes = await attempt(`${BOXES} boxes`, () =>
    using({ fork: false }, (pool) => measureBoxes(pool, BOXES, descendants)),
  );
  const deep = await attempt(`${generations} generations`, () =>
    using({}, (pool) => measureGenerations(pool, generations, () => descendants().length)),
  );
  if (deep?.problem != null) problems.push(`${generations} generations: ${deep.problem}`);
  const sandbox = await attempt("without the sandbox", () => withoutSandbox(using));
  const [loadAfter = Number.NaN] = loadavg();
  const machine = { cores: availableParallelism(), loadBefore, loadAfter };
  return { machine, cells, peers, states, children, boxes, generations: deep, sandbox, problems };
}

async function withoutSandbox(using: UsePool): Promise<SandboxFigures> {
  const trouble = await using({ sandbox: "on" }, async () => null).catch(messageOf);
  if (trouble !== null) return { unavailable: trouble };
  return using({ sandbox: "off" }, async (pool) => ({
    off: await measureCells(pool, WORK),
    childrenOff: await measureChildren(pool, CHILDREN),
  }));
}

/** The processes that this process started, directly or through others, zombies included. */
function descendants(): readonly number[] {
  const parents = readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      return [[Number(pid), Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2])] as const];
    } catch {
      return []; // it has ended
    }
  });
  const below = (pid: number): readonly number[] =>
    parents.flatMap(([child, parent]) => (parent === pid ? [child, ...below(child)] : []));
  return below(process.pid);
}
