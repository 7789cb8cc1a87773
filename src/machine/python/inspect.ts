// Owns: what an interpreter is and what it can import, by asking it. Never changes anything.
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { shippedPath } from "../../shipped.ts";

/** A Python with what kernels need. */
export interface PythonEnvironment {
  /** Absolute path of the interpreter. */
  readonly python: string;
  readonly origin: "NBEVOLVE_PYTHON" | "cache";
  readonly version: string;
  /** Installed distributions: normalised name -> version. */
  readonly packages: Readonly<Record<string, string>>;
  /** `sys.prefix`: what a sandbox must show so that the packages are there. */
  readonly root: string;
  /** `sys.base_prefix`: what a sandbox must show besides, the standard library; equals `root` without a venv. */
  readonly base: string;
  /**
   * What was asked for besides the packages that nbevolve brings, and what that brought, as `name==version`: asked for again,
   * it is this environment, or one with the same versions.
   */
  readonly added: readonly string[];
}

/** What an environment of our own is made of. */
export interface Requirements {
  /** Path of the requirements file. */
  readonly requirements: string;
  /** Modules that must be importable. */
  readonly modules: readonly string[];
  /** What is asked for besides, as `collectPackages` gives it. Default none. */
  readonly packages?: readonly string[];
}

/** What our code imports, as it is checked. Submodules: the parts with compiled code and the slow ones. */
export const NEEDED = [
  "jupyter_server.serverapp",
  "ipykernel.kernelapp",
  "nbformat",
  "numpy",
  "scipy.optimize",
  "matplotlib.pyplot",
  "cloudpickle",
  "cma",
] as const;

/** Oldest Python that is accepted. */
export const OLDEST_MINOR = 10;

const reportSchema = z.object({
  version: z.string(),
  executable: z.string(),
  prefix: z.string(),
  base: z.string(),
  missing: z.array(z.string()),
  broken: z.record(z.string(), z.string()),
  packages: z.record(z.string(), z.string()),
  unmet: z.array(z.string()),
});
export type Inspection = z.infer<typeof reportSchema>;

interface InspectOptions {
  readonly modules: readonly string[];
  /** Looked for among the installed ones, their versions too. Default none. */
  readonly packages?: readonly string[] | undefined;
  /** Import them (seconds) instead of only looking for them (70 ms). */
  readonly importThem: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** What the interpreter (3.10 or later) says about itself, or in words why it says nothing. */
export async function inspectEnvironment(
  python: string,
  options: InspectOptions,
): Promise<Inspection | string> {
  const script = shippedPath("src/machine/python/inspect_environment.py");
  const modules = options.importThem ? ["--import", ...options.modules] : options.modules;
  const packages = (options.packages ?? []).flatMap((wish) => ["--package", wish]);
  const answer = await ask(python, ["-I", script, ...packages, ...modules], options);
  if (answer.code !== 0) return lastLine(answer.stderr) || `it ended with ${answer.code}`;
  return reportSchema.parse(JSON.parse(answer.stdout));
}

/** What keeps the modules from being used, one after the other; empty when nothing does. */
export function problemsOf(found: Inspection | string): string[] {
  if (typeof found === "string") return [found];
  const broken = Object.entries(found.broken).map(([name, why]) => `${name}: ${lastLine(why)}`);
  return [...found.missing.map((name) => `no ${name}`), ...broken];
}

const baseSchema = z.object({
  version: z.tuple([z.number(), z.number(), z.number()]),
  executable: z.string(),
  hasVenv: z.boolean(),
});
/** An interpreter that environments can be made from. */
export interface BasePython {
  readonly executable: string;
  readonly version: string;
  /** Whether it brings venv and ensurepip, which Debian packs separately. */
  readonly hasVenv: boolean;
  /** Whether it is recent enough. */
  readonly accepted: boolean;
}

/** Works on every Python since 2.7, so that an old one can be named as such. */
const ASK_BASE = `
import json, sys
try:
    import ensurepip, venv
    has_venv = True
except ImportError:
    has_venv = False
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "executable": getattr(sys, "_base_executable", None) or sys.executable,
    "hasVenv": has_venv,
}))`;

/** What the named command is, or null when it does not run as a Python. */
export async function inspectBase(
  command: string,
  options: Pick<InspectOptions, "env" | "signal">,
): Promise<BasePython | null> {
  const answer = await ask(command, ["-E", "-s", "-c", ASK_BASE], options);
  if (answer.code !== 0) return null;
  const { version, executable, hasVenv } = baseSchema.parse(JSON.parse(answer.stdout));
  const accepted = version[0] === 3 && version[1] >= OLDEST_MINOR;
  return { executable, version: version.join("."), hasVenv, accepted };
}

interface PythonAnswer {
  /** Null when the command could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. @throws the signal's reason when aborted. */
export async function ask(
  command: string,
  args: readonly string[],
  options: Pick<InspectOptions, "env" | "signal">,
): Promise<PythonAnswer> {
  options.signal?.throwIfAborted();
  const child = spawn(command, args, {
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    signal: options.signal,
  });
  const ended = new Promise<{ code: number | null; problem: string }>((resolve) => {
    child.once("error", (problem) => resolve({ code: null, problem: problem.message }));
    child.once("close", (code) => resolve({ code, problem: "" }));
  });
  const [stdout, stderr, { code, problem }] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  options.signal?.throwIfAborted();
  return { code, stdout, stderr: problem || stderr };
}

/** The last line that is not empty: where Python names the exception. */
export const lastLine = (output: string): string => output.trim().split("\n").at(-1)?.trim() ?? "";
