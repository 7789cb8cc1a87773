// Owns: the thaw tier: states that outlive their kernels, this process and the machine's uptime, as files. Whatever it
// cannot do, a replay does, and the reason is told. Pickles are read and written by kernels, never here.
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { KernelLost, messageOf } from "../../../core/errors.ts";
import type { ExecuteOptions, Execution, RecipeStep } from "../../../contracts/kernel.ts";
import { callKernelHelper } from "../../jupyter/kernel-helper.ts";
import type { KernelSource } from "../kernel-source.ts";
import type { LiveKernel } from "../../jupyter/live-kernel.ts";
import type { Step } from "../recipes.ts";
import { prefixKeys } from "../recipes.ts";
import type { Base, RestoreOptions, Skips, Way } from "../restore.ts";
import { describe, descriptionOf, digestDifferences, readDigest } from "../state-digest.ts";
import type { StateDigest } from "../state-digest.ts";
import { skippable } from "../skippable.ts";
import { workspacePath, workspaceTrouble } from "../workspaces.ts";
import { costMs, effectsOf, statefulNames, stepsFor } from "./effects.ts";
import { listingOf, placeFiles, saveFiles } from "./saved-files.ts";
import type { Frozen, SavedState } from "./saved-state.ts";
import { frozen } from "./saved-state.ts";
import type { StateStore } from "./state-store.ts";
import { thawInto } from "./thaw-into.ts";

/** Where kernels put their files before they are taken into the store; below the workspaces. */
const STAGING = ".frozen-";
/** A state that a replay from the nearest kept one gives back within this is not kept. */
const WORTH_MS = 5_000;
/** A state that is not kept is still described, when a replay takes longer than this. */
const DESCRIBED_MS = 1_000;
/** What takes longer than this to be made again is kept, whatever its size. */
const CHEAP_MS = 10_000;
const LEAST_FREEZE_MS = 60_000;
const MOST_FREEZE_MS = 600_000;
const THAW_MS = 600_000;
/** An estimate: a new process, imports and files. */
const THAW_COST_MS = 1_000;
/** More than a fork of the same state takes, whatever is worth being kept. */
const LEAST_THAW_COST_MS = 100;

interface Found {
  readonly key: string;
  /** Steps that it holds. */
  readonly count: number;
  readonly state: SavedState;
  readonly kernel: Frozen;
}

type Run = (kernel: LiveKernel, source: string, options: RestoreOptions) => Promise<Execution>;

export class DurableTier {
  readonly #rootDir: string;
  readonly #source: KernelSource;
  readonly #run: Run;
  readonly #store: StateStore;
  readonly #worthMs: number;
  /** Why a state was not kept, or not thawed. */
  readonly #refusals = new Map<string, string>();
  /** States that do not survive being kept. */
  readonly #unfit = new Set<string>();
  /** States that are not the same without the steps that seemed to show something only. */
  readonly #indispensable = new Set<string>();
  /** States that are being kept now. */
  #keeping = 0;

  constructor(rootDir: string, source: KernelSource, run: Run, store: StateStore, worthMs = WORTH_MS) {
    this.#rootDir = rootDir;
    this.#source = source;
    this.#run = run;
    this.#store = store;
    this.#worthMs = worthMs;
  }

