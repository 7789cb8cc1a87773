// Owns: filling one new directory with an environment: venv, packages, and the proof that they can be imported.
// Never decides where, and never publishes.
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RunError } from "../../core/errors.ts";
import { type Published, removeTree } from "./cache.ts";
import { inspectEnvironment, problemsOf } from "./inspect.ts";
import type { Maker } from "./interpreters.ts";
import { type MakeStep, runStep } from "./step.ts";

export interface MakeOptions {
  readonly maker: Maker;
  /** Requirements file. */
  readonly requirements: string;
  readonly modules: readonly string[];
  /** Does not exist yet. When making fails it is removed again. */
  readonly root: string;
  /** Where the output of a failed attempt is kept. */
  readonly log: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly say: (line: string) => void;
}

/**
 * Makes the environment; when uv fails, pip gets its chance, for pip may know another package index.
 * @throws RunError `python-unavailable` with the reason and the remedy; the signal's reason when aborted.
 */
export async function makeEnvironment(options: MakeOptions): Promise<Published> {
  try {
    await fillEnvironment(options);
    options.say("checking that everything can be imported");
    const environment = await inspectMade(options);
    await removeTree(logOf(options));
    return environment;
  } catch (problem) {
    await rename(logOf(options), options.log).catch(() => {}); // there is none before the first step
    await removeTree(options.root);
    throw problem;
  }
}

async function fillEnvironment(options: MakeOptions): Promise<void> {
  const { maker, root, say } = options;
  if (!maker.uv) return await runSteps(pipSteps(options), options);
  try {
    await runSteps(uvSteps(options), options);
  } catch (problem) {
    if (!(problem instanceof RunError && maker.base.hasVenv)) throw problem;
    say("uv failed; trying again with pip");
    await removeTree(root);
    await runSteps(pipSteps(options), options);
  }
}

async function runSteps(steps: readonly MakeStep[], options: MakeOptions): Promise<void> {
  const { maker, root, log, env, signal, say } = options;
  const how = { python: maker.base.executable, cwd: dirname(root), log: logOf(options), keptLog: log };
  for (const step of steps) await runStep(step, { ...how, env, signal, say });
}

const pythonOf = (root: string): string => join(root, "bin", "python");

const INDEX_REMEDY =
  "Is a Python package index reachable from here? Behind a proxy or with a mirror of your own, set HTTPS_PROXY or " +
  "PIP_INDEX_URL (with uv: UV_DEFAULT_INDEX) and run again; or set NBEVOLVE_PYTHON to an interpreter that has the packages of";
const VENV_REMEDY =
  "Debian, Ubuntu: apt-get install python3-venv. Elsewhere: install uv, or set NBEVOLVE_PYTHON.";

function uvSteps({ maker, root, requirements }: MakeOptions): MakeStep[] {
  const python = pythonOf(root);
  return [
    {
      doing: `making it with uv from Python ${maker.base.version}`,
      command: ["uv", "venv", "--no-project", "--python", maker.base.executable, root],
      remedy: VENV_REMEDY,
    },
    {
      doing: "installing the packages with uv",
      command: ["uv", "pip", "install", "--compile-bytecode", "--python", python, "-r", requirements],
      remedy: `${INDEX_REMEDY} ${requirements}.`,
    },
  ];
}

function pipSteps({ maker, root, requirements }: MakeOptions): MakeStep[] {
  const quick = ["--retries", "1", "--timeout", "15", "--disable-pip-version-check", "--no-input"];
  return [
    {
      doing: `making it with venv from Python ${maker.base.version}`,
      command: [maker.base.executable, "-m", "venv", root],
      remedy: VENV_REMEDY,
    },
    {
      doing: "installing the packages with pip",
      command: [pythonOf(root), "-m", "pip", "install", ...quick, "-r", requirements],
      remedy: `${INDEX_REMEDY} ${requirements}.`,
    },
  ];
}

const logOf = (options: MakeOptions): string => `${options.root}.log`;

async function inspectMade(options: MakeOptions): Promise<Published> {
  const found = await inspectEnvironment(pythonOf(options.root), { ...options, importThem: true });
  const problems = problemsOf(found);
  if (typeof found === "string" || problems.length > 0) {
    throw new RunError(
      "python-unavailable",
      `The packages were installed but cannot be used: ${problems.join("; ")}. A system library may be missing ` +
        "(Debian, Ubuntu: apt-get install libgomp1 libstdc++6); or set NBEVOLVE_PYTHON to an interpreter that works.",
    );
  }
  const { version, packages, base } = found;
  return { python: pythonOf(options.root), version, packages, root: options.root, base };
}
