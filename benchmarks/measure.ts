// Owns: what several measurements need: medians, the machine they ran on, and a figure taken in a process of its own.
import { execFile } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The mean of the middle two of an even number; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

export interface MachineNow {
  readonly cores: number;
  /** Mean number of processes that want to run, over the last minute. */
  readonly load: number;
  readonly node: string;
}

export function describeMachine(): MachineNow {
  return { cores: cpus().length, load: loadavg()[0] ?? 0, node: process.versions.node };
}

/** Runs one of our scripts and gives what it prints: for figures that need a process in which nothing ran before. */
export async function runScript(script: URL, argument: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(script), argument]);
  return stdout;
}
