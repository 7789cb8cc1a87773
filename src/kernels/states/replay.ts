// Owns: running a recipe's steps again on one kernel, and telling where they end otherwise than before. Never starts a kernel.
import { KernelLost } from "../../core/errors.ts";
import type { Execution, KernelState, RecipeStep } from "../../contracts/kernel.ts";
import type { ExecutionStatus } from "../../contracts/notebook.ts";
import type { LiveKernel } from "../jupyter/contracts.ts";
import type { ExecutedStep } from "./recipes.ts";
import type { RestoreOptions } from "./tier.ts";

export type RunStep = (kernel: LiveKernel, source: string, options: RestoreOptions) => Promise<Execution>;

export interface ReplayResult {
  readonly executed: readonly ExecutedStep[];
  /** In words. */
  readonly differences: readonly string[];
  /** How steps ended now that had ended otherwise. */
  readonly otherwise: ReadonlyMap<RecipeStep, ExecutionStatus>;
}

/** A kernel may die by chance (no memory is left, its server ended), but hardly ever twice in one step. */
const DEADLY = 2;
/** A replay that kills its kernel again and again costs more than it can bring. */
const MOST_DEATHS = 3 * DEADLY;

/** How often each step killed the kernel on which it was run again. */
export interface Deaths {
  add(step: RecipeStep): void;
  /** Whether the step is to be left out from now on. */
  isDeadly(step: RecipeStep): boolean;
  /** @throws KernelLost that names the steps. */
  throwIfTooMany(): void;
}

export function countDeaths(): Deaths {
  const counts = new Map<RecipeStep, number>();
  return {
    add: (step) => void counts.set(step, (counts.get(step) ?? 0) + 1),
    isDeadly: (step) => (counts.get(step) ?? 0) >= DEADLY,
    throwIfTooMany() {
      const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
      if (all < MOST_DEATHS) return;
      const sentences = [...counts.keys()].map(
        ({ cell }) => `${cell} killed the kernel when it was run again.`,
      );
      throw new KernelLost(sentences.join(" "));
    },
  };
}

/** Null when a step killed the kernel; that is counted then, unless the kernel hung. */
export async function replayOnce(
  kernel: LiveKernel,
  steps: readonly RecipeStep[],
  deaths: Deaths,
  run: RunStep,
  options: RestoreOptions,
): Promise<ReplayResult | null> {
  const executed: ExecutedStep[] = [];
  const differences: string[] = [];
  const otherwise = new Map<RecipeStep, ExecutionStatus>();
  for (const step of steps) {
    if (deaths.isDeadly(step)) {
      otherwise.set(step, "died");
      differences.push(`${step.cell} was left out: it killed the kernel when it was run again.`);
      continue;
    }
    const execution = await run(kernel, step.source, options);
    if (execution.status === "died") {
      if (!kernel.hung()) deaths.add(step);
      return null;
    }
    executed.push({ source: step.source, status: execution.status, durationMs: execution.durationMs });
    if (execution.status === step.status) continue;
    otherwise.set(step, execution.status);
    differences.push(describeDifference(step, execution, options.timeoutMs));
  }
  return { executed, differences, otherwise };
}

/** The state's recipe with the ends that its steps have now. */
export function amendRecipe({ recipe }: KernelState, otherwise: ReplayResult["otherwise"]): KernelState {
  return { recipe: recipe.map((step) => ({ ...step, status: otherwise.get(step) ?? step.status })) };
}

function describeDifference(step: RecipeStep, now: Execution, timeoutMs: number): string {
  if (now.status === "interrupted")
    return `${step.cell} did not end within ${timeoutMs / 1000} s when it was run again.`;
  if (now.status === "ok") return `${step.cell} raised no error when it was run again, though it had before.`;
  const error = now.outputs.findLast((output) => output.output_type === "error");
  return `${step.cell} raised ${String(error?.ename)} when it was run again: ${String(error?.evalue).slice(0, 500)}`;
}
