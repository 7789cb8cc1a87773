// Owns: what a task runs on: a sandbox, a Python, kernels and the task's verifiers. The only place that composes them.
// Never knows a run, a strategy or a model.
import { basename, dirname } from "node:path";
import { RunError } from "../core/errors.ts";
import { checkOptions, checkValue, manyOf, OPTION, TASK_OPTION, type OptionKinds } from "../core/options.ts";
import { KERNEL_OPTIONS, type JupyterKernelsOptions } from "../kernels/kernel-options.ts";
import { remoteAddress } from "../kernels/remote/remote-address.ts";
import { Porter } from "../machine/files/porter.ts";
import type { PythonEnvironment } from "../machine/python/find-python.ts";
import { foldersFor, requireNeeds, variablesFor } from "../machine/sandbox/handed-in.ts";
import { makeTemporaryFolder } from "../machine/temporary-folder.ts";
import { openSandbox } from "../machine/sandbox/sandbox.ts";
import type { KernelPool, Task, Verifier, VerifierSource } from "../contracts/index.ts";
import { pythonVerifier } from "../verifiers/python-verifier.ts";
import { findTaskPython } from "./task/task-python.ts";
import { nameOption } from "../core/shell-words.ts";

/** How cells and verifiers are confined, how kernels are kept, and where they lie. */
export interface RuntimeOptions extends Omit<JupyterKernelsOptions, "python" | "workspacesDir"> {
  /** The folder of the kernels' workspaces, made when it is missing. Default: a temporary one, removed with the runtime. */
  readonly workspacesDir?: string | undefined;
  /**
   * Packages besides those that nbevolve brings, which cells and verifiers may import: `pandas`, `scikit-learn>=1.5`. Installed
   * once, from wheels, into an environment of their own. Default none; what the task asks for is installed when it is named here.
   */
  readonly packages?: readonly string[] | undefined;
  /** Stops the opening of the runtime and of its kernels. What is open is ended by disposing of the runtime. */
  readonly signal?: AbortSignal | undefined;
  /** Gets lines for people: that the Python environment is being made, that there is no sandbox. */
  readonly progress?: ((line: string) => void) | undefined;
}

export const RUNTIME_OPTIONS: OptionKinds<RuntimeOptions> = {
  ...KERNEL_OPTIONS,
  workspacesDir: OPTION.text,
  packages: manyOf(OPTION.text, "packages"),
  signal: OPTION.signal,
  progress: OPTION.callback,
};

/** Everything that runs a task's cells and judges its submissions. Disposing of it leaves no process behind. */
export interface Runtime extends AsyncDisposable {
  /** Whether cells and verifiers run in a sandbox: what `auto` came to. */
  readonly sandbox: "on" | "off";
  readonly python: PythonEnvironment;
  readonly verifier: Verifier;
  /** Null when the task has no holdout. */
  readonly holdout: Verifier | null;
  /**
   * The kernel pool; disposed of with the runtime, not by the caller. The first call starts the Jupyter server, every
   * other gives the same pool; a call that failed leaves nothing behind and can be made again.
   * @throws RunError `kernel-unavailable`; the signal's reason when aborted.
   */
  openKernels(): Promise<KernelPool>;
}

/**
 * Finds the sandbox and the Python (made on first use: 30 s to minutes) for a task. Starts no kernel: see `openKernels`.
 * @throws RunError `sandbox-unavailable` | `python-unavailable` | `bad-option`; the signal's reason when aborted.
 */
export async function openRuntime(task: Task, options: RuntimeOptions = {}): Promise<Runtime> {
  checkValue("openRuntime: task", task, TASK_OPTION);
  checkOptions("openRuntime", options, RUNTIME_OPTIONS);
  const sandbox = await decideSandbox(options);
  if (options.server === undefined) requireNeeds(task, options, sandbox === "on");
  options.signal?.throwIfAborted();
  const python = await findTaskPython(task, options);
  return new TaskRuntime(task, { ...options, sandbox }, python);
}

/**
 * Whether there will be a sandbox, without opening anything else.
 * @throws RunError `sandbox-unavailable`, or `bad-option` for what only a sandbox can enforce where there is none.
 */
