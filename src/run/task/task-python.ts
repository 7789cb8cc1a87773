// Owns: which Python a task's cells and verifier run in: one with the packages that its user and the task ask for. What a task
// alone asks for is installed when its user says so: an installed package may run code at the start of every Python.
import { RunError } from "../../core/errors.ts";
import { packageName, collectPackages } from "../../core/python/package-names.ts";
import { nameOption, writeCommand } from "../../core/shell-words.ts";
import { textsOf } from "../../core/untrusted.ts";
import type { Task } from "../../contracts/index.ts";
import { findPython, lookForPython, type PythonEnvironment } from "../../machine/python/find-python.ts";

interface TaskPythonOptions {
  /** What the user asks for. Where it names a package of the task's, its versions hold. Default none. */
  readonly packages?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((line: string) => void) | undefined;
}

/**
 * The environment, made on first use.
 * @throws RunError `bad-option` for what is no package, and for what only the task asks for and is not there;
 * `python-unavailable`; the signal's reason when aborted.
 */
export async function findTaskPython(
  task: Pick<Task, "name" | "packages">,
  { packages: flagged = [], signal, progress }: TaskPythonOptions,
): Promise<PythonEnvironment> {
  const given = collectPackages(flagged);
  const names = new Set(given.map(packageName));
  // A journal may hold any task.
  const wanted = collectPackages(textsOf(task.packages), `${task.name}: packages`);
  const asked = wanted.filter((wish) => !names.has(packageName(wish)));
  const brought = asked.length === 0 ? {} : (await findPython({ signal, progress })).packages;
  // A wish for any version is the package's name.
  const open = asked.filter((wish) => brought[wish] === undefined);
  const packages = collectPackages([...given, ...open]);
  const isThere = open.length === 0 || (await lookForPython({ packages, signal })) !== null;
  if (isThere) return await findPython({ packages, signal, progress });
  const flags = writeCommand(open.flatMap((wish) => ["--with", wish]));
  throw new RunError(
    "bad-option",
    `${task.name} needs packages that nbevolve does not bring (${open.join(", ")}), and no task installs anything by itself: to have ` +
      `their wheels installed, once, in an environment of nbevolve's own, add ${nameOption(flags, "packages")}`,
  );
}
