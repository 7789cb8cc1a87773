// Owns: `nbevolve bench controller`: the controller without kernels and models, printed as tables or JSON.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  paces,
  resume,
  throughput,
  writeRun,
  type Pace,
  type Resumed,
  type Throughput,
} from "../../../benchmarks/perf/controller.ts";

export interface ControllerBench {
  readonly throughput: Throughput;
  readonly resume: Resumed;
  readonly paces: readonly Pace[];
  readonly machine: { readonly cores: number; readonly load: number; readonly node: string };
}

const PROPOSALS = 5000;
const PARALLEL = 64;
const FEW = 1000;

/** Measures with a history of so many branches. `resume` goes in a process of its own, for its memory. */
export async function controllerBench(branches: number): Promise<ControllerBench> {
  const folder = await mkdtemp(join(tmpdir(), "nbevolve-bench-"));
  try {
    const machine = { cores: cpus().length, load: loadavg()[0] ?? 0, node: process.versions.node };
    const speed = await throughput(join(folder, "fast"), Math.min(PROPOSALS, branches), PARALLEL);
    const large = join(folder, "large");
    await writeRun(large, branches);
    return { throughput: speed, resume: await resumeApart(large), paces: paces(FEW, branches), machine };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The other end of `resumeApart`. */
export async function printResume(dir: string): Promise<void> {
  process.stdout.write(`${JSON.stringify(await resume(dir))}\n`);
}

async function resumeApart(dir: string): Promise<Resumed> {
  const main = fileURLToPath(new URL("../main.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [main, "bench", "resume", "--inputs", dir]);
  const resumed: Resumed = JSON.parse(stdout);
  return resumed;
}

export function controllerReport({ throughput, resume, paces, machine }: ControllerBench): string {
  const { proposals, seconds, perSecond, parallel, cpuSeconds } = throughput;
  const ratio = ({ few, many }: Pace["askUs"]): string => `${few.toFixed(1)} -> ${many.toFixed(1)}`;
  return [
    `Node ${machine.node}, ${machine.cores} cores, load ${machine.load.toFixed(1)} when it began.`,
    `${proposals} proposals, ${parallel} at a time, to a durable journal: ${perSecond.toFixed(0)} a second ` +
      `(${seconds.toFixed(1)} s; ${cpuSeconds.toFixed(1)} s of processor time).`,
    `Resume of ${resume.branches} branches: ${resume.seconds.toFixed(1)} s (${resume.cpuSeconds.toFixed(1)} s of processor time), ${resume.residentMb.toFixed(0)} MB resident.`,
    "",
    "| strategy | ask, us | tell, us |",
    "|---|---|---|",
    ...paces.map(({ strategy, askUs, tellUs }) => `| ${strategy} | ${ratio(askUs)} | ${ratio(tellUs)} |`),
    "",
  ].join("\n");
}
