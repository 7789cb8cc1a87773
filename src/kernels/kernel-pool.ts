// Owns: the pool of a run's kernels: it leases them, restored by its tiers, and gives each back to a tier or ends it.
// Never knows what a notebook, a round or a strategy is.
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { platform } from "node:process";
import type { KernelLease, KernelPool, KernelState, RecipeStep } from "../contracts/kernel.ts";
import { watchFolders } from "../machine/files/folder-watch.ts";
import { type Bounds, Porter } from "../machine/files/porter.ts";
import { folderLimits, kernelLimits } from "../machine/sandbox/limits.ts";
import { RunError } from "../core/errors.ts";
import type { Isolation, Sandbox } from "../machine/sandbox/sandbox.ts";
import { foldersFor, variablesFor } from "../machine/sandbox/handed-in.ts";
import { openSandbox } from "../machine/sandbox/sandbox.ts";
import type { LiveKernel } from "./jupyter/contracts.ts";
import { startJupyterServer } from "./jupyter/jupyter-server.ts";
import { runCell } from "./jupyter/run-cell.ts";
import { ServerKeeper, type StartServer } from "./jupyter/server-keeper.ts";
import { LeasedKernel } from "./kernel-lease.ts";
import type { JupyterKernelsOptions } from "./kernel-options.ts";
import { POOL_OPTIONS } from "./kernel-options.ts";
import { checkOptions } from "../core/options.ts";
import { DURABLE_LIMITS, OUTPUT_LIMITS } from "./kernel-options.ts";
import { remoteLedger } from "./remote/remote-ledger.ts";
import { connectJupyterServer } from "./remote/remote-server.ts";
import { ForkTier } from "./states/fork/fork-tier.ts";
import { freshTier } from "./states/fresh-tier.ts";
import { KernelSource } from "./states/kernel-source.ts";
import { preloader } from "./states/preload.ts";
import type { ExecutedStep } from "./states/recipes.ts";
import { replayable } from "./states/recipes.ts";
import { SETTLING, SettleTier } from "./states/settle-tier.ts";
import type { RunStep } from "./states/replay.ts";
import type { RestoreParts } from "./states/restore.ts";
import { distrust, expectRestore, restore } from "./states/restore.ts";
import { ReuseTier } from "./states/reuse-tier.ts";
import { stepTimes } from "./states/state-memory.ts";
import { STATES } from "./states/fork/templates.ts";
import { STAGING } from "./states/thaw/freeze-from.ts";
import { StateStore } from "./states/thaw/state-store.ts";
import { ThawTier } from "./states/thaw/thaw-tier.ts";
import type { KeepOptions, RestoreOptions, Tier } from "./states/tier.ts";
import { Workspaces } from "./states/workspaces.ts";

/** A file next to the workspaces. */
const LEDGER = ".remote-kernels.jsonl";

/**
 * Kernels on a Jupyter server of their own, on this machine. None of them outlives the pool or this process.
 * @throws RunError `kernel-unavailable` | `sandbox-unavailable`; the signal's reason when aborted.
 */
export async function jupyterKernels(options: JupyterKernelsOptions): Promise<KernelPool> {
  checkOptions("jupyterKernels", options, POOL_OPTIONS, ["python", "workspacesDir"]);
  const porter = new Porter(options.python.python);
  try {
    return await openPool(options, porter);
  } catch (problem) {
    await porter[Symbol.asyncDispose]();
    throw problem;
  }
}

