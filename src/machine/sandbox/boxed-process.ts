// Owns: starting a guarded command in a box: the folders that its Python needs, the filter, the environment.
// Never decides whether there is to be a box: see sandbox.ts.
import { dirname } from "node:path";
import type { Duplex } from "node:stream";
import { packageRoot } from "../../shipped.ts";
import { type GuardedOptions, type GuardedProcess, spawnGuarded } from "../guarded-process.ts";
import { boxArguments, type Moved } from "./box-arguments.ts";
import { pythonFolders } from "./python-layout.ts";
import type { Sandbox } from "./sandbox.ts";
import { seccompFilter } from "./seccomp.ts";

export interface BoxFolders {
  readonly sandbox: Sandbox;
  /** Besides the system and the command's Python. */
  readonly readOnly: readonly string[];
  readonly writable: readonly string[];
  readonly moved?: readonly Moved[];
  /** Default: as the sandbox is opened. */
  readonly network?: boolean;
  /** Such as a run's own directory: never in sight, should it lie in something that is. */
  readonly hidden?: readonly string[];
}

/** As `spawnGuarded`, in a box unless `boxing` is null. The guard itself stays outside, out of the command's reach. */
export async function spawnBoxed(
  boxing: BoxFolders | null,
  options: GuardedOptions,
): Promise<GuardedProcess> {
  if (boxing === null) return spawnGuarded(options);
  const { sandbox } = boxing;
  const stdio = options.stdio ?? ["ignore", "pipe", "pipe"];
  const [filterFd, argumentsFd] = [stdio.length, stdio.length + 1];
  const args = [...(await makeArguments(boxing, options)), "--seccomp", `${filterFd}`];
  const run = spawnGuarded({
    ...options,
    command: [sandbox.program, "--args", `${argumentsFd}`, "--", ...options.command],
    env: { ...options.env, PATH: searchPath(options.python) },
    stdio: [...stdio, "pipe", "pipe"],
  });
  pour(run.pipe(filterFd), seccompFilter());
  // Not on the command line, where code in the box could read what this machine is like.
  pour(run.pipe(argumentsFd), Buffer.from(args.map((argument) => `${argument}\0`).join("")));
  return run;
}

/** What bubblewrap is told to make for a command of this Python, but for the filter. */
export async function makeArguments(
  boxing: BoxFolders,
  { python, cwd }: Pick<GuardedOptions, "python" | "cwd">,
): Promise<readonly string[]> {
  const { sandbox, readOnly, writable, moved, hidden = [] } = boxing;
  const view = {
    readOnly: [...(await pythonFolders(python)), ...readOnly],
    writable,
    moved: moved ?? [],
    hidden: [packageRoot(), ...hidden],
    cwd,
    network: boxing.network ?? sandbox.network === "all",
  };
  return boxArguments(view, sandbox.features);
}

/** The search path of the machine's user means nothing in a box. */
export const searchPath = (python: string): string => `${dirname(python)}:/usr/local/bin:/usr/bin:/bin`;

function pour(pipe: Duplex, content: Buffer): void {
  // One that ends before it reads this tells so by its end.
  pipe.on("error", () => pipe.destroy());
  pipe.end(content);
}
