// Owns: filling one new directory with an environment: venv, packages, and the proof that they can be imported.
// One with packages besides begins as the one without. Never decides where, and never publishes.
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RunError } from "../../core/errors.ts";
import { packageName } from "../../core/python/package-names.ts";
import { shippedPath, shownGuide } from "../../shipped.ts";
import { type Published, removeTree } from "./cache.ts";
import { inspectEnvironment, problemsOf } from "./inspect.ts";
import type { Maker } from "./interpreters.ts";
import { type MakeStep, runStep } from "./step.ts";

export interface MakeOptions {
  readonly maker: Maker;
  /** Requirements file. */
  readonly requirements: string;
  readonly modules: readonly string[];
  /** What is installed besides what `onto` has. */
  readonly packages: readonly string[];
  /** The environment that it begins as; null: it gets the requirements. */
  readonly onto: Published | null;
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

/** Foreign code of a package's own is not run while it is installed: a wheel is unpacked, and no more. */
const WHEELS = ["--only-binary", ":all:"] as const;

function packageRemedy(onto: Published): string {
  return (
    `Is each name right, is there a wheel for Python ${onto.version} here (nothing is built from source), and is a package index reachable? ` +
    "Behind a proxy or with a mirror of your own, set HTTPS_PROXY or PIP_INDEX_URL (with uv: UV_DEFAULT_INDEX). What has no wheel goes " +
    `into an environment of your own, which NBEVOLVE_PYTHON names (${shownGuide("your-own-task.md")}, Packages of your own).`
  );
}

/** The steps of `onto` with packages; `tool`: what installs them. */
function addSteps({ root, packages }: MakeOptions, onto: Published, tool: "uv" | "pip"): MakeStep[] {
  const python = pythonOf(root);
  const what = [...WHEELS, "--constraint", join(root, "constraints.txt"), "--", ...packages];
  const remedy = packageRemedy(onto);
  // Where uv made it, it has no pip.
  const needsPip = tool === "pip" && !("pip" in onto.packages);
  return [
    {
      doing: "taking over what nbevolve brings",
      command: [
        ...([onto.python, "-I", shippedPath("src/machine/python/link_environment.py"), root] as const),
        ...packages.map(packageName),
      ],
      remedy: "Make room in the cache folder, or point NBEVOLVE_CACHE to another.",
    },
    ...(needsPip
      ? [
          {
            doing: "making pip",
            command: [python, "-m", "ensurepip"] as [string, ...string[]],
            remedy: VENV_REMEDY,
          },
        ]
      : []),
    {
      doing: `installing ${packages.join(", ").slice(0, 200)} with ${tool}`,
      command:
        tool === "uv"
          ? ["uv", "pip", "install", "--compile-bytecode", "--python", python, ...what]
          : [python, "-m", "pip", "install", ...QUICK, ...what],
      remedy,
    },
  ];
}

function uvSteps(options: MakeOptions): MakeStep[] {
  const { maker, root, requirements, onto } = options;
  if (onto !== null) return addSteps(options, onto, "uv");
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

const QUICK = ["--retries", "1", "--timeout", "15", "--disable-pip-version-check", "--no-input"];

function pipSteps(options: MakeOptions): MakeStep[] {
  const { maker, root, requirements, onto } = options;
  if (onto !== null) return addSteps(options, onto, "pip");
  return [
    {
      doing: `making it with venv from Python ${maker.base.version}`,
      command: [maker.base.executable, "-m", "venv", root],
      remedy: VENV_REMEDY,
    },
    {
      doing: "installing the packages with pip",
      command: [pythonOf(root), "-m", "pip", "install", ...QUICK, "-r", requirements],
      remedy: `${INDEX_REMEDY} ${requirements}.`,
    },
  ];
}

const logOf = (options: MakeOptions): string => `${options.root}.log`;

async function inspectMade(options: MakeOptions): Promise<Published> {
  // What was asked for is there, or the installer had failed.
  const how = { modules: options.modules, env: options.env, signal: options.signal, importThem: true };
  const found = await inspectEnvironment(pythonOf(options.root), how);
  const problems = problemsOf(found);
  if (typeof found === "string" || problems.length > 0) {
    throw new RunError(
      "python-unavailable",
      `The packages were installed but cannot be used: ${problems.join("; ")}. A system library may be missing ` +
        "(Debian, Ubuntu: apt-get install libgomp1 libstdc++6); or set NBEVOLVE_PYTHON to an interpreter that works.",
    );
  }
  const { version, packages, base } = found;
  const added = addedTo(options, packages);
  return { python: pythonOf(options.root), version, packages, root: options.root, base, added };
}

/** What was asked for, and what is there now in another version than before. */
function addedTo(
  { onto, packages: asked }: MakeOptions,
  packages: Readonly<Record<string, string>>,
): string[] {
  if (onto === null) return [];
  const names = asked.map(packageName);
  return Object.entries(packages)
    .filter(([name, version]) => onto.packages[name] !== version || names.includes(name))
    .map(([name, version]) => `${name}==${version}`)
    .toSorted();
}
