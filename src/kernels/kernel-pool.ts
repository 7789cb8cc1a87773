// Owns: the pool of a run's kernels: leases, their workspaces, and the live kernels kept for children.
// Never knows what a notebook, a round or a strategy is.
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { platform } from "node:process";
import type { Execution, KernelLease, KernelPool, KernelState, RecipeStep } from "../contracts/kernel.ts";
import type { DurableOptions } from "./states/thaw/thaw-options.ts";
import { DURABLE_LIMITS } from "./states/thaw/thaw-options.ts";
import { DurableTier, removeStaging } from "./states/thaw/thaw-tier.ts";
import { StateStore } from "./states/thaw/state-store.ts";
import { FORKABLE } from "./states/fork/fork-api.ts";
import { ForkTier, HUNG } from "./states/fork/fork-tier.ts";
import type { KeptKernels } from "./states/idle-kernels.ts";
import { keptKernels } from "./states/idle-kernels.ts";
import { kernelLease } from "./kernel-lease.ts";
import { enter, KernelSource } from "./states/kernel-source.ts";
import type { LiveKernel } from "./jupyter/live-kernel.ts";
import type { OutputLimits } from "./jupyter/output-budget.ts";
import { OUTPUT_LIMITS } from "./jupyter/output-budget.ts";
import type { Step } from "./states/recipes.ts";
import { stateKey } from "./states/recipes.ts";
import type { Base, RestoredKernel, RestoreMeans, RestoreOptions, Way } from "./states/restore.ts";
import { restore, takeCheapest } from "./states/restore.ts";
import { runCell } from "./jupyter/run-cell.ts";
import type { KernelEvent } from "./kernel-event.ts";
import type { KernelLimits } from "../machine/sandbox/limits.ts";
import { kernelLimits } from "../machine/sandbox/limits.ts";
import { startJupyterServer } from "./jupyter/jupyter-server.ts";
import type { RemoteOptions } from "./remote/remote-address.ts";
import { remoteLedger } from "./remote/remote-ledger.ts";
import { connectJupyterServer } from "./remote/remote-server.ts";
import type { Sandbox, SandboxOptions } from "../machine/sandbox/sandbox.ts";
import { openSandbox } from "../machine/sandbox/sandbox.ts";
import { watchWorkspace } from "../machine/sandbox/workspace-watch.ts";
import { ServerKeeper, type StartServer } from "./jupyter/server-keeper.ts";
import { describe, digestDifferences } from "./states/state-digest.ts";
import { stepTimes } from "./states/step-times.ts";
import type { TemplateLimits } from "./states/fork/template-limits.ts";
import { copyWorkspace, emptyWorkspace, workspacePath } from "./states/workspaces.ts";
import { zygotes } from "./states/fork/zygote.ts";

export type { KernelEvent } from "./kernel-event.ts";

/** Beside the workspaces. */
const LEDGER = ".remote-kernels.jsonl";
/** An estimate, for the choice between ways: a start; one that was loaded ahead is quicker. */
const FRESH_MS = 500;

export interface JupyterKernelsOptions extends SandboxOptions {
  /** What `findPython` gives; only the interpreter is used. */
  readonly python: { readonly python: string };
  /** Made when it is missing; each lease has a directory in it. */
  readonly workspacesDir: string;
  /** Stops the start only. */
  readonly signal?: AbortSignal;
  /** Live kernels that may wait for a lease from their very state. Default 4. */
  readonly keepLive?: number;
  readonly outputLimits?: Partial<OutputLimits>;
  /** Keeps checkpoints as frozen processes that children are forked from. Default: on Linux; elsewhere they are replayed. */
  readonly fork?: boolean;
  readonly templates?: Partial<TemplateLimits>;
  /** Keeps states that take long to be replayed as files, which survive this process and a restart of the machine. */
  readonly durable?: DurableOptions;
  /** Cells whose imports fresh kernels begin with. Only where kernels are forked. */
  readonly preload?: readonly string[];
  /** Only where there is a sandbox. */
  readonly limits?: Partial<KernelLimits>;
  /** For a status view; called synchronously, must not throw. */
  readonly onEvent?: (event: KernelEvent) => void;
  /** A Jupyter server that runs already, here or elsewhere; no box of ours is around it, and nothing is forked there. */
  readonly server?: RemoteOptions;
}

/**
 * Kernels on a Jupyter server of their own, on this machine. Nothing of them outlives the pool or this process.
 * @throws RunError `kernel-unavailable` | `sandbox-unavailable`; the signal's reason when aborted.
 */