  /** Keeps what the kernel holds, where replaying it would take long. The state in the kernel stays as it is. */
  async keep(
    kernel: LiveKernel,
    steps: readonly Step[],
    workspace: string,
    options: ExecuteOptions,
  ): Promise<void> {
    const totalMs = steps.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
    const key = prefixKeys(steps).at(-1);
    if (totalMs < Math.min(DESCRIBED_MS, this.#worthMs) || key === undefined || this.#unfit.has(key)) return;
    const known = await this.#store.read(key);
    const worth = (await this.#sinceKept(steps)) >= this.#worthMs;
    if (known !== null && (known.kernel !== null || !worth)) return;
    this.#keeping += 1;
    try {
      const problem = await this.#keep(key, kernel, steps, workspace, worth, options);
      if (problem === null) this.#refusals.delete(key);
      else this.#refuse(key, `not kept: ${problem}`);
    } catch (problem) {
      options.signal.throwIfAborted();
      // A kernel that died of it, or a full disk: the run goes on without. Whoever uses the kernel next finds it lost.
      this.#refuse(key, `not kept: ${messageOf(problem)}`);
    } finally {
      this.#keeping -= 1;
    }
    if (this.#keeping === 0) await this.#store.makeRoom().catch(() => undefined);
  }

  /** The nearest kept state, as an offer; null when there is none. `timed`: its steps, with what they took. */
  async offer(
    steps: readonly RecipeStep[],
    options: RestoreOptions,
  ): Promise<(Way & { readonly timed: readonly Step[] }) | null> {
    const found = await this.#nearest(steps, 0);
    if (found === null) return null;
    const { count, state } = found;
    const timed = steps.slice(0, count).map((step, index) => {
      const durationMs = state.durationsMs[index];
      return durationMs === undefined ? step : { ...step, durationMs };
    });
    return {
      tier: "thaw",
      holds: count,
      costMs: Math.max(LEAST_THAW_COST_MS, Math.min(THAW_COST_MS, this.#worthMs)),
      timed,
      take: () => this.thaw(steps, options, 0),
    };
  }

  /** A kernel with the nearest kept state of more than the first steps; null when there is none that works. */
  async thaw(steps: readonly RecipeStep[], options: RestoreOptions, first: number): Promise<Base | null> {
    while (true) {
      const found = await this.#nearest(steps, first);
      if (found === null) return null;
      const base = await this.#thaw(found, steps.slice(0, found.count), options);
      if (typeof base !== "string") return base;
      this.#refuse(found.key, `not thawed: ${base}`);
      await this.#store.forget(found.key);
    }
  }

  async #nearest(steps: readonly Step[], first: number): Promise<Found | null> {
    const keys = prefixKeys(steps);
    for (let count = steps.length; count > first; count -= 1) {
      const key = keys[count - 1] ?? "";
      const state = await this.#store.read(key);
      if (state !== null && state.kernel !== null) return { key, count, state, kernel: state.kernel };
    }
    return null;
  }

  #refuse(key: string, reason: string): void {
    this.#refusals.set(key, reason);
  }

  /** What replaying these steps takes from the nearest kept state on. */
  async #sinceKept(steps: readonly Step[]): Promise<number> {
    const found = await this.#nearest(steps, 0);
    return steps.slice(found?.count ?? 0).reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
  }

  /** What the state held when it was checkpointed; null when that is not known. */
  async digest(steps: readonly Step[]): Promise<StateDigest | null> {
    const key = prefixKeys(steps).at(-1);
    const state = key === undefined ? null : await this.#store.read(key);
    return state === null ? null : readDigest(state.digest);
  }

  /** Steps of a replay that may be left out, judged by what the state was when it was described. */
  async skips(steps: readonly RecipeStep[], first: number, options: RestoreOptions): Promise<Skips | null> {
    const key = prefixKeys(steps).at(-1);
    if (key === undefined || this.#indispensable.has(key)) return null;
    const state = await this.#store.read(key);
    const digest = readDigest(state?.digest);
    if (state === null || state.listing === null || digest === null) return null;
    const timed = steps.map((step, index) => ({ ...step, durationMs: state.durationsMs[index] ?? 0 }));
    const unseen = [...statefulNames(digest)].filter((name) => {
      const { type = "", content = null } = digest.get(name) ?? {};
      return content === null || /random/i.test(type);
    });
    const indices = skippable(timed, effectsOf(steps, new Set(unseen)), digest, first);
    if (indices.size === 0) return null;
    const isRight = async (kernel: LiveKernel): Promise<boolean> => {
      const now = await describe(kernel, options);
      const listing = await listingOf(workspacePath(this.#rootDir, options.workspace));
      const right = now !== null && digestDifferences(digest, now).length === 0 && listing === state.listing;
      if (!right) this.#indispensable.add(key);
      return right;
    };
    return { steps: new Set(steps.filter((_, index) => indices.has(index))), isRight };
  }

  refusal(steps: readonly Step[]): string | null {
    for (const key of prefixKeys(steps).toReversed()) {
      const reason = this.#refusals.get(key);
      if (reason !== undefined) return reason;
    }
    return null;
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** Only describes it unless `whole`. Resolves to why it was not kept. */
  async #keep(
    key: string,
    kernel: LiveKernel,
    steps: readonly Step[],
    workspace: string,
    whole: boolean,
    options: ExecuteOptions,
  ): Promise<string | null> {
    const directory = workspacePath(this.#rootDir, workspace);
    const described = await describe(kernel, options);
    if (described === null) return "the kernel does not describe its state";
    const durationsMs = steps.map(({ durationMs = 0 }) => durationMs);
    const digest = descriptionOf(described);
    const state = { version: 1, durationsMs, digest, listing: await listingOf(directory) } as const;
    if (!whole) {
      await this.#store.write(key, { ...state, files: null, kernel: null });
      return null;
    }
    const trouble = await workspaceTrouble(directory);
    if (trouble !== null) return trouble;
    const said = await this.#freeze(kernel, steps, described, options);
    if (typeof said === "string") return said;
    await this.#store.write(key, {
      ...state,
      files: [...(await saveFiles(directory, this.#store))],
      kernel: said,
    });
    return null;
  }

  /** The kernel's variables in the store, or why they are not. */
  async #freeze(
    kernel: LiveKernel,
    steps: readonly Step[],
    digest: StateDigest,
    options: ExecuteOptions,
  ): Promise<Frozen | string> {
    const room = await this.#store.room();
    if (room === 0) return "the disk is nearly full";
    const folder = join(this.#rootDir, STAGING + randomBytes(5).toString("hex"));
    await mkdir(folder);
    try {
      const request = { folder, store: this.#store.files, room, againMs: againMs(steps, digest) };
      const totalMs = steps.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
      const timeoutMs = Math.min(MOST_FREEZE_MS, Math.max(LEAST_FREEZE_MS, totalMs));
      const answer = await callKernelHelper(kernel, "freeze", JSON.stringify(request), {
        ...options,
        timeoutMs,
      });
      if (answer.how === "timeout") return `it took longer than ${timeoutMs / 1000} s`;
      if (answer.how === "failed") return `${answer.name}: ${answer.message}`;
      const said = frozen.safeParse(answer.value);
      if (!said.success) return "the kernel gave no account of its state";
      return await this.#adopt(folder, said.data);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  async #adopt(folder: string, said: Frozen): Promise<Frozen | string> {
    const files = [...said.groups.flatMap((group) => group.files), ...Object.values(said.settings)];
    for (const hash of new Set(files))
      if (!(await this.#store.adopt(folder, hash))) return "the kernel did not write what it said";
    return { ...said, sizes: {} };
  }

  /** The kernel, or why it cannot be had. */
  async #thaw(
    { key, state, kernel: kept }: Found,
    steps: readonly RecipeStep[],
    options: RestoreOptions,
  ): Promise<Base | string> {
    const directory = workspacePath(this.#rootDir, options.workspace);
    const damaged = await placeFiles(state.files ?? [], directory, this.#store);
    if (damaged !== null) return `its file ${damaged} is missing or damaged`;
    const kernel = await this.#source.fresh(directory, options.signal);
    try {
      const within = { signal: options.signal, timeoutMs: THAW_MS };
      const effects = effectsOf(steps, statefulNames(readDigest(state.digest) ?? new Map()));
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
      const differs = await this.#differences(kernel, state, within);
      if (differs === null || differs.length > 0) {
        await this.#source.end(kernel, "It was not what it should be.");
        this.#unfit.add(key);
        return differs === null
          ? "the thawed kernel did not answer"
          : `what was thawed is not the same: ${differs.join(" ")}`;
      }
      const holds = steps.map((step, index) => ({ ...step, durationMs: state.durationsMs[index] ?? 0 }));
      return { tier: "thaw", kernel, holds, differences: thawed.notes };
    } catch (problem) {
      await this.#source.end(kernel, "It could not be thawed.");
      options.signal.throwIfAborted();
      if (problem instanceof KernelLost) return problem.message;
      throw problem;
    }
  }

  async #differences(
    kernel: LiveKernel,
    state: SavedState,
    options: ExecuteOptions,
  ): Promise<readonly string[] | null> {
    const now = await describe(kernel, options);
    const before = readDigest(state.digest);
    return now === null || before === null ? null : digestDifferences(before, now);
  }
}

/** Removes what a process that was killed left half-way. */
export async function removeStaging(rootDir: string): Promise<void> {
  const left = (await readdir(rootDir)).filter((name) => name.startsWith(STAGING));
  for (const name of left) await rm(join(rootDir, name), { recursive: true, force: true });
}

/** For the names that can be made again in little time: what that takes. */
function againMs(steps: readonly Step[], digest: StateDigest): Readonly<Record<string, number>> {
  const effects = effectsOf(steps, statefulNames(digest));
  const durationsMs = steps.map(({ durationMs = 0 }) => durationMs);
  const costs = [...digest.keys()].flatMap((name) => {
    const picked = stepsFor([name], effects);
    const cost = costMs(picked, durationsMs);
    // A name that no step is seen to make would not come back.
    return picked.length > 0 && cost < CHEAP_MS ? [[name, cost] as const] : [];
  });
  return Object.fromEntries(costs);
}
