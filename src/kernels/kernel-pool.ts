// Owns: the kernels of one run: its server, the kernel kept warm, the live kernels kept for children, the leases.
// Never knows what a notebook, a round or a strategy is.
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { KernelLost, messageOf, RunError } from "../core/errors.ts";
import type { KernelLease, KernelPool, KernelState, RecipeStep } from "../spec/kernel.ts";
import { callBeside } from "./beside.ts";
import { waitFor } from "./deadline.ts";
import type { JupyterServer } from "./jupyter-server.ts";
import { startJupyterServer } from "./jupyter-server.ts";
import { keptKernels } from "./kept-kernels.ts";
import { kernelLease } from "./kernel-lease.ts";
import type { LiveKernel } from "./live-kernel.ts";
import { startKernel } from "./live-kernel.ts";
import type { OutputLimits } from "./output-budget.ts";
import { OUTPUT_LIMITS } from "./output-budget.ts";
import { stateKey } from "./recipes.ts";
import type { RestoreMeans, RestoreOptions } from "./restore.ts";
import { restore } from "./restore.ts";
import { runCell } from "./run-cell.ts";
import { copyWorkspace, emptyWorkspace, workspacePath } from "./workspaces.ts";

/** Half a second when the machine is idle; a minute when it is not. */
const KERNEL_START_MS = 60_000;
const ENTER_MS = 10_000;

export interface JupyterKernelsOptions {
  /** What `findPython` gives; only the interpreter is used. */
  readonly python: { readonly python: string };
  /** Made when it is missing; each lease has a directory in it. */
  readonly workspacesDir: string;
  /** Stops the start only. */
  readonly signal?: AbortSignal;
  /** Live kernels that may wait for a lease from their very state. Default 4. */
  readonly keepLive?: number;
  readonly outputLimits?: Partial<OutputLimits>;
  /** For a status view; called synchronously, must not throw. */
  readonly onEvent?: (event: KernelEvent) => void;
}

export type KernelEvent =
  | { readonly type: "server-started"; readonly durationMs: number }
  /** The next lease starts another one. */
  | { readonly type: "server-lost"; readonly reason: string };

/**
 * Kernels on a Jupyter server of their own, on this machine. Nothing of them outlives the pool or this process.
 * @throws RunError `kernel-unavailable`; the signal's reason when aborted.
 */
export async function jupyterKernels(options: JupyterKernelsOptions): Promise<KernelPool> {
  const root = resolve(options.workspacesDir);
  await mkdir(root, { recursive: true });
  const pool = new JupyterKernelPool(root, options);
  await pool.open(options.signal);
  return pool;
}

class JupyterKernelPool implements KernelPool {
  readonly #root: string;
  readonly #options: JupyterKernelsOptions;
  readonly #limits: OutputLimits;
  readonly #kept;
  /** Every kernel that was started and is not known to be gone. */
  readonly #kernels = new Set<LiveKernel>();
  #server: Promise<JupyterServer> | null = null;
  /** A kernel started ahead: the next empty one is there at once. */
  #spare: Promise<LiveKernel> | null = null;
  #disposed: Promise<void> | undefined;

  constructor(root: string, options: JupyterKernelsOptions) {
    this.#root = root;
    this.#options = options;
    this.#limits = { ...OUTPUT_LIMITS, ...options.outputLimits };
    this.#kept = keptKernels(options.keepLive ?? 4);
  }

  async open(signal?: AbortSignal): Promise<void> {
    await this.#serverNow(signal);
    this.#startSpare();
  }

