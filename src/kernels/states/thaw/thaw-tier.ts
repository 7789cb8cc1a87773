// Owns: the thaw tier: states that outlive their kernels, this process and a restart of the machine, as files. Pickles are
// read and written by kernels, never here.
import { KernelLost, messageOf } from "../../../core/errors.ts";
import type { ExecuteOptions, RecipeStep } from "../../../contracts/kernel.ts";
import type { LiveKernel } from "../../jupyter/contracts.ts";
import { callKernelHelper } from "../../jupyter/kernel-helper.ts";
import type { KernelSource } from "../kernel-source.ts";
import type { ExecutedStep } from "../recipes.ts";
import { prefixKeys, stateKey } from "../recipes.ts";
import type { RunStep } from "../replay.ts";
import type { DescribedNames } from "../state-description.ts";
import { describeKernel, descriptionOf, describeDifferences, describedNames } from "../state-description.ts";
import { StateMemory } from "../state-memory.ts";
import type { KeepOptions, KernelOffer, RestoreOptions, StartingKernel, Tier } from "../tier.ts";
import type { Workspaces } from "../workspaces.ts";
import { KEPT } from "../workspaces.ts";
import { effectsOf, statefulNames, stepsFor, totalMs } from "./effects.ts";
import { freezeFrom } from "./freeze-from.ts";
import type { FrozenKernel, SavedState } from "./saved-state.ts";
import type { StateStore } from "./state-store.ts";
import { thawInto } from "./thaw-into.ts";

/** A state that a replay from the nearest kept one gives back within this is not kept. */
const WORTH_MS = 5_000;
/** A state that is not kept is still described, when a replay takes longer than this. */
const DESCRIBED_MS = 1_000;
const THAW_MS = 600_000;
/** An estimate: a new process, imports and files. */
const THAW_COST_MS = 1_000;
/** More than a fork of the same state takes, whatever is worth being kept. */
const LEAST_THAW_COST_MS = 100;
/** Number of states for which a refusal is remembered. */
const MOST_REFUSALS = 50_000;

interface NearestState {
  readonly key: string;
  /** Steps that it holds. */
  readonly count: number;
  readonly state: SavedState;
  readonly kernel: FrozenKernel;
}

export interface ThawParts {
  readonly workspaces: Workspaces;
  readonly source: KernelSource;
  readonly store: StateStore;
  readonly run: RunStep;
  /** Default 5000. */
  readonly worthMs?: number | undefined;
}

export class ThawTier implements Tier {
  readonly name = "thaw";
  readonly #workspaces: Workspaces;
  readonly #source: KernelSource;
  readonly #run: RunStep;
  readonly #store: StateStore;
  readonly #worthMs: number;
  /** Why a state was not kept, or not thawed. */
  readonly #refusals = new StateMemory<string>(MOST_REFUSALS);
  /** States that do not survive being kept. */
  readonly #unfit = new Set<string>();
  /** How many states are being kept now. */
  #keeping = 0;

  constructor({ workspaces, source, store, run, worthMs = WORTH_MS }: ThawParts) {
    this.#workspaces = workspaces;
    this.#source = source;
    this.#run = run;
    this.#store = store;
    this.#worthMs = worthMs;
  }

