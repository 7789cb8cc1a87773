// Owns: how the kernels of a run got their states, in words. Pure.
import type { Restored } from "../../contracts/index.ts";

/** One restore in a line: `fork in 0.06 s`, with what differs and why it was no faster. */
export function restoredText({ tier, durationMs, differences, reason }: Restored): string {
  return [
    `kernel: ${tier} in ${(durationMs / 1000).toFixed(2)} s${reason === undefined ? "" : `, ${reason}`}`,
    ...differences,
  ].join("\n");
}

/** All of them: how many of each tier, and each reason once with the branches it held for. `[branch, restored]`. */
export function restoresText(restores: readonly (readonly [string, Restored])[]): readonly string[] {
  if (restores.length === 0) return [];
  const tiers = grouped(restores.map(([, { tier }]) => [tier, ""]));
  const counts = [...tiers].map(([tier, all]) => `${all.length} by ${tier}`);
  const reasons = grouped(
    restores.flatMap(([name, { reason }]) => (reason === undefined ? [] : [[reason, name] as const])),
  );
  const differing = restores.filter(([, { differences }]) => differences.length > 0).map(([name]) => name);
  return [
    `kernels restored: ${counts.join(", ")}`,
    ...[...reasons].map(([reason, names]) => `  ${reason} (${listed(names)})`),
    ...(differing.length === 0 ? [] : [`  not quite as their parents' (${listed(differing)})`]),
  ];
}

const MOST_NAMED = 8;

function listed(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const more = unique.length - MOST_NAMED;
  return unique.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function grouped(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, name] of pairs) groups.set(key, [...(groups.get(key) ?? []), name]);
  return groups;
}