  async lease(from: KernelState, options: RestoreOptions): Promise<KernelLease> {
    options.signal.throwIfAborted();
    const restored = await restore(from, this.#means, options);
    const { kernel } = restored;
    const { workspace } = options;
    return kernelLease(restored, {
      limits: this.#limits,
      giveBack: async (key) => {
        if (key !== null && this.#disposed === undefined && kernel.lost() === null) {
          this.#kept.keep(key, { kernel, workspace });
        } else {
          await this.#end(kernel, "The lease was given back.");
        }
      },
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#disposed ??= this.#dispose());
  }

  readonly #means: RestoreMeans = {
    start: (options) => this.#startFresh(options),
    reuse: (steps, options) => this.#takeKept(steps, options),
    run: (kernel, source, options) => runCell(kernel, source, options, this.#limits),
  };

  async #startFresh(options: RestoreOptions): Promise<LiveKernel> {
    const directory = workspacePath(this.#root, options.workspace);
    this.#kept.dropFrom(options.workspace);
    await emptyWorkspace(directory);
    const server = await this.#serverFor(options.signal);
    let failure: unknown;
    for (const start of [() => this.#takeSpare(), () => this.#start(server)]) {
      try {
        return await this.#entered(start(), directory, options.signal);
      } catch (problem) {
        options.signal.throwIfAborted();
        failure = problem;
      }
    }
    throw new RunError(
      "kernel-unavailable",
      `No kernel could be started: ${messageOf(failure)}. Run \`nbevolve doctor\` to see what is missing. ` +
        `The end of the server's log:\n${server.log()}`,
      { cause: failure },
    );
  }

  /** The kernel, working in the directory; ended when that cannot be had. */
  async #entered(starting: Promise<LiveKernel>, directory: string, signal: AbortSignal): Promise<LiveKernel> {
    const started = await waitFor(starting, KERNEL_START_MS, signal);
    if (started.how !== "settled") {
      void starting.then((late) => this.#end(late, "It came too late.")).catch(() => undefined);
      signal.throwIfAborted();
      throw new KernelLost(`it did not start within ${KERNEL_START_MS / 1000} s`);
    }
    const kernel = started.value;
    try {
      await enter(kernel, directory, { timeoutMs: KERNEL_START_MS, signal });
    } catch (problem) {
      void this.#end(kernel, "It did not answer.");
      throw problem;
    }
    this.#startSpare();
    return kernel;
  }

  /**
   * A kept kernel of this state. It goes on in a copy of its workspace: the old directory stays as it was, for
   * whoever looks at the branch; a replay never needs it, since it makes its files again.
   */
  async #takeKept(steps: readonly RecipeStep[], options: RestoreOptions): Promise<LiveKernel | null> {
    const found = this.#kept.take(stateKey(steps));
    if (found === null) return null;
    const directory = workspacePath(this.#root, options.workspace);
    try {
      if (found.workspace !== options.workspace) {
        await copyWorkspace(workspacePath(this.#root, found.workspace), directory);
        await enter(found.kernel, directory, { timeoutMs: ENTER_MS, signal: options.signal });
      }
      return found.kernel;
    } catch {
      // Whatever is wrong with it, a replay is right.
      await this.#end(found.kernel, "It could not be taken over.");
      options.signal.throwIfAborted();
      return null;
    }
  }

  #startSpare(): void {
    if (this.#spare !== null || this.#disposed !== undefined) return;
    const spare = this.#serverNow().then((server) => this.#start(server));
    this.#spare = spare;
    // A lease that takes it learns what went wrong; until then it is nobody's error.
    spare.catch(() => undefined);
  }

  async #takeSpare(): Promise<LiveKernel> {
    const spare = this.#spare;
    this.#spare = null;
    const kernel = await spare;
    if (kernel === null) throw new KernelLost("no kernel was started ahead");
    const lost = kernel.lost();
    if (lost !== null) throw new KernelLost(lost);
    return kernel;
  }

  async #start(server: JupyterServer): Promise<LiveKernel> {
    const kernel = await startKernel(server, "");
    this.#kernels.add(kernel);
    if (this.#disposed !== undefined) await this.#end(kernel, "The pool is closed.");
    return kernel;
  }

  async #end(kernel: LiveKernel, reason: string): Promise<void> {
    await kernel.kill(reason);
    this.#kernels.delete(kernel);
  }

  async #serverFor(signal: AbortSignal): Promise<JupyterServer> {
    const server = await waitFor(this.#serverNow(), KERNEL_START_MS, signal);
    signal.throwIfAborted();
    if (server.how === "settled") return server.value;
    throw new RunError(
      "kernel-unavailable",
      `The Jupyter server did not start within ${KERNEL_START_MS / 1000} s.`,
    );
  }

  /** The server; a new one when the last one is gone. */
  async #serverNow(signal?: AbortSignal): Promise<JupyterServer> {
    if (this.#disposed !== undefined) throw new RunError("kernel-unavailable", "The kernel pool is closed.");
    const asked = this.#server;
    const current = await asked?.catch(() => null);
    if (current?.running() === true) return current;
    if (this.#server !== asked) return this.#serverNow(signal);
    this.#spare = null;
    this.#server = this.#startServer(signal);
    return this.#server;
  }

  async #startServer(signal?: AbortSignal): Promise<JupyterServer> {
    const began = performance.now();
    const { python } = this.#options.python;
    const given = signal === undefined ? {} : { signal };
    const server = await startJupyterServer({ python, rootDir: this.#root, ...given });
    this.#options.onEvent?.({ type: "server-started", durationMs: performance.now() - began });
    void server.ended.then((end) => {
      if (this.#disposed !== undefined) return;
      this.#options.onEvent?.({ type: "server-lost", reason: `${end.ended} ${end.message}`.trim() });
    });
    return server;
  }

  async #dispose(): Promise<void> {
    const server = await this.#server?.catch(() => null);
    const serverGone = server?.[Symbol.asyncDispose]();
    for (const kernel of this.#kernels) void kernel.kill("The pool is closed.");
    await this.#kept.clear();
    await serverGone;
  }
}

/** @throws KernelLost unless the kernel works in the directory now; the signal's reason when aborted. */
async function enter(
  kernel: LiveKernel,
  directory: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const answer = await callBeside(kernel, "enter", directory, options);
  if (answer.how === "timeout")
    throw new KernelLost(`it did not answer within ${options.timeoutMs / 1000} s`);
  if (answer.how === "failed") throw new KernelLost(`it cannot work in ${directory}: ${answer.message}`);
}
