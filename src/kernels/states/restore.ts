// Owns: how a lease gets the state it starts from. Tiers, fastest first; each may decline, the last never does.
// Replay is the truth: whatever a faster tier cannot do, replay does. Never decides what happens afterwards.
import { performance } from "node:perf_hooks";
import { KernelLost } from "../../core/errors.ts";
import type { Execution, KernelState, RecipeStep, Restored } from "../../contracts/kernel.ts";
import type { ExecutionStatus } from "../../contracts/notebook.ts";
import type { LiveKernel } from "../jupyter/live-kernel.ts";
import type { Step } from "./recipes.ts";
import type { Offer } from "./restore-policy.ts";
import { cheapest } from "./restore-policy.ts";
import { replayable } from "./recipes.ts";

/** A kernel with the state that was asked for, or as near to it as can be. */
export interface RestoredKernel {
  readonly kernel: LiveKernel;
  readonly restored: Restored;
  /** What this kernel executed since it was empty. */
  readonly executed: readonly Step[];
  /** The template that it was forked from. */
  readonly template?: string;
  /** Where steps ended otherwise than the recipe says: the recipe of what this kernel holds. */
  readonly instead?: KernelState;
}

export interface RestoreOptions {
  readonly workspace: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** A kernel to start from. */
export interface Base {
  readonly tier: "fresh" | "reuse" | "fork" | "thaw";
  readonly kernel: LiveKernel;
  /** What it holds already: the first of the steps that were asked for. */
  readonly holds: readonly Step[];
  readonly template?: string;
  /** What is not as it was when these steps ended. */
  readonly differences?: readonly string[];
}

/** A way to a base that may yet fail: null then, and the next best is taken. */
export interface Way extends Offer {
  take(): Promise<Base | null>;
}

/** What the tiers are made of; the pool provides it. */
export interface RestoreMeans {
  /** The kernel from which the steps are had soonest, in this workspace. @throws RunError `kernel-unavailable`. */
  base(steps: readonly RecipeStep[], options: RestoreOptions): Promise<Base>;
  run(kernel: LiveKernel, source: string, options: RestoreOptions): Promise<Execution>;
  /** What differs from what the state held when it was checkpointed, as far as that is known. */
  compare(
    kernel: LiveKernel,
    steps: readonly RecipeStep[],
    options: RestoreOptions,
  ): Promise<readonly string[]>;
  /** Which of the steps may be left out, the first ones aside; null where nothing would tell whether that was right. */
  skips(steps: readonly RecipeStep[], first: number, options: RestoreOptions): Promise<Skips | null>;
  /** The kernel hung: what it was forked from is not to be used again. */
  distrust(base: Base): void;
  /** Why no faster tier can be had for this state, of which a kernel holds so many steps; null when none was refused. */
  refusal(steps: readonly RecipeStep[], holds: number): string | null;
}

/** Takes the cheapest of the ways that works. Null when none does. `stepMs`: see `cheapest`. */
export async function takeCheapest(
  ways: readonly Way[],
  stepMs: readonly (number | null)[],
): Promise<Base | null> {
  const way = cheapest(ways, stepMs);
  if (way === null) return null;
  const others = ways.filter((one) => one !== way);
  return (await way.take()) ?? takeCheapest(others, stepMs);
}

/** Steps that a replay leaves out, and the word on whether it was right to. */
export interface Skips {
  readonly steps: ReadonlySet<RecipeStep>;
  /** Whether the kernel holds what it would with them. Where it does not, they are never left out again. */
  isRight(kernel: LiveKernel): Promise<boolean>;
}

/** A kernel may die by chance - the machine ran out of memory, its server ended -, hardly ever twice in one step. */
const DEADLY = 2;
/** A replay that kills its kernel again and again costs more than it can bring. */
const MOST_DEATHS = 3 * DEADLY;

/** @throws RunError `kernel-unavailable`; KernelLost when the replay keeps killing its kernel; the signal's reason. */
export async function restore(
  from: KernelState,
  means: RestoreMeans,
  options: RestoreOptions,
): Promise<RestoredKernel> {
  const began = performance.now();
  const steps = replayable(from.recipe);
  const { base, executed, differences, otherwise } = await replay(steps, means, options);
  const { kernel, template } = base;
  const replayed = base.holds.length < steps.length;
  const differs = replayed ? [...differences, ...(await means.compare(kernel, steps, options))] : differences;
  // The parent's own kernel is no fork either, nor is one made of files: the reason holds for the next child too.
  const slower = replayed || base.tier === "reuse" || base.tier === "thaw";
  const reason = slower ? means.refusal(steps, replayed ? base.holds.length : 0) : null;
  const restored: Restored = {
    tier: replayed ? "replay" : base.tier,
    durationMs: performance.now() - began,
    differences: differs,
    ...(reason === null ? {} : { reason }),
  };
  return {
    ...{ kernel, restored, executed },
    ...(template === undefined ? {} : { template }),
    ...(otherwise.size === 0 ? {} : { instead: amended(from, otherwise) }),
  };
}

interface Replayed {
  readonly base: Base;
  readonly executed: readonly Step[];
  readonly differences: readonly string[];
  /** How steps ended now that had ended otherwise. */
  readonly otherwise: ReadonlyMap<RecipeStep, ExecutionStatus>;
}

function amended({ recipe }: KernelState, otherwise: Replayed["otherwise"]): KernelState {
  return { recipe: recipe.map((step) => ({ ...step, status: otherwise.get(step) ?? step.status })) };
}

/** How often a step killed the kernel that it was replayed on. */
type Deaths = Map<RecipeStep, number>;

/**
 * Runs the steps again that the nearest kernel does not hold yet. A step that kills it twice is left out the next time,
 * and that is told.
 */
async function replay(
  steps: readonly RecipeStep[],
  means: RestoreMeans,
  options: RestoreOptions,
): Promise<Replayed> {
  const deaths: Deaths = new Map();
  while (true) {
    const base = await means.base(steps, options);
    const { kernel } = base;
    try {
      const rest = steps.slice(base.holds.length);
      const skips = deaths.size > 0 ? null : await means.skips(steps, base.holds.length, options);
      const once = await replayOnce(kernel, rest, deaths, skips, means, options);
      if (
        once !== null &&
        skips !== null &&
        !(once.differences.length === 0 && (await skips.isRight(kernel)))
      ) {
        await kernel.kill("A cell that was left out is missing.");
        continue;
      }
      if (once !== null) {
        const differences = [...(base.differences ?? []), ...once.differences];
        return { ...once, base, executed: [...base.holds, ...once.executed], differences };
      }
    } catch (problem) {
      await kernel.kill("Its replay was given up.");
      throw problem;
    }
    // A fork that hangs is not the step's fault.
    if (kernel.hung()) means.distrust(base);
    await kernel.kill("A replayed cell ended it.");
    const all = [...deaths.values()].reduce((sum, count) => sum + count, 0);
    if (all >= MOST_DEATHS)
      throw new KernelLost([...deaths.keys()].map(({ cell }) => killed(cell)).join(" "));
  }
}

const killed = (cell: string): string => `${cell} killed the kernel when it was run again.`;

/** Null when a step killed the kernel; that is counted then. */
async function replayOnce(
  kernel: LiveKernel,
  steps: readonly RecipeStep[],
  deaths: Deaths,
  skips: Skips | null,
  means: RestoreMeans,
  options: RestoreOptions,
): Promise<Omit<Replayed, "base"> | null> {
  const executed: Step[] = [];
  const differences: string[] = [];
  const otherwise = new Map<RecipeStep, ExecutionStatus>();
  for (const step of steps) {
    const before = deaths.get(step) ?? 0;
    if (before >= DEADLY) {
      otherwise.set(step, "died");
      differences.push(`${step.cell} was left out: it killed the kernel when it was run again.`);
      continue;
    }
    if (skips?.steps.has(step) === true) {
      executed.push(step);
      continue;
    }
    const execution = await means.run(kernel, step.source, options);
    if (execution.status === "died") {
      if (!kernel.hung()) deaths.set(step, before + 1);
      return null;
    }
    executed.push({ source: step.source, status: execution.status, durationMs: execution.durationMs });
    if (execution.status === step.status) continue;
    otherwise.set(step, execution.status);
    differences.push(difference(step, execution, options.timeoutMs));
  }
  return { executed, differences, otherwise };
}

function difference(step: RecipeStep, now: Execution, timeoutMs: number): string {
  if (now.status === "interrupted") {
    return `${step.cell} did not end within ${timeoutMs / 1000} s when it was run again.`;
  }
  if (now.status === "ok") return `${step.cell} raised no error when it was run again, though it had before.`;
  const error = now.outputs.findLast((output) => output.output_type === "error");
  return `${step.cell} raised ${String(error?.ename)} when it was run again: ${String(error?.evalue).slice(0, 500)}`;
}
