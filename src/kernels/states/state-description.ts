// Owns: comparing what a kernel's variables hold with what they held before. Never reads a value: descriptions are made in
// the kernel (python/nbevolve_fork/description.py).
import type { ExecuteOptions, StateDescription } from "../../contracts/kernel.ts";
import { callKernelHelper } from "../jupyter/kernel-helper.ts";
import type { LiveKernel } from "../jupyter/contracts.ts";

/** For each name its type, and a hash of its content where that is plain data. */
export type DescribedNames = ReadonlyMap<string, { readonly type: string; readonly content: string | null }>;

const MOST_NAMED = 12;

/** The description by its names. */
export function describedNames(description: StateDescription): DescribedNames {
  return new Map(Object.entries(description).map(([name, [type, content]]) => [name, { type, content }]));
}

/** What the kernel holds now, described; null when it gives none. @throws KernelLost; the signal's reason. */
export async function describeKernel(
  kernel: LiveKernel,
  options: ExecuteOptions,
): Promise<DescribedNames | null> {
  const answer = await callKernelHelper(kernel, "describe", "", options);
  return answer.how === "answered" ? describedNames(answer.value) : null;
}

/** The description as plain data. */
export function descriptionOf(described: DescribedNames): StateDescription;
export function descriptionOf(described: DescribedNames | null): StateDescription | null;
export function descriptionOf(described: DescribedNames | null): StateDescription | null {
  if (described === null) return null;
  return Object.fromEntries([...described].map(([name, { type, content }]) => [name, [type, content]]));
}

/** What differs, in words. A name that came in addition is no difference. */
export function describeDifferences(before: DescribedNames, now: DescribedNames): readonly string[] {
  const missing = [...before.keys()].filter((name) => !now.has(name));
  const changed = [...before].flatMap(([name, was]) => {
    const is = now.get(name);
    const same = is === undefined || (is.type === was.type && is.content === was.content);
    return same ? [] : [name];
  });
  return [
    ...(changed.length > 0
      ? [`${listNames(changed)} ${changed.length === 1 ? "differs" : "differ"} now.`]
      : []),
    ...(missing.length > 0 ? [`${listNames(missing)} ${missing.length === 1 ? "is" : "are"} missing.`] : []),
  ];
}

function listNames(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
