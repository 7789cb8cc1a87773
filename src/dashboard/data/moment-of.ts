// Owns: the moment of a run that an address names. Pure.
import type { Address } from "./address-text.ts";

/** A number of events, 1 or more; null: the latest, whatever comes. */
export function momentOf({ options }: Pick<Address, "options">): number | null {
  const at = Number(options["at"] ?? NaN);
  return Number.isSafeInteger(at) && at >= 1 ? at : null;
}
