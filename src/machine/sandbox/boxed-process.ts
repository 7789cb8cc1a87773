// Owns: starting a guarded command in a box: the folders that its Python needs, the filter, the environment.
// Never decides whether there is to be a box: see sandbox.ts.
import { dirname } from "node:path";
import { packageRoot } from "../../shipped.ts";
import { type GuardedOptions, type GuardedProcess, spawnGuarded } from "../guarded-process.ts";
import { boxArguments } from "./box-arguments.ts";
import { pythonFolders } from "./python-layout.ts";
import type { Sandbox } from "./sandbox.ts";
import { seccompFilter } from "./seccomp.ts";

export interface BoxFolders {
  readonly sandbox: Sandbox;
  /** Besides the system and the command's Python. */
  readonly readOnly: readonly string[];
  readonly writable: readonly string[];
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
  const filterFd = stdio.length;
  const view = {
    readOnly: [...(await pythonFolders(options.python)), ...boxing.readOnly],
    writable: boxing.writable,
    hidden: [packageRoot(), ...(boxing.hidden ?? [])],
    cwd: options.cwd,
    network: sandbox.network === "all",
    filterFd,
  };
  const run = spawnGuarded({
    ...options,
    command: [sandbox.program, ...boxArguments(view, sandbox.features), ...options.command],
    // The search path of the machine's user means nothing in a box.
    env: { ...options.env, PATH: `${dirname(options.python)}:/usr/local/bin:/usr/bin:/bin` },
    stdio: [...stdio, "pipe"],
  });
  const filter = run.pipe(filterFd);
  // One that ends before it reads the filter tells so by its end.
  filter.on("error", () => filter.destroy());
  filter.end(seccompFilter());
  return run;
}
