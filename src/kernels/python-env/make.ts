// Owns: filling one new directory with an environment: venv, packages, and the proof that they can be imported.
// Never decides where, and never publishes. Its commands run under the guard: they end when this process does.
import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { RunError } from "../../core/errors.ts";
import { spawnGuarded } from "../guarded-process.ts";
import type { Published } from "./cache.ts";
import { inspectEnvironment, problemsOf } from "./inspect.ts";
import { removeTree } from "./cache.ts";
import type { Maker } from "./interpreters.ts";

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

/** How often a step that takes long says where it is. */
const TICK_MS = 5_000;

/**
 * Makes the environment; when uv fails, pip gets its chance, for pip may know another package index.
 * @throws RunError `python-unavailable` with the reason and the remedy; the signal's reason when aborted.
 */
export async function makeEnvironment(options: MakeOptions): Promise<Published> {
  try {
    await fill(options);
    options.say("checking that everything can be imported");
    const environment = await inspected(options);
    await removeTree(logOf(options));
    return environment;
  } catch (problem) {
    await rename(logOf(options), options.log).catch(() => {}); // there is none before the first step
    await removeTree(options.root);
    throw problem;
  }
}

async function fill(options: MakeOptions): Promise<void> {
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

async function runSteps(steps: readonly Step[], options: MakeOptions): Promise<void> {
  for (const step of steps) await runStep(step, options);
}

interface Step {
  readonly doing: string;
  readonly command: readonly [string, ...string[]];
  readonly remedy: string;
}

const pythonOf = (root: string): string => join(root, "bin", "python");

const INDEX_REMEDY =
  "Is a Python package index reachable from here? Behind a proxy or with a mirror of your own, set HTTPS_PROXY or " +
  "PIP_INDEX_URL (with uv: UV_DEFAULT_INDEX) and run again; or set NBEVOLVE_PYTHON to an interpreter that has the packages of";
const VENV_REMEDY =
  "Debian, Ubuntu: apt-get install python3-venv. Elsewhere: install uv, or set NBEVOLVE_PYTHON.";

function uvSteps({ maker, root, requirements }: MakeOptions): Step[] {
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

function pipSteps({ maker, root, requirements }: MakeOptions): Step[] {
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

async function runStep(step: Step, options: MakeOptions): Promise<void> {
  options.say(step.doing);
  options.signal?.throwIfAborted();
  const child = spawnGuarded({
    python: options.maker.base.executable,
    command: step.command,
    cwd: dirname(options.root),
    env: stepEnvironment(options.env),
  });
  const stop = (): void => void child.kill();
  options.signal?.addEventListener("abort", stop, { once: true });
  let latest = "";
  const ticking = setInterval(() => options.say(`${step.doing}: ${latest}`), TICK_MS);
  try {
    const lines = await keepLines([child.stdout, child.stderr], logOf(options), (line) => (latest = line));
    const { ended, status } = await child.ended;
    options.signal?.throwIfAborted();
    if (ended !== "exit" || status !== 0) throw stepFailed(step, options, lines);
  } finally {
    clearInterval(ticking);
    options.signal?.removeEventListener("abort", stop);
  }
}

/** What the step inherits: all but the variables that would install elsewhere than into the environment. */
function stepEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const elsewhere = new Set([
    "PYTHONHOME",
    "PYTHONPATH",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "VIRTUAL_ENV",
  ]);
  const kept = Object.entries(env).filter(([name]) => !elsewhere.has(name));
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Appends every line to the log; resolves, when all streams have ended, with the last that are no warnings. */
async function keepLines(
  streams: readonly (Readable | null)[],
  log: string,
  onLine: (line: string) => void,
): Promise<readonly string[]> {
  const file = createWriteStream(log, { flags: "a" });
  const last: string[] = [];
  await Promise.all(
    streams.map(async (stream) => {
      if (!stream) return;
      for await (const line of createInterface({ input: stream })) {
        file.write(`${line}\n`);
        if (line.trim() === "" || line.startsWith("WARNING")) continue;
        onLine(line.trim().slice(0, 60));
        if (last.push(line.trim()) > 20) last.shift();
      }
    }),
  );
  file.end();
  await finished(file);
  return last;
}

function stepFailed(step: Step, options: MakeOptions, lines: readonly string[]): RunError {
  const reasons = lines.filter((line) => /error|no space|denied|failed|not available/i.test(line));
  const reason = (reasons.length > 0 ? reasons : lines).slice(-3).join(" | ").slice(0, 600);
  const full = lines.some((line) => /no space left/i.test(line));
  const remedy = full
    ? "Make room there (about 400 MB), or point NBEVOLVE_CACHE to a folder that has it."
    : step.remedy;
  return new RunError(
    "python-unavailable",
    `The Python environment could not be made (${step.doing}): ${reason || "no reason was given"}. ${remedy} ` +
      `All of the output: ${options.log}`,
  );
}

async function inspected(options: MakeOptions): Promise<Published> {
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
