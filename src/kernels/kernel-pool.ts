// Owns: the pool of a run's kernels: leases, their workspaces, and the live kernels kept for children.
// Never knows what a notebook, a round or a strategy is.
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { KernelLease, KernelPool, KernelState, RecipeStep } from "../spec/kernel.ts";
import type { KeptKernels } from "./kept-kernels.ts";
import { keptKernels } from "./kept-kernels.ts";
import { kernelLease } from "./kernel-lease.ts";
import { enter, KernelSource } from "./kernel-source.ts";
import type { LiveKernel } from "./live-kernel.ts";
import type { OutputLimits } from "./output-budget.ts";
import { OUTPUT_LIMITS } from "./output-budget.ts";
import { stateKey } from "./recipes.ts";
import type { RestoreMeans, RestoreOptions } from "./restore.ts";
import { restore } from "./restore.ts";
import { runCell } from "./run-cell.ts";
import type { KernelEvent } from "./kernel-event.ts";
import { ServerKeeper } from "./server-keeper.ts";
import { copyWorkspace, emptyWorkspace, workspacePath } from "./workspaces.ts";

export type { KernelEvent } from "./kernel-event.ts";

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

/**
 * Kernels on a Jupyter server of their own, on this machine. Nothing of them outlives the pool or this process.
 * @throws RunError `kernel-unavailable`; the signal's reason when aborted.
 */
export async function jupyterKernels(options: JupyterKernelsOptions): Promise<KernelPool> {
  const rootDir = resolve(options.workspacesDir);
  await mkdir(rootDir, { recursive: true });
  const servers = new ServerKeeper({ python: options.python.python, rootDir }, (event) =>
    options.onEvent?.(event),
  );
  await servers.now(options.signal);
  return new JupyterKernelPool(rootDir, servers, options);
}

class JupyterKernelPool implements KernelPool {
  readonly #rootDir: string;
  readonly #servers: ServerKeeper;
  readonly #source: KernelSource;
  readonly #limits: OutputLimits;
  readonly #kept: KeptKernels;
  #closing: Promise<void> | undefined;

  constructor(rootDir: string, servers: ServerKeeper, options: JupyterKernelsOptions) {
    this.#rootDir = rootDir;
    this.#servers = servers;
    this.#source = new KernelSource(servers);
    this.#limits = { ...OUTPUT_LIMITS, ...options.outputLimits };
    this.#kept = keptKernels(options.keepLive ?? 4, (kernel) =>
      this.#source.end(kernel, "There was no room for it."),
    );
    this.#source.startAhead();
  }

  async lease(from: KernelState, options: RestoreOptions): Promise<KernelLease> {
    options.signal.throwIfAborted();
    const restored = await restore(from, this.#means, options);
    const { kernel } = restored;
    return kernelLease(restored, {
      limits: this.#limits,
      giveBack: async (key) => {
        if (key === null || this.#closing !== undefined || kernel.lost() !== null) {
          await this.#source.end(kernel, "It was given back.");
        } else {
          this.#kept.keep(key, { kernel, workspace: options.workspace });
        }
      },
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  readonly #means: RestoreMeans = {
    start: (options) => this.#startFresh(options),
    reuse: (steps, options) => this.#takeKept(steps, options),
    run: (kernel, source, options) => runCell(kernel, source, options, this.#limits),
  };

  async #startFresh({ workspace, signal }: RestoreOptions): Promise<LiveKernel> {
    const directory = workspacePath(this.#rootDir, workspace);
    this.#kept.dropFrom(workspace);
    await emptyWorkspace(directory);
    return this.#source.fresh(directory, signal);
  }

  /**
   * A kept kernel of this state. It goes on in a copy of its workspace: the old directory stays as it was, for
   * whoever looks at the branch; a replay never needs it, since it makes its files again.
   */
  async #takeKept(steps: readonly RecipeStep[], options: RestoreOptions): Promise<LiveKernel | null> {
    const found = this.#kept.take(stateKey(steps));
    if (found === null) return null;
    const directory = workspacePath(this.#rootDir, options.workspace);
    try {
      if (found.workspace !== options.workspace) {
        this.#kept.dropFrom(options.workspace);
        await copyWorkspace(workspacePath(this.#rootDir, found.workspace), directory);
        await enter(found.kernel, directory, options.signal);
      }
      return found.kernel;
    } catch {
      // Whatever is wrong with it, a replay is right.
      await this.#source.end(found.kernel, "It could not be taken over.");
      options.signal.throwIfAborted();
      return null;
    }
  }

  async #close(): Promise<void> {
    const serverGone = this.#servers[Symbol.asyncDispose]();
    this.#source.close("The pool is closed.");
    this.#kept.clear();
    await serverGone;
  }
}