export async function decideSandbox(options: RuntimeOptions): Promise<"on" | "off"> {
  const { server, allowNetwork, limits, env = [], read = [] } = options;
  const sandbox = (await openSandbox(options, options.progress)) === null ? "off" : "on";
  variablesFor(options, sandbox === "on");
  foldersFor(options);
  if (server !== undefined && env.length + read.length > 0)
    throw new RunError(
      "bad-option",
      `${nameOption("--env and --read", "env, read")} say what kernels of ours see, not those of ${SERVER}: leave them out`,
    );
  if (server !== undefined) remoteAddress(server);
  const opensNetwork = allowNetwork !== undefined && allowNetwork !== false;
  if (server !== undefined && (opensNetwork || limits !== undefined))
    throw unenforcedError(opensNetwork, `there is none around the kernels of ${SERVER}`);
  if (sandbox === "off" && limits !== undefined && !opensNetwork)
    throw unenforcedError(false, "there is no sandbox here");
  return sandbox;
}

const SERVER = nameOption("--server", "server");

function unenforcedError(network: boolean, why: string): RunError {
  const flag = network ? nameOption("--allow-network", "allowNetwork") : nameOption("--limits", "limits");
  return new RunError("bad-option", `${flag} is enforced by the sandbox, and ${why}: leave it out`);
}

type ResolvedOptions = RuntimeOptions & { readonly sandbox: "on" | "off" };

class TaskRuntime implements Runtime {
  readonly sandbox: "on" | "off";
  readonly python: PythonEnvironment;
  readonly verifier: Verifier;
  readonly holdout: Verifier | null;
  readonly #options: ResolvedOptions;
  readonly #closing = new AbortController();
  #kernels: Promise<OpenKernels> | null = null;

  constructor(task: Task, options: ResolvedOptions, python: PythonEnvironment) {
    this.sandbox = options.sandbox;
    this.python = python;
    this.#options = options;
    const verifier = (source: VerifierSource): Verifier => taskVerifier(task, source, python, options);
    this.verifier = verifier(task.verifier);
    this.holdout = task.holdout && verifier(task.holdout);
  }

  async openKernels(): Promise<KernelPool> {
    this.#closing.signal.throwIfAborted();
    this.#kernels ??= openPool(this.#options, this.python, this.#closing.signal);
    try {
      return (await this.#kernels).pool;
    } catch (error) {
      this.#kernels = null;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error("the runtime was disposed of"));
    // An opening that fails leaves nothing to close, and its caller has the error.
    const kernels = await this.#kernels?.catch(() => null);
    try {
      await kernels?.close();
    } finally {
      await this.verifier[Symbol.asyncDispose]();
      await this.holdout?.[Symbol.asyncDispose]();
    }
  }
}

function taskVerifier(
  { direction, limits }: Task,
  source: VerifierSource,
  { python }: PythonEnvironment,
  { sandbox, env, read }: ResolvedOptions,
): Verifier {
  const { verifierTimeoutMs: timeoutMs, verifierMemoryMb: memoryMb } = limits;
  return pythonVerifier({ python, source, direction, timeoutMs, memoryMb, sandbox, env, read });
}

interface OpenKernels {
  readonly pool: KernelPool;
  /** Ends the pool, and removes its folder where that is a temporary one. */
  close(): Promise<void>;
}

async function openPool(
  options: RuntimeOptions,
  python: PythonEnvironment,
  closing: AbortSignal,
): Promise<OpenKernels> {
  const temporary =
    options.workspacesDir === undefined ? await makeTemporaryFolder("nbevolve-kernels-") : null;
  const remove = async (): Promise<void> => {
    if (temporary === null) return;
    await using porter = new Porter(python.python);
    await porter.remove({ root: dirname(temporary), name: basename(temporary) });
  };
  const workspacesDir = options.workspacesDir ?? temporary ?? "";
  const signal = options.signal ? AbortSignal.any([options.signal, closing]) : closing;
  try {
    // Imported here: its client is half of what a command loads, and many commands open no kernel.
    const { jupyterKernels } = await import("../kernels/kernel-pool.ts");
    const { progress: _, packages: __, ...kernels } = options;
    const pool = await jupyterKernels({ ...kernels, python, workspacesDir, signal });
    const close = async (): Promise<void> => {
      try {
        await pool[Symbol.asyncDispose]();
      } finally {
        await remove();
      }
    };
    return { pool, close };
  } catch (error) {
    await remove();
    throw error;
  }
}