async function openPool(options: JupyterKernelsOptions, porter: Porter): Promise<KernelPool> {
  const { server, fork = true, preload = [], keepLive = 4, templates, durable } = options;
  const onEvent: JupyterKernelsOptions["onEvent"] = (event) => options.onEvent?.(event);
  const sandbox = server === undefined ? await openSandbox(options) : null;
  const workspaces = new Workspaces(resolve(options.workspacesDir), porter);
  await mkdir(workspaces.root, { recursive: true });
  const swept = porter.sweep(workspaces.root, [STAGING, SETTLING, STATES]);
  swept.catch(() => undefined); // thrown below
  await workspaces.pruneDead();
  const boxes = sandbox && (await workspaces.openBoxes());
  const store = await openStore(options);
  const readOnly = [...(store === null ? [] : [store.files]), ...foldersFor(options)];
  const servers = new ServerKeeper(
    serverStarter(options, workspaces.root, sandbox, boxes, readOnly),
    onEvent,
  );
  await servers.now(options.signal);
  await swept;
  const forks = server === undefined && fork && platform === "linux";
  const source = new KernelSource(servers, preloader(forks ? preload : [], onEvent));
  source.startAhead();
  const limits = { ...OUTPUT_LIMITS, ...options.outputLimits };
  const run: RunStep = (kernel, cell, within) => runCell(kernel, cell, within, limits);
  const thaw = { workspaces, source, run, worthMs: durable?.worthMs };
  const times = stepTimes();
  const forking = forks ? new ForkTier(workspaces, source, templates) : null;
  const tiers: readonly Tier[] = [
    ...(forking === null ? [] : [forking]),
    ...(store === null ? [] : [new ThawTier({ ...thaw, store })]),
    new ReuseTier(keepLive, source, workspaces),
    freshTier(source, workspaces),
  ];
  const most = sandbox && folderLimits(kernelLimits(options.limits));
  const { isolation = "lineage" } = options;
  return new JupyterKernelPool({ tiers, times, run }, forking, workspaces, source, servers, most, isolation);
}

/** Where states outlive their kernels; null when they do not. A kernel elsewhere could not read a file of this machine. */
async function openStore({ durable, server }: JupyterKernelsOptions): Promise<StateStore | null> {
  if (durable === undefined || server !== undefined) return null;
  const store = new StateStore(resolve(durable.dir), { ...DURABLE_LIMITS, ...durable });
  await store.open();
  return store;
}

function serverStarter(
  options: JupyterKernelsOptions,
  rootDir: string,
  sandbox: Sandbox | null,
  boxes: string | null,
  readOnly: readonly string[],
): StartServer {
  const { server, python, limits } = options;
  if (server === undefined) {
    const variables = variablesFor(options, sandbox !== null);
    const own = { python: python.python, rootDir, sandbox, boxes, limits, readOnly, variables };
    return (more) => startJupyterServer({ ...own, ...more });
  }
  const ledger = remoteLedger(join(rootDir, LEDGER));
  return ({ signal }) => connectJupyterServer(server, ledger, rootDir, signal);
}

class JupyterKernelPool implements KernelPool {
  readonly #parts: RestoreParts;
  /** What gives kernels of states that are made without a kernel that holds them; null where nothing is forked. */
  readonly #settles: SettleTier | null;
  readonly #workspaces: Workspaces;
  readonly #source: KernelSource;
  readonly #servers: ServerKeeper;
  /** Null: no limit. */
  readonly #most: Bounds | null;
  readonly #isolation: Isolation;
  #closing: Promise<void> | undefined;

  constructor(
    parts: RestoreParts,
    forks: Tier | null,
    workspaces: Workspaces,
    source: KernelSource,
    servers: ServerKeeper,
    most: Bounds | null,
    isolation: Isolation,
  ) {
    this.#isolation = isolation;
    this.#settles =
      forks === null
        ? null
        : new SettleTier({
            forks,
            expectedMs: (steps, options) => expectRestore(steps, parts, options),
            make: (steps, options) => this.#makeState(steps, parts, options),
          });
    this.#parts = { ...parts, tiers: [...(this.#settles === null ? [] : [this.#settles]), ...parts.tiers] };
    this.#workspaces = workspaces;
    this.#source = source;
    this.#servers = servers;
    this.#most = most;
  }

