// Owns: restoring the state that a lease starts from: the cheapest kernel of the tiers, and a replay of the rest.
// Replay is the truth: whatever a tier cannot do, replay does. Never decides what happens afterwards.
import { performance } from "node:perf_hooks";
import { RunError } from "../../core/errors.ts";
import type { KernelState, RecipeStep, Restored } from "../../contracts/kernel.ts";
import type { LiveKernel } from "../jupyter/contracts.ts";
import type { ReplayResult, RunStep } from "./replay.ts";
import { amendRecipe, countDeaths, replayOnce } from "./replay.ts";
import type { ExecutedStep } from "./recipes.ts";
import { replayable } from "./recipes.ts";
import type { Offer } from "./restore-policy.ts";
import { sortByCost, wholeMs } from "./restore-policy.ts";
import { describeKernel, describeDifferences } from "./state-description.ts";
import type { StepTimes } from "./state-memory.ts";
import type { KernelOffer, RestoreOptions, StartingKernel, Tier } from "./tier.ts";

/** A kernel with the state that was asked for, or as near to it as can be. */
export interface RestoredKernel {
  readonly kernel: LiveKernel;
  readonly restored: Restored;
  /** What this kernel executed since it was empty. */
  readonly executed: readonly ExecutedStep[];
  /** Where steps ended otherwise than the recipe says: the recipe of what this kernel holds. */
  readonly instead: KernelState | undefined;
}

export interface RestoreParts {
  /** In the order in which their refusals are told. One of them gives a fresh kernel, always. */
  readonly tiers: readonly Tier[];
  readonly times: StepTimes;
  readonly run: RunStep;
}

/** @throws RunError `kernel-unavailable`; KernelLost when the replay keeps killing its kernel; the signal's reason. */
export async function restore(
  from: KernelState,
  parts: RestoreParts,
  options: RestoreOptions,
): Promise<RestoredKernel> {
  const began = performance.now();
  const steps = replayable(from.recipe);
  const { start, executed, differences, otherwise } = await startAndReplay(steps, parts, options);
  const { kernel, holds, tier } = start;
  const isReplayed = holds.length < steps.length;
  const more = isReplayed ? await differencesNow(kernel, steps, parts.tiers, options) : [];
  // An idle kernel is no fork either, nor is one made of files: the reason holds for the next child, too.
  const isSlow = isReplayed || tier !== "fork";
  const refusals = isSlow ? refusalsOf(steps, isReplayed ? holds.length : 0, parts.tiers) : [];
  parts.times.learn(executed);
  return {
    kernel,
    executed,
    restored: {
      tier: isReplayed ? "replay" : tier,
      durationMs: performance.now() - began,
      differences: [...differences, ...more],
      reason: refusals.length === 0 ? undefined : refusals.join("; "),
    },
    instead: otherwise.size === 0 ? undefined : amendRecipe(from, otherwise),
  };
}

/** The kernel hung, so it was forked: what it was forked from is not used again. */
export function distrust(kernel: LiveKernel, tiers: readonly Tier[]): void {
  for (const tier of tiers) if (tier.distrust?.(kernel) === true) return;
}

type TakenStart = StartingKernel & Pick<Offer, "tier">;

/**
 * Runs the steps again that the nearest kernel does not hold yet. A step that kills its kernel twice is left out the next
 * time, and that is a difference.
 */
async function startAndReplay(
  steps: readonly RecipeStep[],
  parts: RestoreParts,
  options: RestoreOptions,
): Promise<ReplayResult & { readonly start: TakenStart }> {
  const deaths = countDeaths();
  while (true) {
    const start = await takeCheapest(steps, parts, options);
    const { kernel, holds, differences = [] } = start;
    try {
      const once = await replayOnce(kernel, steps.slice(holds.length), deaths, parts.run, options);
      if (once !== null) {
        const all = [...differences, ...once.differences];
        return { ...once, start, executed: [...holds, ...once.executed], differences: all };
      }
    } catch (problem) {
      await kernel.kill("Its replay was given up.");
      throw problem;
    }
    // A fork that hangs is not the step's fault.
    if (kernel.hung()) distrust(kernel, parts.tiers);
    await kernel.kill("A replayed cell ended it.");
    deaths.throwIfTooMany();
  }
}

/** How long the state is expected to take, in milliseconds. */
export async function expectRestore(
  steps: readonly RecipeStep[],
  parts: Pick<RestoreParts, "tiers" | "times">,
  options: RestoreOptions,
): Promise<number> {
  const [best] = await sortOffers(steps, parts, options);
  return best === undefined ? Infinity : wholeMs(best, parts.times.of(steps));
}

/** The offer from which the steps are had soonest; where it fails, the next one. */
async function takeCheapest(
  steps: readonly RecipeStep[],
  parts: RestoreParts,
  options: RestoreOptions,
): Promise<TakenStart> {
  for (const offer of await sortOffers(steps, parts, options)) {
    const start = await offer.take();
    if (start !== null) return { ...start, tier: offer.tier };
  }
  throw new RunError("kernel-unavailable", "No kernel could be had for this state.");
}

async function sortOffers(
  steps: readonly RecipeStep[],
  { tiers, times }: Pick<RestoreParts, "tiers" | "times">,
  options: RestoreOptions,
): Promise<readonly KernelOffer[]> {
  const offers: KernelOffer[] = [];
  for (const tier of tiers) {
    const offer = await tier.offer(steps, options);
    if (offer === null) continue;
    times.learn(offer.timed ?? []);
    offers.push(offer);
  }
  return sortByCost(offers, times.of(steps));
}

/** What differs from what the state held when it was kept, as far as a tier remembers it. */
async function differencesNow(
  kernel: LiveKernel,
  steps: readonly ExecutedStep[],
  tiers: readonly Tier[],
  { timeoutMs, signal }: RestoreOptions,
): Promise<readonly string[]> {
  for (const tier of tiers) {
    const before = await tier.describe?.(steps);
    if (before == null) continue;
    const now = await describeKernel(kernel, { timeoutMs, signal });
    return now === null ? [] : describeDifferences(before, now);
  }
  return [];
}

function refusalsOf(steps: readonly ExecutedStep[], held: number, tiers: readonly Tier[]): readonly string[] {
  return tiers.flatMap((tier) => tier.refusal?.(steps, held) ?? []);
}
