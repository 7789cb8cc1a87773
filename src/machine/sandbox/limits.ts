// Owns: what boxed kernels may use. Never enforces it: the guard, the server and the watch of workspaces do.
import { totalmem } from "node:os";
import { either, oneOf, OPTION, whole, type OptionKinds } from "../../core/options.ts";
import type { Bounds } from "../files/porter.ts";
import type { Killed, UnitLimits } from "../guarded-process.ts";

/** What one kernel in a sandbox may use. */
export interface KernelLimits {
  /** Resident memory of one kernel with what it started, and its part of the files in its box's memory. Default: half of the machine's. */
  readonly memoryMb: number;
  /** Processes and threads of one kernel with what it started. Default 1024. */
  readonly tasks: number;
  /** The largest file that can be written. Default 8192. */
  readonly fileMb: number;
  /** All files of one workspace; each counts as 4 KB at least. Default 16384. */
  readonly workspaceMb: number;
  /** Files, folders and links of one workspace. Default 200000. */
  readonly files: number;
  /** Processor time of one cell: of the kernel's own process, and of each that it starts. Null: none but the task's clock. */
  readonly cellCpuSeconds: number | null;
}

export const LIMIT_OPTIONS: OptionKinds<KernelLimits> = {
  memoryMb: OPTION.positive,
  tasks: whole(1),
  fileMb: OPTION.positive,
  workspaceMb: OPTION.positive,
  files: whole(1),
  cellCpuSeconds: either(OPTION.positive, oneOf(null)),
};

const DEFAULTS = { tasks: 1024, fileMb: 8192, workspaceMb: 16_384, files: 200_000, cellCpuSeconds: null };
/** Tasks of everything in one box, as a multiple of one kernel's. */
const ALL_TASKS = 8;
const OPEN_FILES = 65_536;
const MB = 2 ** 20;

export function kernelLimits(given: Partial<KernelLimits> = {}): KernelLimits {
  const memoryMb = Math.floor(machineMb() / 2);
  return { ...DEFAULTS, memoryMb, ...given };
}

/** What the guard looks after, from outside. */
export function unitLimits({ memoryMb, tasks, workspaceMb }: KernelLimits): UnitLimits {
  const allMb = Math.max(memoryMb, Math.floor(machineMb() * 0.85));
  return { memoryMb, tasks, allMb, allTasks: ALL_TASKS * tasks, unnamedMb: workspaceMb };
}

/** What the server lowers before it starts a kernel: see confinement.py. */
export function resourceLimits({ fileMb, tasks }: KernelLimits): Readonly<Record<string, number>> {
  return { fileBytes: fileMb * MB, tasks: ALL_TASKS * tasks, openFiles: OPEN_FILES };
}

/** What may lie in the folders in which a kernel can write: see folder-watch.ts. */
export function folderLimits({ workspaceMb, files }: KernelLimits): Bounds {
  return { bytes: workspaceMb * MB, files };
}

/** Which limit ended a kernel, in words for the author of its cells. */
export function limitWords({ why, tasks, residentMb }: Killed, limits: KernelLimits): string {
  if (why === "tasks")
    return `it and what it started had ${tasks} processes and threads, its limit is ${limits.tasks}`;
  if (why === "unnamed")
    return `it and what it started had more than ${limits.workspaceMb} MB in open files without a name`;
  return `it and what it started used ${residentMb} MB of memory, its limit is ${limits.memoryMb} MB (less when others need much)`;
}

/** The memory that this process may have: the machine's, or less in a container. */
function machineMb(): number {
  const constrained = process.constrainedMemory();
  const machine = totalmem();
  return (constrained > 0 && constrained < machine ? constrained : machine) / MB;
}
