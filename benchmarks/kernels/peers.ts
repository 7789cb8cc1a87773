// Owns: the time that other Jupyter clients need for the same work, measured by our own script in the same Python.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { shippedPath } from "../../src/shipped.ts";

/** Milliseconds. */
export interface DumpAndLoad {
  readonly dump: number;
  readonly load: number;
}

/** Milliseconds; see `Work`. */
export interface CellTimes {
  readonly trip: number;
  readonly cells: number;
  readonly output: number;
}

/** Null where a peer is not installed. */
export interface Peers {
  readonly nbclient: CellTimes | null;
  readonly jupyter_client: CellTimes | null;
  /** Milliseconds from the start of one by jupyter_client to the end of its first cell. */
  readonly start: number;
  readonly states: Readonly<
    Record<string, { readonly dill: DumpAndLoad | null; readonly cloudpickle: DumpAndLoad | null }>
  >;
}

/** The work that is measured, the same for us and for the other clients. */
export interface Work {
  /** How many round trips of `x = 1`. */
  readonly trips: number;
  readonly cells: readonly string[];
  readonly output: string;
  readonly states: Readonly<Record<string, string>>;
}

/** `root`: a folder for its files. */
export async function measurePeers(python: string, root: string, work: Work): Promise<Peers> {
  const file = join(root, "work.json");
  await writeFile(file, JSON.stringify(work));
  const script = shippedPath("benchmarks/kernels/peers_in_python.py");
  const { stdout } = await promisify(execFile)(python, [script, file], { cwd: root, maxBuffer: 1 << 26 });
  // Written by our own script.
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{"nbclient"'))) as Peers;
}
