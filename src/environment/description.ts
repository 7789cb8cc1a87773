// Owns: asking a kernel what its names hold. One that is lost, or cannot say, says nothing: that costs a comparison only.
import { KernelLost } from "../core/errors.ts";
import type { ExecuteOptions, KernelLease, StateDescription } from "../contracts/index.ts";

/** @throws the signal's reason when aborted. */
export async function descriptionOf(
  lease: KernelLease | null,
  options: ExecuteOptions,
): Promise<StateDescription | null> {
  try {
    return (await lease?.describe?.(options)) ?? null;
  } catch (error) {
    if (error instanceof KernelLost) return null;
    throw error;
  }
}
