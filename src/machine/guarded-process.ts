// Owns: starting a command under the guard, which ends the command's whole process tree when the command ends,
// a limit passes, or this process dies. Never chooses the command, its environment or its limits.
import { type ChildProcess, spawn } from "node:child_process";
import { type Readable, type Writable, Duplex } from "node:stream";
import { z } from "zod";
import { readForeignAnswer } from "../core/foreign-answer.ts";
import { shippedPath } from "../shipped.ts";
import { filesPath } from "./files/porter.ts";
import { readLines } from "./read-lines.ts";

/**
 * Why a guarded tree ended. `exit`, `signal`: the command by itself. `wall`, `memory`, `tasks`, `disk`: a limit. `terminated`:
 * by `kill()`. `lifeline`: its controller died. `failed`: it could not be started. `lost`: the guard was killed.
 */
export type EndedBy = (typeof ENDS)[number];

const ENDS = [
  "exit",
  "signal",
  "wall",
  "memory",
  "tasks",
  "disk",
  "terminated",
  "lifeline",
  "failed",
  "lost",
] as const;

export interface Ended {
  readonly ended: EndedBy;
  /** The command's exit code, or the number of the signal that ended it; null when neither is known. */
  readonly status: number | null;
  /** The most that the tree (looked at every 50 ms) or any one process of it used; null when not known. */
  readonly peakRssMb: number | null;
  /** What went wrong, for `failed` and `lost`; else empty. */
  readonly message: string;
}

/** Memory is resident; tasks are processes and threads. */
export interface UnitLimits {
  readonly memoryMb: number;
  readonly tasks: number;
  readonly allMb: number;
  readonly allTasks: number;
  /** What one session may have in open files without a name. */
  readonly unnamedMb: number;
}

export interface Killed {
  /** The first process of the session, as this machine numbers it. */
  readonly killed: number;
  readonly why: "memory" | "tasks" | "unnamed";
  /** What it used. */
  readonly tasks: number;
  readonly residentMb: number;
}

export interface GuardedOptions {
  /** The Python that runs the guard; 3.10 or later, no packages needed. */
  readonly python: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the guard and the command: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Limit for the resident memory of the whole tree, and for files that its box has in memory. */
  readonly memoryMb?: number;
  /** Limit for the processes and threads of the whole tree. */
  readonly tasks?: number;
  /** Limit for what `scratch` takes. */
  readonly diskMb?: number;
  readonly wallMs?: number;
  /** How long the command may take to end by itself after SIGTERM, on `kill()` and at `wallMs`. Default 0: no SIGTERM. */
  readonly graceMs?: number;
  /** Limits of each session in a box, so that one of them ends alone, and of all together. */
  readonly units?: UnitLimits | undefined;
  /** Told of each session that a limit ended. Must not throw. */
  readonly onKilled?: ((killed: Killed) => void) | undefined;
  /** A folder of the command's alone, removed after it, before the end is reported. A guard that was killed leaves it. */
  readonly scratch?: string;
  /** The command's descriptors, from 0. Default: no stdin, stdout and stderr piped. */
  readonly stdio?: readonly ("pipe" | "ignore" | "inherit" | number)[];
}

export interface GuardedProcess {
  /** The guard's process id; undefined when it could not be started. */
  readonly pid: number | undefined;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** This side of a descriptor that `stdio` names "pipe". @throws RangeError when it names something else. */
  pipe(fd: number): Duplex;
  /** Settles when no process of the tree is left. Never rejects. */
  readonly ended: Promise<Ended>;
  /** Ends the tree; resolves as `ended` does. May be called at any time and again. */
  kill(): Promise<Ended>;
}

const START =
  "import sys; sys.path[:0] = sys.argv[1:3]; from nbevolve_guard.guard import main; sys.exit(main(sys.argv[3:]))";
/** The guard itself gives up on processes that cannot be killed after 10 s. */
const GUARD_LIMIT_MS = 12_000;

/** Starts a command that cannot outlive this process, nor leave a process of its own behind. */
export function spawnGuarded(options: GuardedOptions): GuardedProcess {
  const stdio = options.stdio ?? ["ignore", "pipe", "pipe"];
  const lifelineFd = Math.max(stdio.length, 3);
  const between = Array<"ignore">(lifelineFd - stdio.length).fill("ignore");
  const child = spawn(options.python, guardArguments(options, lifelineFd), {
    cwd: options.cwd,
    env: options.env,
    // Its own session: a Ctrl-C at the terminal is this process's to handle, and must not end the tree by itself.
    detached: true,
    stdio: [...stdio, ...between, "pipe", "pipe"],
  });
  keepOpen(child.stdio[lifelineFd]);
  let asked = false;
  const ended = endOf(child, lifelineFd + 1, () => asked, options.onKilled);
  return {
    pid: child.pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    pipe(fd) {
      const stream = child.stdio[fd];
      if (fd < lifelineFd && stream instanceof Duplex) return stream;
      throw new RangeError(`descriptor ${fd} of the guarded command is not a pipe`);
    },
    ended,
    async kill() {
      asked = true;
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), (options.graceMs ?? 0) + GUARD_LIMIT_MS);
      try {
        return await ended;
      } finally {
        clearTimeout(force);
      }
    },
  };
}

