// Owns: how a lease gets the state it starts from. Tiers, fastest first; each may decline, the last never does.
// Replay is the truth: whatever a faster tier cannot do, replay does. Never decides what happens afterwards.
import { performance } from "node:perf_hooks";
import { KernelLost } from "../core/errors.ts";
import type { Execution, KernelState, RecipeStep, Restored, RestoreTier } from "../spec/kernel.ts";
import type { LiveKernel } from "./live-kernel.ts";
import type { Step } from "./recipes.ts";
import { replayable } from "./recipes.ts";

/** A kernel with the state that was asked for, or as near to it as can be. */
export interface RestoredKernel {
  readonly kernel: LiveKernel;
  readonly restored: Restored;
  /** What this kernel executed since it was empty. */
  readonly executed: readonly Step[];
}

export interface RestoreOptions {
  readonly workspace: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** What the tiers are made of; the pool provides it. */
export interface RestoreMeans {
  /** A live kernel that already holds this state, now in this workspace; null when there is none. */
  reuse(steps: readonly RecipeStep[], options: RestoreOptions): Promise<LiveKernel | null>;
  /** An empty kernel in this workspace, emptied. @throws RunError `kernel-unavailable`. */
  start(options: RestoreOptions): Promise<LiveKernel>;
  run(kernel: LiveKernel, source: string, options: RestoreOptions): Promise<Execution>;
}

/** A replay that kills its kernel again and again costs more than it can bring. */
const MOST_DEATHS = 3;

/** @throws RunError `kernel-unavailable`; KernelLost when the replay keeps killing its kernel; the signal's reason. */
export async function restore(
  from: KernelState,
  means: RestoreMeans,
  options: RestoreOptions,
): Promise<RestoredKernel> {
  const began = performance.now();
  const steps = replayable(from.recipe);
  const done = (tier: RestoreTier, kernel: LiveKernel, replayed?: Replayed): RestoredKernel => ({
    kernel,
    restored: { tier, durationMs: performance.now() - began, differences: replayed?.differences ?? [] },
    executed: replayed?.executed ?? steps,
  });
  if (steps.length === 0) return done("fresh", await means.start(options));
  const reused = await means.reuse(steps, options);
  if (reused !== null) return done("reuse", reused);
  const replayed = await replay(steps, means, options);
  return done("replay", replayed.kernel, replayed);
}

interface Replayed {
  readonly kernel: LiveKernel;
  readonly executed: readonly Step[];
  readonly differences: readonly string[];
}

/** Runs the steps again on an empty kernel. A step that kills it is left out the next time, and that is told. */
async function replay(
  steps: readonly RecipeStep[],
  means: RestoreMeans,
  options: RestoreOptions,
): Promise<Replayed> {
  const deadly = new Map<RecipeStep, string>();
  while (true) {
    const kernel = await means.start(options);
    try {
      const once = await replayOnce(kernel, steps, deadly, means, options);
      if (once !== null) return { kernel, ...once };
    } catch (problem) {
      await kernel.kill("Its replay was given up.");
      throw problem;
    }
    await kernel.kill("A replayed cell ended it.");
    if (deadly.size >= MOST_DEATHS) throw new KernelLost([...deadly.values()].join(" "));
  }
}

/** Null when a step killed the kernel; it is among the deadly then. */
async function replayOnce(
  kernel: LiveKernel,
  steps: readonly RecipeStep[],
  deadly: Map<RecipeStep, string>,
  means: RestoreMeans,
  options: RestoreOptions,
): Promise<Omit<Replayed, "kernel"> | null> {
  const executed: Step[] = [];
  const differences: string[] = [];
  for (const step of steps) {
    const deadlyBefore = deadly.get(step);
    if (deadlyBefore !== undefined) {
      differences.push(deadlyBefore);
      continue;
    }
    const execution = await means.run(kernel, step.source, options);
    if (execution.status === "died") {
      deadly.set(step, `${step.cell} was left out: it killed the kernel when it was run again.`);
      return null;
    }
    executed.push({ source: step.source, status: execution.status });
    if (execution.status !== step.status) differences.push(difference(step, execution, options.timeoutMs));
  }
  return { executed, differences };
}

function difference(step: RecipeStep, now: Execution, timeoutMs: number): string {
  if (now.status === "interrupted") {
    return `${step.cell} did not end within ${timeoutMs / 1000} s when it was run again.`;
  }
  if (now.status === "ok") return `${step.cell} raised no error when it was run again, though it had before.`;
  const error = now.outputs.findLast((output) => output.output_type === "error");
  return `${step.cell} raised ${String(error?.ename)} when it was run again: ${String(error?.evalue).slice(0, 500)}`;
}