  async lease(from: KernelState, options: RestoreOptions): Promise<KernelLease> {
    options.signal.throwIfAborted();
    if (this.#closing !== undefined)
      throw new RunError("kernel-unavailable", "The kernel pool is closed. Open another one.");
    this.#workspaces.place(options.workspace); // refuses what is no name
    const first = await restore(from, this.#parts, options);
    const { kernel, restored, executed } = first;
    // A replay that took long need not be made again.
    if (restored.tier === "replay" && restored.differences.length === 0)
      await this.#keep(kernel, executed, { ...options, after: "replay" });
    const { workspace, trusted = false } = options;
    const stopWatching = this.#watch(kernel, workspace);
    return new LeasedKernel(first, {
      run: (on, source, within) => this.#parts.run(on, source, { ...within, workspace }),
      keep: (held, steps, within) =>
        this.#keep(held, steps, { ...within, workspace, trusted, after: "checkpoint" }),
      keepPassing: (held, steps, within) =>
        this.#keep(held, steps, { ...within, workspace, trusted, after: "cell" }),
      settle: async ({ recipe }, { timeoutMs }) => {
        if (this.#mayHandOn(trusted)) await this.#settles?.settle(replayable(recipe), timeoutMs);
      },
      replace: async (hung, steps, within) => {
        distrust(hung, this.#parts.tiers);
        await this.#source.end(hung, "It hung.");
        const recipe = steps.map((step, index) => ({ ...step, cell: `c${index + 1}` }));
        return restore({ recipe }, this.#parts, { ...within, workspace });
      },
      takeBack: async (held, steps) => {
        stopWatching();
        await this.#takeBack(held, this.#mayHandOn(trusted) ? steps : null, workspace);
      },
    });
  }

  async idle(): Promise<void> {
    await this.#settles?.idle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  #watch(kernel: LiveKernel, workspace: string): () => void {
    const most = this.#most;
    if (most === null) return () => undefined;
    const { porter } = this.#workspaces;
    const folders = [this.#workspaces.area(workspace).place];
    const bounds = (): Bounds => {
      const { workspaces } = this.#workspaces.area(workspace);
      return { bytes: most.bytes * workspaces, files: most.files * workspaces };
    };
    return watchFolders(porter, folders, bounds, (holds) => {
      void this.#source.end(kernel, `The kernel was ended: its workspace and its home hold ${holds}.`);
    });
  }

  /** Makes a state for the children, without one of them. Resolves to why it is not kept; null when it is. */
  async #makeState(
    recipe: readonly RecipeStep[],
    parts: RestoreParts,
    options: RestoreOptions,
  ): Promise<string | null> {
    const { kernel, executed, restored, instead } = await restore({ recipe }, parts, options);
    const stopWatching = this.#watch(kernel, options.workspace);
    const isSame = restored.differences.length === 0 && instead === undefined;
    try {
      if (isSame) await this.#keep(kernel, executed, { ...options, after: "checkpoint" });
    } finally {
      stopWatching();
      const taker = await this.#takeBack(kernel, isSame ? executed : null, options.workspace);
      if (taker !== "reuse") await this.#workspaces.remove(options.workspace);
    }
    return isSame ? null : `without the cells that were dropped, ${restored.differences.join(" ")}`;
  }

  async #keep(kernel: LiveKernel, steps: readonly ExecutedStep[], options: KeepOptions): Promise<void> {
    this.#parts.times.learn(steps);
    if (this.#closing !== undefined) return;
    for (const tier of this.#parts.tiers)
      if (tier.name !== "fork" || this.#mayHandOn(options.trusted)) await tier.keep?.(kernel, steps, options);
  }

  /** Whether other leases may go on in this kernel, or in a fork of it. */
  #mayHandOn(trusted = false): boolean {
    return trusted || this.#isolation === "lineage";
  }

  /** Resolves to the tier that took the kernel over; null when it was ended. */
  async #takeBack(
    kernel: LiveKernel,
    steps: readonly ExecutedStep[] | null,
    workspace: string,
  ): Promise<Tier["name"] | null> {
    const { tiers } = this.#parts;
    if (kernel.hung()) distrust(kernel, tiers);
    if (steps !== null && this.#closing === undefined && kernel.lost() === null)
      for (const tier of tiers)
        if ((await tier.takeOver?.(kernel, steps, workspace)) === true) return tier.name;
    await this.#source.end(kernel, "It was given back.");
    return null;
  }

  async #close(): Promise<void> {
    const settled = this.#settles?.close();
    const serverGone = this.#servers[Symbol.asyncDispose]();
    this.#source.close("The pool is closed.");
    await serverGone;
    await settled;
    for (const tier of this.#parts.tiers) await tier.close?.();
    // What cannot be removed now is when the workspaces are opened again.
    await this.#workspaces.closeBoxes().catch(() => undefined);
    await this.#workspaces.porter[Symbol.asyncDispose]();
  }
}
