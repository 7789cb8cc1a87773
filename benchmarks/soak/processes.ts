// Owns: finding the processes of a run by what they are. Never ends one.
import { readdirSync, readFileSync } from "node:fs";

export const VICTIMS = ["controller", "server", "kernel", "template"] as const;
export type Victim = (typeof VICTIMS)[number];

/** A process. Its start tells it apart from a later one with the same number. */
export interface FoundProcess {
  readonly pid: number;
  readonly parent: number;
  readonly started: string;
  readonly what: Victim | null;
}

/** The processes that a process started, directly or through others. Zombies do not count. */
export function descendants(pid: number): readonly FoundProcess[] {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? readProcess(Number(name)) : []));
  const below = (parent: number): readonly FoundProcess[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid);
}

export function isAlive({ pid, started }: FoundProcess): boolean {
  return readProcess(pid).some((now) => now.started === started);
}

/** Empty when it is gone or dead. */
function readProcess(pid: number): readonly FoundProcess[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state = "", parent = "", ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return [];
    // The 20th and the 22nd field of the whole line.
    const [threads = "", started = ""] = [fields[15], fields[17]];
    const [, flag, module] = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
    return [{ pid, parent: Number(parent), started, what: flag === "-m" ? kindOf(module, threads) : null }];
  } catch {
    return []; // it ended meanwhile
  }
}

function kindOf(module: string | undefined, threads: string): Victim | null {
  if (module === "nbevolve_kernel.server") return "server";
  if (module !== "nbevolve_fork.launcher") return null;
  return threads === "1" ? "template" : "kernel";
}
