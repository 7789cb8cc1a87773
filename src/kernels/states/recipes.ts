// Owns: which steps of a recipe count for a kernel's state, and the key by which two states are the same. Pure.
import { createHash } from "node:crypto";
import type { RecipeStep } from "../../contracts/kernel.ts";

/** What a kernel really executed: a recipe's step without its cell, and how long it took when that is known. */
export type ExecutedStep = Pick<RecipeStep, "source" | "status"> & { readonly durationMs?: number };

/** The steps that a replay runs: an interrupted cell stopped somewhere, a cell that killed its kernel left nothing. */
export function replayable<S extends ExecutedStep>(recipe: readonly S[]): readonly S[] {
  return recipe.filter((step) => step.status === "ok" || step.status === "error");
}

/**
 * A key for each state on the way, the last one for the whole. Two states have the same key when the same sources ended
 * the same way in the same order. One pass, whatever the length.
 */
export function prefixKeys(steps: readonly ExecutedStep[]): readonly string[] {
  let key = "";
  return steps.map(({ source, status }) => {
    key = createHash("sha256")
      .update(JSON.stringify([key, source, status]))
      .digest("hex");
    return key;
  });
}

/** The key of the state after all of these steps. */
export function stateKey(steps: readonly ExecutedStep[]): string {
  return prefixKeys(steps).at(-1) ?? "";
}
