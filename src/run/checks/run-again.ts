// Owns: opening what a check runs cells of a run on: as the run was started, with what a stranger's run alone asks for refused first.
import type { JsonObject, Task } from "../../contracts/index.ts";
import type { RunStore } from "../../store/index.ts";
import { checkMachine, machineClaims } from "../machine-settings.ts";
import { requireTrust, unboxedClaims } from "../received.ts";
import { decideSandbox, openRuntime, type Runtime, type RuntimeOptions } from "../runtime.ts";

/** `settings`: the run's own, from its journal. @throws as `requireTrust` and `openRuntime`. */
export async function openRunAgain(
  store: Pick<RunStore, "dir" | "isTrusted">,
  task: Task,
  settings: JsonObject | null,
  { trust = false, ...given }: RuntimeOptions & { readonly trust?: boolean | undefined },
): Promise<Runtime> {
  const machine = { ...given, ...checkMachine(settings, given) };
  const sandbox = await decideSandbox(machine);
  // Before anything is opened: packages would be installed.
  requireTrust(store, [...unboxedClaims({ sandbox, server: null }), ...machineClaims(machine, given)], trust);
  return await openRuntime(task, { ...machine, sandbox });
}
