// Owns: whether the interpreter that NBEVOLVE_PYTHON names can be used. Never installs anything into it.
import { RunError } from "../../core/errors.ts";
import { packageName } from "../../core/python/package-names.ts";
import { pathWord, writeCommand } from "../../core/shell-words.ts";
import {
  type PythonEnvironment,
  type Requirements,
  ask,
  inspectBase,
  inspectEnvironment,
  lastLine,
  OLDEST_MINOR,
} from "./inspect.ts";

/** @throws RunError `python-unavailable` with what is wrong with it and the remedy; the signal's reason when aborted. */
export async function namedPython(
  named: string,
  recipe: Requirements,
  options: { readonly env: NodeJS.ProcessEnv; readonly signal?: AbortSignal | undefined },
): Promise<PythonEnvironment> {
  const base = await inspectBase(named, options);
  if (!base) {
    const why = await explainFailure(named, options);
    throw unusableError(named, `does not run as a Python${why}`, "set it to the path of a python executable");
  }
  if (!base.accepted)
    throw unusableError(
      named,
      `is Python ${base.version}, but 3.${OLDEST_MINOR} or newer is needed`,
      "set it to another",
    );
  const found = await inspectEnvironment(named, {
    ...options,
    modules: recipe.modules,
    packages: recipe.packages,
    importThem: false,
  });
  if (typeof found === "string")
    throw unusableError(named, `cannot be inspected: ${found}`, "set it to another interpreter");
  if (found.missing.length > 0) {
    const names = [...new Set(found.missing.map((name) => name.split(".")[0]))].join(", ");
    throw unusableError(
      named,
      `lacks ${names} (PYTHONPATH and the user's site directory do not count)`,
      `run: ${installCommand(named, recipe.requirements)}`,
    );
  }
  const { packages: asked = [] } = recipe;
  if (found.unmet.length > 0) {
    throw unusableError(
      named,
      `lacks ${found.unmet.join(", ")}, and nbevolve installs nothing into an environment that you name`,
      `run: ${writeCommand([pathWord(named), "-m", "pip", "install", ...asked])}`,
    );
  }
  const { version, packages, prefix, base: basePrefix, executable } = found;
  return {
    python: executable,
    origin: "NBEVOLVE_PYTHON",
    version,
    packages,
    root: prefix,
    base: basePrefix,
    added: asked.map(packageName).map((name) => `${name}==${packages[name]}`),
  };
}

/** What the system or the command said instead: a missing permission, another program. */
async function explainFailure(named: string, options: Parameters<typeof ask>[2]): Promise<string> {
  const { stderr } = await ask(named, ["-c", ""], options);
  const said = lastLine(stderr).slice(0, 200);
  return said === "" ? "" : ` (${said})`;
}

function unusableError(named: string, what: string, remedy: string): RunError {
  return new RunError(
    "python-unavailable",
    `NBEVOLVE_PYTHON (${named}) ${what}. Unset NBEVOLVE_PYTHON so that nbevolve makes its own environment, or ${remedy}`,
  );
}

/** What puts the packages into an environment of the user's. */
export function installCommand(python: string, requirements: string): string {
  return writeCommand([pathWord(python), "-m", "pip", "install", "-r", requirements]);
}
