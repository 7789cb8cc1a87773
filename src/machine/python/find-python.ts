// Owns: which Python runs beside Node: the one that NBEVOLVE_PYTHON names, else an environment of our own in the
// user's cache folder, made on first use. Never installs into an interpreter that is not ours.
import { checkOptions, manyOf, OPTION } from "../../core/options.ts";
import { collectPackages } from "../../core/python/package-names.ts";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, RunError } from "../../core/errors.ts";
import {
  type Published,
  environmentKey,
  environmentsDirectory,
  findPublished,
  newDirectory,
  publish,
  requirementsKey,
  removeTree,
  sweep,
} from "./cache.ts";
import { type PythonEnvironment, type Requirements, NEEDED } from "./inspect.ts";
import { chooseMaker, type Maker } from "./interpreters.ts";
import { makeEnvironment } from "./make.ts";
import { namedPython } from "./named.ts";
import { takeProcessLock } from "./process-lock.ts";
import { shippedPath } from "../../shipped.ts";

export type { PythonEnvironment, Requirements } from "./inspect.ts";

/** Where a Python is looked for. */
export interface FindPythonOptions {
  /** One line at a time, without a line end, for people. Only called when something takes time. */
  readonly progress?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /**
   * Packages besides those that nbevolve brings, with versions where they matter: `pandas`, `scikit-learn>=1.5`. Wheels of
   * them are installed on first use, into an environment of our own. Default none.
   */
  readonly packages?: readonly string[] | undefined;
}

/** The pinned packages that ship with nbevolve. */
export const pinnedRequirements = (): Requirements => ({
  requirements: shippedPath("src/machine/python/requirements.txt"),
  modules: NEEDED,
});

/**
 * The Python to use; the first call on a machine makes it (30 s to minutes), every other takes milliseconds. Any
 * number of processes may call at once: one makes it, the others wait. Interrupted, it leaves nothing that counts.
 * @throws RunError `python-unavailable` with the reason and the remedy; the signal's reason when aborted.
 */
export async function findPython(options: FindPythonOptions = {}): Promise<PythonEnvironment> {
  const kinds = {
    ...{ progress: OPTION.callback, signal: OPTION.signal, env: OPTION.record },
    packages: manyOf(OPTION.text, "packages"),
  };
  checkOptions("findPython", options, kinds);
  const found = await lookForPython(options);
  if (found) return found;
  const recipe = { ...pinnedRequirements(), packages: collectPackages(options.packages ?? []) };
  return { ...(await makeOurs(recipe, options)), origin: "cache" };
}

/**
 * As `findPython`, but null where the environment would have to be made first. Starts no process for our own.
 * @throws RunError `python-unavailable` when NBEVOLVE_PYTHON names something unusable; `bad-option` for what is no package.
 */
export async function lookForPython(options: FindPythonOptions = {}): Promise<PythonEnvironment | null> {
  const env = options.env ?? process.env;
  const packages = collectPackages(options.packages ?? []);
  const named = env["NBEVOLVE_PYTHON"];
  if (named) return await namedPython(named, { ...pinnedRequirements(), packages }, { ...options, env });
  const requirements = await readFile(pinnedRequirements().requirements, "utf8");
  const published = await findPublished(environmentsDirectory(env), requirementsKey(requirements, packages));
  return published && { ...published, origin: "cache" };
}

/**
 * The recipe's environment in the cache folder, made when it is not there; one with packages besides is made from the one without.
 * @throws as `findPython`.
 */
export async function makeOurs(recipe: Requirements, options: FindPythonOptions): Promise<Published> {
  const env = options.env ?? process.env;
  const directory = environmentsDirectory(env);
  const { packages = [] } = recipe;
  const requirements = await readFile(recipe.requirements, "utf8");
  const nameOf = (besides: readonly string[]): string => requirementsKey(requirements, besides);
  const recipeName = nameOf(packages);
  const ready = await findPublished(directory, recipeName);
  if (ready) return ready;
  const onto = packages.length === 0 ? null : await makeOurs({ ...recipe, packages: [] }, options);
  const startedMs = performance.now();
  const say = (line: string): void =>
    options.progress?.(
      `Python environment: ${line} [${Math.round((performance.now() - startedMs) / 1000)} s]`,
    );
  const { signal } = options;
  const maker = await chooseMaker({ env, signal, say });
  await makeDirectory(directory);
  for (;;) {
    const turn = await takeProcessLock(join(directory, `${recipeName}.turn`), {
      signal,
      onWait: () => say("another process is making it; waiting for that"),
    });
    if (turn === "waited") {
      const made = await findPublished(directory, recipeName);
      if (made) return made;
      continue;
    }
    try {
      // Between the first look and this turn, another process may have finished it.
      const made = await findPublished(directory, recipeName);
      return made ?? (await makeAndPublish({ recipe, nameOf, onto, directory, maker, env, signal, say }));
    } finally {
      await turn.end();
    }
  }
}

interface Making {
  readonly recipe: Requirements;
  /** The name of the recipe with these packages besides. */
  readonly nameOf: (packages: readonly string[]) => string;
  /** The environment that it begins as; null for none. */
  readonly onto: Published | null;
  readonly directory: string;
  readonly maker: Maker;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly say: (line: string) => void;
}

async function makeAndPublish(making: Making): Promise<Published> {
  const { recipe, nameOf, onto, directory, say } = making;
  const { packages = [] } = recipe;
  const keyOf = (besides: readonly string[]): string =>
    environmentKey(nameOf(besides), (onto ?? making.maker.base).version);
  const key = keyOf(packages);
  await sweep(directory, key);
  const root = newDirectory(directory, key);
  const [what, room] =
    onto === null ? ["for these packages", ", about 400 MB"] : [`with ${packages.join(", ")}`, ""];
  say(`none yet ${what}; it goes to ${directory} (once${room})`);
  const environment = await makeEnvironment({
    ...making,
    ...recipe,
    packages,
    root,
    log: join(directory, `${key}.log`),
  });
  try {
    making.signal?.throwIfAborted();
    // A run keeps what it came to: by those exact versions it is found, too.
    const exact = keyOf(environment.added);
    if (environment.added.length > 0 && exact !== key) await publish(directory, exact, environment);
    await publish(directory, key, environment);
  } catch (problem) {
    await removeTree(root);
    throw problem;
  }
  await sweep(directory, key); // again: a maker that had just been killed still counted as alive before
  say("ready");
  return environment;
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (problem) {
    throw new RunError(
      "python-unavailable",
      `The cache folder ${directory} cannot be made: ${messageOf(problem)}. Set NBEVOLVE_CACHE to a folder that can be written.`,
      { cause: problem },
    );
  }
}