  async offer(steps: readonly RecipeStep[], options: RestoreOptions): Promise<KernelOffer | null> {
    const nearest = await this.#nearest(steps);
    if (nearest === null) return null;
    return {
      tier: this.name,
      holds: nearest.count,
      costMs: Math.max(LEAST_THAW_COST_MS, Math.min(THAW_COST_MS, this.#worthMs)),
      timed: timedSteps(steps.slice(0, nearest.count), nearest.state),
      take: () => this.#take(steps, options),
    };
  }

  /** Only where running the steps again would take long. */
  async keep(kernel: LiveKernel, steps: readonly ExecutedStep[], options: KeepOptions): Promise<void> {
    if (options.after === "cell") return;
    const key = stateKey(steps);
    const isSoonDone = totalMs(steps) < Math.min(DESCRIBED_MS, this.#worthMs);
    if (isSoonDone || steps.length === 0 || this.#unfit.has(key)) return;
    const known = await this.#store.read(key);
    const isWorth = (await this.#sinceKept(steps)) >= this.#worthMs;
    if (known !== null && (known.kernel !== null || !isWorth)) return;
    this.#keeping += 1;
    try {
      const problem = await this.#keep(key, kernel, steps, isWorth, options);
      if (problem === null) this.#refusals.delete(key);
      else this.#refusals.set(key, `not kept: ${problem}`);
    } catch (problem) {
      options.signal.throwIfAborted();
      // A kernel that died of it, or a full disk: the run goes on without. The next user of the kernel finds it lost.
      this.#refusals.set(key, `not kept: ${messageOf(problem)}`);
    } finally {
      this.#keeping -= 1;
    }
    if (this.#keeping === 0) await this.#store.makeRoom().catch(() => undefined);
  }

  refusal(steps: readonly ExecutedStep[]): string | null {
    for (const key of prefixKeys(steps).toReversed()) {
      const reason = this.#refusals.get(key);
      if (reason !== undefined) return reason;
    }
    return null;
  }

  async describe(steps: readonly ExecutedStep[]): Promise<DescribedNames | null> {
    const state = steps.length === 0 ? null : await this.#store.read(stateKey(steps));
    return state === null ? null : describedNames(state.description);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #nearest(steps: readonly ExecutedStep[]): Promise<NearestState | null> {
    for (const [index, key] of [...prefixKeys(steps).entries()].toReversed()) {
      const state = await this.#store.read(key);
      if (state !== null && state.kernel !== null)
        return { key, count: index + 1, state, kernel: state.kernel };
    }
    return null;
  }

  /** What running these steps again takes from the nearest kept state on. */
  async #sinceKept(steps: readonly ExecutedStep[]): Promise<number> {
    const nearest = await this.#nearest(steps);
    return totalMs(steps.slice(nearest?.count ?? 0));
  }

  /** Only describes the state unless `isWhole`. Resolves to why it was not kept. */
  async #keep(
    key: string,
    kernel: LiveKernel,
    steps: readonly ExecutedStep[],
    isWhole: boolean,
    options: KeepOptions,
  ): Promise<string | null> {
    const described = await describeKernel(kernel, options);
    if (described === null) return "the kernel does not describe its state";
    const durationsMs = steps.map(({ durationMs = 0 }) => durationMs);
    const state = { version: 2, durationsMs, description: descriptionOf(described) } as const;
    if (!isWhole) {
      await this.#store.write(key, { ...state, files: null, kernel: null });
      return null;
    }
    const { porter } = this.#workspaces;
    const place = this.#workspaces.place(options.workspace);
    const problem = await porter.survey(place, KEPT);
    if (problem !== null) return problem;
    const frozen = await freezeFrom(kernel, steps, described, this.#store, this.#workspaces, options);
    if (typeof frozen === "string") return frozen;
    const { saved, trouble, added } = await porter.save(place, this.#store.files, KEPT);
    this.#store.grow(added);
    if (saved === undefined) return trouble ?? "its files cannot be kept";
    await this.#store.write(key, { ...state, files: [...saved], kernel: frozen });
    return null;
  }

  /** A kernel with the nearest state that can be had; one that cannot is forgotten. */
  async #take(steps: readonly RecipeStep[], options: RestoreOptions): Promise<StartingKernel | null> {
    while (true) {
      const nearest = await this.#nearest(steps);
      if (nearest === null) return null;
      const start = await this.#thaw(nearest, steps.slice(0, nearest.count), options);
      if (typeof start !== "string") return start;
      this.#refusals.set(nearest.key, `not thawed: ${start}`);
      await this.#store.forget(nearest.key);
    }
  }

  /** The kernel, or why it cannot be had. */
  async #thaw(
    { key, state, kernel: kept }: NearestState,
    steps: readonly RecipeStep[],
    options: RestoreOptions,
  ): Promise<StartingKernel | string> {
    const { workspace, signal } = options;
    const kernel = await this.#source.fresh((area) => this.#workspaces.clear(workspace, area), signal);
    try {
      const place = this.#workspaces.place(workspace);
      const damaged = await this.#workspaces.porter.place(state.files ?? [], place, this.#store.files);
      if (damaged !== null) {
        await this.#source.end(kernel, "It could not be thawed.");
        return `its file ${damaged} is missing or damaged`;
      }
      const within = { signal: options.signal, timeoutMs: THAW_MS };
      const effects = effectsOf(steps, statefulNames(describedNames(state.description)));
      const thawed = await thawInto(kept, {
        store: this.#store.files,
        call: (request) => callKernelHelper(kernel, "thaw", JSON.stringify(request), within),
        stepsFor: (names) => stepsFor(names, effects),
        effects,
        durationsMs: state.durationsMs,
        steps,
        run: (step) => this.#run(kernel, step.source, options),
      });
      if ("problem" in thawed) {
        if (thawed.damaged) await this.#store.removeDamaged(kept.groups.flatMap((group) => group.files));
        await this.#source.end(kernel, "It could not be thawed.");
        return thawed.problem;
      }
      const problem = await findDifference(kernel, state, within);
      if (problem !== null) {
        await this.#source.end(kernel, "It was not what it should be.");
        this.#unfit.add(key);
        return problem;
      }
      return { kernel, holds: timedSteps(steps, state), differences: thawed.notes };
    } catch (problem) {
      await this.#source.end(kernel, "It could not be thawed.");
      options.signal.throwIfAborted();
      if (problem instanceof KernelLost) return problem.message;
      throw problem;
    }
  }
}

/** Why the kernel does not hold the state, or cannot be known to; null when it does. */
async function findDifference(
  kernel: LiveKernel,
  state: SavedState,
  options: ExecuteOptions,
): Promise<string | null> {
  const now = await describeKernel(kernel, options);
  if (now === null) return "the thawed kernel did not answer";
  const differences = describeDifferences(describedNames(state.description), now);
  return differences.length === 0 ? null : `what was thawed is not the same: ${differences.join(" ")}`;
}

function timedSteps<S extends ExecutedStep>(steps: readonly S[], { durationsMs }: SavedState): readonly S[] {
  return steps.map((step, index) => {
    const durationMs = durationsMs[index];
    return durationMs === undefined ? step : { ...step, durationMs };
  });
}
