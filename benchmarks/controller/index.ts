// Owns: `nbevolve bench controller`: the controller without kernels and models.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { describeMachine, type MachineNow, runScript } from "../measure.ts";
import {
  measurePaces,
  measureThroughput,
  writeRun,
  type Pace,
  type ResumeFigures,
  type Throughput,
} from "./measure.ts";

interface ControllerFigures {
  readonly throughput: Throughput;
  readonly resume: ResumeFigures;
  /** Branches in the history, for each figure of a pace. */
  readonly sizes: readonly number[];
  readonly paces: readonly Pace[];
  readonly machine: MachineNow;
}

const PROPOSALS = 5000;
const PARALLEL = 64;
const FEW = 1000;

export const controllerBench: Bench<{ readonly branches: number }> = {
  name: "controller",
  description:
    "Proposals a second, the time to resume a long run, and the time of each strategy's ask and tell.",
  flags: [
    {
      flag: "--branches <n>",
      description:
        "How many branches the run has that is resumed, and the history with which each strategy is measured.",
      value: "count",
      default: 100_000,
    },
  ],
  async run({ branches }) {
    const figures = await measureController(branches);
    return { figures, report: controllerReport(figures) };
  },
};

async function measureController(branches: number): Promise<ControllerFigures> {
  const folder = await mkdtemp(join(tmpdir(), "nbevolve-bench-"));
  try {
    const machine = describeMachine();
    const throughput = await measureThroughput(join(folder, "fast"), Math.min(PROPOSALS, branches), PARALLEL);
    const large = join(folder, "large");
    await writeRun(large, branches);
    const script = new URL("./resume-child.js", import.meta.url);
    const resume: ResumeFigures = JSON.parse(await runScript(script, large));
    const sizes = [...new Set([Math.min(FEW, branches), branches])];
    return { throughput, resume, sizes, paces: measurePaces(sizes), machine };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function controllerReport({ throughput, resume, sizes, paces, machine }: ControllerFigures): string {
  const { proposals, seconds, perSecond, parallel, cpuSeconds } = throughput;
  const arrow = (values: readonly number[], digits: number): string =>
    values.map((value) => value.toFixed(digits)).join(" -> ");
  return [
    `Node ${machine.node}, ${machine.cores} cores, load ${machine.load.toFixed(1)} when it began.`,
    `${proposals} proposals, ${parallel} at a time, to a durable journal: ${perSecond.toFixed(0)} a second ` +
      `(${seconds.toFixed(1)} s; ${cpuSeconds.toFixed(1)} s of processor time).`,
    `Resume of ${resume.branches} branches: ${resume.seconds.toFixed(1)} s (${resume.cpuSeconds.toFixed(1)} s of processor time), ${resume.residentMb.toFixed(0)} MB resident.`,
    "",
    `Microseconds of one ask and of one tell, after ${arrow(sizes, 0)} proposals:`,
    "",
    "| strategy | ask, us | tell, us |",
    "|---|---|---|",
    ...paces.map(
      ({ strategy, askUs, tellUs }) => `| ${strategy} | ${arrow(askUs, 1)} | ${arrow(tellUs, 1)} |`,
    ),
    "",
  ].join("\n");
}