export async function jupyterKernels(options: JupyterKernelsOptions): Promise<KernelPool> {
  const sandbox = options.server === undefined ? await openSandbox(options) : null;
  const rootDir = resolve(options.workspacesDir);
  await mkdir(rootDir, { recursive: true });
  const { server, durable } = options;
  // A state's file lies on this machine: a kernel elsewhere cannot read it.
  const store =
    durable === undefined || server !== undefined
      ? null
      : new StateStore(resolve(durable.dir), { ...DURABLE_LIMITS, ...durable });
  await store?.open();
  await removeStaging(rootDir);
  const readOnly = store === null ? [] : [store.files];
  const servers = new ServerKeeper(serverStarter(options, rootDir, sandbox, readOnly), (event) =>
    options.onEvent?.(event),
  );
  await servers.now(options.signal);
  const workspaceMb = sandbox && kernelLimits(options.limits).workspaceMb;
  return new JupyterKernelPool(rootDir, servers, store, options, workspaceMb);
}

function serverStarter(
  { server, python, limits }: JupyterKernelsOptions,
  rootDir: string,
  sandbox: Sandbox | null,
  readOnly: readonly string[],
): StartServer {
  const own = { python: python.python, rootDir, sandbox, limits, readOnly };
  if (server === undefined) return (more) => startJupyterServer({ ...own, ...more });
  const ledger = remoteLedger(join(rootDir, LEDGER));
  return ({ signal }) => connectJupyterServer(server, ledger, rootDir, signal);
}

class JupyterKernelPool implements KernelPool {
  readonly #rootDir: string;
  readonly #servers: ServerKeeper;
  readonly #source: KernelSource;
  readonly #limits: OutputLimits;
  readonly #kept: KeptKernels;
  /** Null where kernels are not forked. */
  readonly #forks: ForkTier | null;
  /** Null where nothing outlives its kernel. */
  readonly #durable: DurableTier | null;
  readonly #times = stepTimes();
  /** Null: no limit. */
  readonly #workspaceMb: number | null;
  #closing: Promise<void> | undefined;

  constructor(
    rootDir: string,
    servers: ServerKeeper,
    store: StateStore | null,
    options: JupyterKernelsOptions,
    workspaceMb: number | null,
  ) {
    this.#rootDir = rootDir;
    this.#workspaceMb = workspaceMb;
    this.#servers = servers;
    const forks = options.server === undefined && (options.fork ?? true) && platform === "linux";
    const { preload = [] } = options;
    const ahead = forks && preload.length > 0 ? zygotes(preload, (event) => options.onEvent?.(event)) : null;
    this.#source = new KernelSource(servers, forks ? FORKABLE : undefined, ahead);
    this.#forks = forks ? new ForkTier(rootDir, this.#source, options.templates) : null;
    this.#limits = { ...OUTPUT_LIMITS, ...options.outputLimits };
    this.#durable =
      store && new DurableTier(rootDir, this.#source, this.#runStep, store, options.durable?.worthMs);
    this.#kept = keptKernels(options.keepLive ?? 4, (kernel) =>
      this.#source.end(kernel, "There was no room for it."),
    );
    this.#source.startAhead();
  }