function guardArguments(options: GuardedOptions, lifelineFd: number): string[] {
  const limits = {
    "--memory-mb": options.memoryMb,
    "--tasks": options.tasks,
    "--disk-mb": options.diskMb,
    "--wall-ms": options.wallMs,
    "--grace-ms": options.graceMs,
  };
  const start = ["-I", "-S", "-c", START, guardPath(), filesPath()];
  return [
    ...start,
    "--lifeline-fd",
    `${lifelineFd}`,
    "--report-fd",
    `${lifelineFd + 1}`,
    ...Object.entries(limits).flatMap(([name, value]) =>
      value === undefined ? [] : [name, `${Math.max(1, Math.round(value))}`],
    ),
    ...(options.scratch === undefined ? [] : ["--scratch", options.scratch]),
    ...(options.units === undefined ? [] : ["--units", unitsArgument(options.units)]),
    "--",
    ...options.command,
  ];
}

function unitsArgument({ memoryMb, tasks, allMb, allTasks, unnamedMb }: UnitLimits): string {
  return [memoryMb, tasks, allMb, allTasks, unnamedMb]
    .map((limit) => Math.max(1, Math.round(limit)))
    .join(",");
}

/** The lifeline carries nothing: its closing is the message. How it breaks when the guard ends is of no interest. */
function keepOpen(lifeline: Readable | Writable | null | undefined): void {
  if (!(lifeline instanceof Duplex)) return;
  lifeline.on("error", () => lifeline.destroy());
  lifeline.resume();
}

async function endOf(
  child: ChildProcess,
  reportFd: number,
  asked: () => boolean,
  onKilled: (killed: Killed) => void = () => undefined,
): Promise<Ended> {
  const stream = child.stdio[reportFd];
  const report = stream instanceof Duplex ? readReport(stream, onKilled) : Promise.resolve("");
  const exit = new Promise<Ended>((resolve) => {
    child.once("error", (problem) =>
      resolve(unreportedEnd("failed", `cannot start the guard: ${problem.message}`)),
    );
    child.once("exit", (_, signal) =>
      // Before it watches for signals the guard has started nothing: dying of SIGTERM is a clean end.
      resolve(
        asked() && signal === "SIGTERM"
          ? unreportedEnd("terminated", "")
          : unreportedEnd("lost", `the guard ended by ${signal ?? "itself"}`),
      ),
    );
  });
  const silent = await exit;
  return parseReport(await report) ?? silent;
}

/** The last line; the lines before it are reported as they come. */
async function readReport(stream: Readable, onKilled: (killed: Killed) => void): Promise<string> {
  let report = "";
  const hear = (line: string): void => {
    const said = line.startsWith('{"killed"') ? readForeignAnswer(line, KILLED, REPORT) : null;
    if (said === null) report ||= line;
    else if (said.ok) onKilled(said.value);
  };
  // Where it breaks, the guard has ended without a report.
  await readLines(stream, REPORT.chars, hear).catch(() => undefined);
  return report;
}

/** Written by our own guard, on a descriptor that the command does not have. */
const REPORT = { chars: 100_000 };
const count = z.int().nullable();
const KILLED = z.object({
  killed: z.int(),
  why: z.enum(["memory", "tasks", "unnamed"]),
  tasks: z.number(),
  residentMb: z.number(),
});
const REPORTED = z.object({
  ended: z.enum(ENDS),
  status: count.default(null),
  peakRssMb: z.number().nullable().default(null),
  message: z.string().optional(),
  left: z.number().optional(),
});

function unreportedEnd(ended: EndedBy, message: string): Ended {
  return { ended, status: null, peakRssMb: null, message };
}

function parseReport(line: string): Ended | null {
  const read = readForeignAnswer(line, REPORTED, REPORT);
  if (!read.ok) return null;
  const { ended, status, peakRssMb, message, left } = read.value;
  return {
    ended,
    status,
    peakRssMb,
    message: message ?? (left === undefined ? "" : `${left} processes could not be ended`),
  };
}

/** The folder that holds `nbevolve_guard`. Goes on PYTHONPATH. */
export const guardPath = (): string => shippedPath("src/machine/guard");
