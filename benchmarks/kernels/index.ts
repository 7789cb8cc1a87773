// Owns: the kernel benchmark: round trips, checkpoints and restores, beside what others need for the same work.
// Times are medians in milliseconds, on this machine as it is loaded now.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { jupyterKernels } from "../../src/kernels/kernel-pool.ts";
import type { ExecuteOptions, KernelLease, KernelPool, KernelState } from "../../src/spec/kernel.ts";
import { shipped } from "../../src/shipped.ts";

export { kernelsReport } from "./report.ts";

const ROUND_TRIPS = 200;
const RESTORES = 7;
const SIZES_MB = [0, 100, 1024] as const;
const CHILDREN = 32;
const within: ExecuteOptions = { timeoutMs: 300_000, signal: new AbortController().signal };

export interface StateTimes {
  readonly megabytes: number;
  readonly checkpointMs: number;
  /** To the first value that the child gives. */
  readonly forkMs: number;
  readonly replayMs: number;
  readonly cloudpickleMs: { readonly dump: number; readonly load: number } | null;
  readonly childPrivateMb: number;
  readonly childPssMb: number;
}

export interface KernelsBench {
  readonly roundTripMs: number;
  readonly nbclientMs: number | null;
  readonly jupyterClientMs: number | null;
  readonly states: readonly StateTimes[];
  readonly children: {
    readonly count: number;
    readonly ms: number;
    readonly pssMb: number;
    readonly privateMb: number;
  };
}

interface Peers {
  readonly nbclient: number | null;
  readonly jupyter_client: number | null;
  readonly cloudpickle: Readonly<Record<string, { readonly dump: number; readonly load: number } | null>>;
}

/** Runs everything once. @throws RunError `kernel-unavailable`. */
export async function kernelsBench(python: string): Promise<KernelsBench> {
  const root = await mkdtemp(join(tmpdir(), "nbe-bench-"));
  const options = { python: { python }, keepLive: 0 };
  try {
    await using forking = await jupyterKernels({ ...options, workspacesDir: join(root, "f"), fork: true });
    await using replaying = await jupyterKernels({ ...options, workspacesDir: join(root, "r"), fork: false });
    const roundTripMs = await measureRoundTrip(forking);
    const peers = await measurePeers(python, root);
    const states: StateTimes[] = [];
    for (const megabytes of SIZES_MB) states.push(await measureState(forking, replaying, megabytes, peers));
    return {
      roundTripMs,
      nbclientMs: peers.nbclient,
      jupyterClientMs: peers.jupyter_client,
      states,
      children: await measureChildren(forking),
    };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function measurePeers(python: string, root: string): Promise<Peers> {
  const script = shipped("src/kernels/python/kernel_bench_peers.py");
  const run = promisify(execFile)(python, [script, `${ROUND_TRIPS}`, SIZES_MB.join(",")], { cwd: root });
  const { stdout } = await run;
  // Written by our own script.
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{"nbclient"'))) as Peers;
}

async function measureRoundTrip(pool: KernelPool): Promise<number> {
  await using lease = await pool.lease({ recipe: [] }, { ...within, workspace: "trips" });
  const times: number[] = [];
  for (let n = 0; n < ROUND_TRIPS; n += 1) times.push(await timed(() => lease.execute("x = 1", within)));
  return median(times);
}

const source = (megabytes: number): string =>
  `import numpy as np\na = np.random.default_rng(0).random(${megabytes} << 17)`;

async function stateOf(lease: KernelLease, megabytes: number): Promise<KernelState> {
  const cell = source(megabytes);
  const { status } = await lease.execute(cell, within);
  return { recipe: [{ cell: "c1", source: cell, status }] };
}

async function measureState(
  forking: KernelPool,
  replaying: KernelPool,
  megabytes: number,
  peers: Peers,
): Promise<StateTimes> {
  await using parent = await forking.lease({ recipe: [] }, { ...within, workspace: `p${megabytes}` });
  const state = await stateOf(parent, megabytes);
  const checkpointMs = await timed(() => parent.checkpoint(state, within));
  const restores: number[] = [];
  let memory = { pssMb: 0, privateMb: 0 };
  for (let n = 0; n < RESTORES; n += 1) {
    const began = performance.now();
    await using child = await usable(forking, state, `f${megabytes}`, "fork");
    restores.push(performance.now() - began);
    memory = await memoryOf(child);
  }
  const replayMs = await timed(async () => {
    await using child = await usable(replaying, state, `r${megabytes}`, "replay");
    await child.evaluate("len(a)", within);
  });
  return {
    megabytes,
    checkpointMs,
    forkMs: median(restores),
    replayMs,
    cloudpickleMs: peers.cloudpickle[`${megabytes}`] ?? null,
    childPrivateMb: memory.privateMb,
    childPssMb: memory.pssMb,
  };
}

async function measureChildren(pool: KernelPool): Promise<KernelsBench["children"]> {
  await using parent = await pool.lease({ recipe: [] }, { ...within, workspace: "many" });
  const state = await stateOf(parent, 100);
  await parent.checkpoint(state, within);
  const began = performance.now();
  const names = Array.from({ length: CHILDREN }, (_, n) => `many${n}`);
  const children = await Promise.all(names.map((name) => usable(pool, state, name, "fork")));
  const ms = performance.now() - began;
  const memory = await Promise.all(children.map(memoryOf));
  await Promise.all(children.map((child) => child[Symbol.asyncDispose]()));
  return {
    count: CHILDREN,
    ms,
    pssMb: median(memory.map(({ pssMb }) => pssMb)),
    privateMb: median(memory.map(({ privateMb }) => privateMb)),
  };
}

async function usable(
  pool: KernelPool,
  state: KernelState,
  workspace: string,
  tier: string,
): Promise<KernelLease> {
  const lease = await pool.lease(state, { ...within, workspace });
  if (lease.restored.tier !== tier) {
    throw new Error(
      `restored by ${lease.restored.tier}, not ${tier}: ${lease.restored.reason ?? "no reason"}`,
    );
  }
  await lease.evaluate("len(a)", within);
  return lease;
}

async function memoryOf(lease: KernelLease): Promise<{ pssMb: number; privateMb: number }> {
  const answer = await lease.evaluate(
    "[v // 2**10 for v in __import__('nbevolve_fork.proc').proc.memory_bytes().values()]",
    within,
  );
  const [pss, own] = answer.ok && Array.isArray(answer.value) ? answer.value.map(Number) : [];
  return { pssMb: (pss ?? Number.NaN) / 1024, privateMb: (own ?? Number.NaN) / 1024 };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
