// Owns: what differs between what a kernel's names held and what they hold. Pure.
import type { StateDescription } from "../../contracts/index.ts";

/** Names that are gone, and names that hold something else. A name that came in addition is no loss. */
export function changedNames(
  before: StateDescription,
  now: StateDescription,
): { readonly missing: readonly string[]; readonly changed: readonly string[] } {
  const names = Object.keys(before);
  const missing = names.filter((name) => !Object.hasOwn(now, name));
  const changed = names.filter((name) => {
    const [was, is] = [before[name], now[name]];
    return is !== undefined && (is[0] !== was?.[0] || is[1] !== was[1]);
  });
  return { missing, changed };
}
