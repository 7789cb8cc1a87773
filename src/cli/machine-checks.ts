// Owns: the checks of this machine, one thing each. They look and try things out, and leave nothing behind.
import { existsSync } from "node:fs";
import { rm, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "../core/errors.ts";
import { ownCommand } from "../core/shell-words.ts";
import type { PythonEnvironment } from "../machine/python/find-python.ts";
import { lookForPython, pinnedRequirements } from "../machine/python/find-python.ts";
import { cacheDirectory } from "../machine/python/cache.ts";
import { inspectEnvironment, problemsOf } from "../machine/python/inspect.ts";
import { installCommand } from "../machine/python/named.ts";
import { lookForMaker } from "../machine/python/interpreters.ts";
import { probeSandbox } from "../machine/sandbox/probe.ts";
import { testSandboxHolds } from "../machine/sandbox/self-test.ts";
import { makeTemporaryFolder } from "../machine/temporary-folder.ts";
import { loadNodeSqlite, sqliteEngine } from "../store/sqlite.ts";
import { describeFailure, type MachineCheck } from "./first-checks.ts";

interface Look {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
}

const ok = (name: string, found: string): MachineCheck => ({ name, status: "ok", found, remedy: null });
const warn = (name: string, found: string, remedy: string): MachineCheck => ({
  name,
  status: "warn",
  found,
  remedy,
});
const fail = (name: string, found: string, remedy: string): MachineCheck => ({
  name,
  status: "fail",
  found,
  remedy,
});

/** `version` as in `process.versions.node`. */
export function checkNode(version: string): MachineCheck {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return ok("node", version);
  return fail("node", version, "install Node 20.19 or newer");
}

export async function checkSqlite(): Promise<MachineCheck> {
  try {
    await sqliteEngine();
    return ok("sqlite", loadNodeSqlite() === null ? "libsql (this Node has none of its own)" : "node:sqlite");
  } catch (problem) {
    return describeFailure("sqlite", problem);
  }
}

/** Which Python runs would use. `python` is null where there is none yet, or none that works. */
export async function checkPython(
  look: Look,
): Promise<{ check: MachineCheck; python: PythonEnvironment | null }> {
  try {
    const python = await lookForPython(look);
    if (!python) return { check: await checkMaker(look), python };
    const origin = python.origin === "cache" ? "nbevolve's own environment" : "from NBEVOLVE_PYTHON";
    return { check: ok("python", `${python.version}, ${origin}: ${python.python}`), python };
  } catch (problem) {
    return { check: describeFailure("python", problem), python: null };
  }
}

async function checkMaker(look: Look): Promise<MachineCheck> {
  const maker = await lookForMaker(look);
  const means =
    maker === "uv alone"
      ? "uv, which fetches a Python"
      : `${maker.base.executable} (${maker.base.version}) with ${maker.uv ? "uv" : "venv and pip"}`;
  return warn(
    "python",
    "nbevolve's own environment is not made yet",
    `\`nbevolve run\` (or npm run demo) makes it on first use, from ${means}, about 400 MB in ${cacheDirectory(look.env)}`,
  );
}

const SHOWN = [
  "jupyter-server",
  "ipykernel",
  "numpy",
  "scipy",
  "matplotlib",
  "nbformat",
  "cloudpickle",
  "cma",
] as const;

/** Imports every package that is needed. */
export async function checkPackages(python: PythonEnvironment, look: Look): Promise<MachineCheck> {
  const { requirements, modules } = pinnedRequirements();
  const found = await inspectEnvironment(python.python, { ...look, modules, importThem: true });
  const problems = problemsOf(found);
  if (problems.length > 0) {
    const remedy =
      python.origin === "cache"
        ? `remove ${python.root}; the next run makes it again`
        : installCommand(python.python, requirements);
    return fail("packages", `cannot be imported: ${problems.join("; ")}`, remedy);
  }
  return ok("packages", SHOWN.map((name) => `${name} ${python.packages[name] ?? "?"}`).join(", "));
}

/** Starts a Jupyter server and a kernel, and lets it compute. */
export async function checkKernel(python: PythonEnvironment, look: Look): Promise<MachineCheck> {
  const startedMs = performance.now();
  const folder = await makeTemporaryFolder("nbevolve-doctor-");
  try {
    const value = await computeInKernel(python, folder, look.signal);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    return value === "4"
      ? ok("kernel", `a Jupyter server and a kernel started and computed in ${seconds} s`)
      : fail("kernel", `2 + 2 gave ${value}`, "run it again while the machine is idle");
  } catch (problem) {
    look.signal?.throwIfAborted();
    return describeFailure("kernel", problem);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function computeInKernel(
  python: PythonEnvironment,
  folder: string,
  signal?: AbortSignal,
): Promise<string> {
  const options = { timeoutMs: 30_000, signal: signal ?? new AbortController().signal };
  // Imported late, as in the runtime: the checks before it are printed while this would load.
  const { jupyterKernels } = await import("../kernels/kernel-pool.ts");
  await using kernels = await jupyterKernels({
    python,
    workspacesDir: folder,
    sandbox: "auto",
    ...(signal && { signal }),
  });
  await using lease = await kernels.lease({ recipe: [] }, { ...options, workspace: "doctor" });
  const evaluation = await lease.evaluate("2 + 2", options);
  return evaluation.ok ? JSON.stringify(evaluation.value) : evaluation.message;
}

/** Runs a sandbox: that the program is installed says nothing where the system refuses user namespaces. */
export async function checkBubblewrap(look: Look): Promise<MachineCheck> {
  const name = "bubblewrap";
  const probe = await probeSandbox(look.env["PATH"]);
  if (probe.ok) return ok(name, `${probe.version} can run a sandbox; runs use it`);
  const off = "or give --sandbox off with every run: cells can then do all that you can";
  return warn(name, `${probe.reason}; runs stop before they begin`, `${probe.remedy}; ${off}`);
}

/** Tries to escape from a sandbox in several ways. Null where there is no sandbox. */
export async function checkSandbox(python: PythonEnvironment, look: Look): Promise<MachineCheck | null> {
  const name = "sandbox";
  const probe = await probeSandbox(look.env["PATH"]);
  if (!probe.ok) return null;
  const tried = Object.entries(await testSandboxHolds({ ...probe, network: "none" }, python.python));
  const words = (refused: boolean): string =>
    tried.flatMap(([what, was]) => (was === refused ? [what] : [])).join(", ");
  if (tried.length === 0)
    return fail(name, "the sandbox could not be tested", `run it again: ${ownCommand("doctor")}`);
  if (words(false) === "") return ok(name, `in the sandbox, code cannot ${words(true)}`);
  return fail(name, `IN THE SANDBOX, CODE CAN ${words(false)}`, "run only code that you trust here");
}

const MB = 1024 * 1024;
/** What the Python environment takes while pip fills it. */
const NEEDED_MB = 800;

/** Free space where the Python environment is or will be. `made`: it is there already. */
export async function checkDisk(env: NodeJS.ProcessEnv, made: boolean): Promise<MachineCheck> {
  const cache = cacheDirectory(env);
  let there = cache;
  while (!existsSync(there)) there = dirname(there);
  try {
    const { bavail, bsize } = await statfs(there);
    const freeMb = Math.floor((bavail * bsize) / MB);
    const found = `${freeMb} MB free for ${cache}`;
    if (freeMb >= NEEDED_MB) return ok("disk", found);
    const remedy = "make room, or point NBEVOLVE_CACHE to a folder that has it";
    return made ? warn("disk", found, remedy) : fail("disk", `${found}, ${NEEDED_MB} MB are needed`, remedy);
  } catch (problem) {
    return warn(
      "disk",
      `${there} cannot be examined: ${messageOf(problem)}`,
      "point NBEVOLVE_CACHE elsewhere",
    );
  }
}

/** Whether there is a key. Never shows it. */
export function checkKey(env: NodeJS.ProcessEnv): MachineCheck {
  if (env["OPENAI_API_KEY"]?.trim()) return ok("key", "OPENAI_API_KEY is set");
  return warn(
    "key",
    "OPENAI_API_KEY is not set: only --model offline and models on this machine work",
    "export OPENAI_API_KEY=... (and OPENAI_BASE_URL for another provider)",
  );
}