  async lease(from: KernelState, options: RestoreOptions): Promise<KernelLease> {
    options.signal.throwIfAborted();
    const restored = await restore(from, this.#means, options);
    this.#times.learn(restored.executed);
    // A replay that took long need not be made again.
    if (restored.restored.tier === "replay" && restored.restored.differences.length === 0)
      await this.#durable?.keep(restored.kernel, restored.executed, options.workspace, options);
    const watchNoMore = this.#watch(restored.kernel, options.workspace);
    const { workspace } = options;
    return kernelLease(restored, {
      limits: this.#limits,
      giveBack: (held, key) => {
        watchNoMore();
        return this.#takeBack(held, key, workspace);
      },
      template: async (kernel, steps, within) => {
        this.#times.learn(steps);
        if (this.#closing !== undefined) return;
        await this.#forks?.keep(kernel, steps, workspace, within);
        await this.#durable?.keep(kernel, steps, workspace, within);
      },
      recover: (hung, steps, within) => this.#recover(hung, steps, { ...within, workspace }),
    });
  }

  #watch(kernel: LiveKernel, workspace: string): () => void {
    const limitMb = this.#workspaceMb;
    if (limitMb === null) return () => undefined;
    const tooLarge = `The kernel was ended: its workspace holds more than ${limitMb} MB.`;
    const folder = workspacePath(this.#rootDir, workspace);
    return watchWorkspace(folder, limitMb, () => void this.#source.end(kernel, tooLarge));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  readonly #means: RestoreMeans = {
    base: (steps, options) => this.#base(steps, options),
    compare: (kernel, steps, options) => this.#compare(kernel, steps, options),
    skips: async (steps, first, options) => (await this.#durable?.skips(steps, first, options)) ?? null,
    distrust: (base) => this.#distrust(base),
    refusal: (steps, holds) => {
      const reasons = [this.#forks?.refusal(steps, holds), this.#durable?.refusal(steps)].filter(
        (one) => one != null,
      );
      return reasons.length === 0 ? null : reasons.join("; ");
    },
    run: (kernel, source, options) => this.#runStep(kernel, source, options),
  };

  readonly #runStep = (kernel: LiveKernel, source: string, options: RestoreOptions): Promise<Execution> =>
    runCell(kernel, source, options, this.#limits);

  async #base(steps: readonly RecipeStep[], options: RestoreOptions): Promise<Base> {
    const ways = await this.#ways(steps, options);
    return (await takeCheapest(ways, this.#times.of(steps))) ?? (await this.#fresh(options));
  }

  /** What exists now; the last one always does. */
  async #ways(steps: readonly RecipeStep[], options: RestoreOptions): Promise<readonly Way[]> {
    const forked = this.#forks?.offer(steps, options) ?? null;
    const thawed = (await this.#durable?.offer(steps, options)) ?? null;
    if (thawed !== null) this.#times.learn(thawed.timed);
    const fresh: Way = { tier: "fresh", holds: 0, costMs: FRESH_MS, take: () => this.#fresh(options) };
    const anew = [forked, thawed, fresh].flatMap((way) =>
      way === null ? [] : [this.#inPlace(way, options)],
    );
    return this.#kept.has(stateKey(steps)) ? [this.#reuse(steps, options), ...anew] : anew;
  }

  /** The workspace is emptied first: whoever is kept with files in it cannot be kept. */
  #inPlace(way: Way, { workspace }: RestoreOptions): Way {
    const take = (): Promise<Base | null> => {
      this.#kept.dropFrom(workspace);
      return way.take();
    };
    return { ...way, take };
  }

  #reuse(steps: readonly RecipeStep[], options: RestoreOptions): Way {
    const take = async (): Promise<Base | null> => {
      const kernel = await this.#takeKept(steps, options);
      return kernel === null ? null : { tier: "reuse", kernel, holds: steps };
    };
    return { tier: "reuse", holds: steps.length, costMs: 0, take };
  }

  async #fresh({ workspace, signal }: RestoreOptions): Promise<Base> {
    const directory = workspacePath(this.#rootDir, workspace);
    await emptyWorkspace(directory);
    return { tier: "fresh", kernel: await this.#source.fresh(directory, signal), holds: [] };
  }

  async #compare(
    kernel: LiveKernel,
    steps: readonly RecipeStep[],
    options: RestoreOptions,
  ): Promise<readonly string[]> {
    const before = await this.#durable?.digest(steps);
    if (before == null) return (await this.#forks?.compare(kernel, steps, options)) ?? [];
    const now = await describe(kernel, options);
    return now === null ? [] : digestDifferences(before, now);
  }

  /** It hung, so it was forked, if not of a template then of what was loaded ahead. */
  #distrust({ template }: Pick<Base, "template">): void {
    if (template === undefined) this.#source.loadNothingAhead(HUNG);
    else this.#forks?.distrust(template);
  }

  /** A state that can be forked needs no live kernel of its own. */
  async #takeBack(held: RestoredKernel, key: string | null, workspace: string): Promise<void> {
    const { kernel } = held;
    if (kernel.hung()) this.#distrust(held);
    const unwanted = key === null || this.#forks?.holds(key) === true;
    if (unwanted || this.#closing !== undefined || kernel.lost() !== null) {
      await this.#source.end(kernel, "It was given back.");
    } else {
      this.#kept.keep(key, { kernel, workspace });
    }
  }

  async #recover(
    hung: RestoredKernel,
    steps: readonly Step[],
    options: RestoreOptions,
  ): Promise<RestoredKernel> {
    this.#distrust(hung);
    await this.#source.end(hung.kernel, "It hung.");
    const recipe = steps.map((step, index) => ({ ...step, cell: `c${index + 1}` }));
    return restore({ recipe }, this.#means, options);
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
    await this.#forks?.close();
    await this.#durable?.close();
  }
}
