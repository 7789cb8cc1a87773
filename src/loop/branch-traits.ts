// Owns: the traits of a branch - what its notebook is like, and what the user's own function says of it. Never decides what
// is made of them.
import { RunError, messageOf } from "../core/errors.ts";
import { traitsOf } from "../core/notebook/notebook-traits.ts";
import type { DescribedBranch, DescriptorFunction } from "../contracts/index.ts";

/** By name; the notebook's own are never overridden. @throws RunError `descriptors-failed`. */
export function branchTraits(
  descriptors: DescriptorFunction | undefined,
  made: DescribedBranch,
): Readonly<Record<string, number>> {
  return { ...own(descriptors, made), ...traitsOf(made.notebook) };
}

function own(
  descriptors: DescriptorFunction | undefined,
  made: DescribedBranch,
): Readonly<Record<string, number>> {
  if (descriptors === undefined) return {};
  const said = saidBy(descriptors, made);
  for (const [name, value] of Object.entries(said))
    if (!Number.isFinite(value))
      throw failed(`gives ${String(value)} for "${name}", which is no finite number`);
  return said;
}

function saidBy(descriptors: DescriptorFunction, made: DescribedBranch): Readonly<Record<string, number>> {
  let said: unknown;
  try {
    said = descriptors(made);
  } catch (error) {
    throw failed(`threw: ${messageOf(error)}`, error);
  }
  if (!isRecord(said)) throw failed("gives no object of numbers by name; it must not be async");
  return said;
}

function isRecord(said: unknown): said is Readonly<Record<string, number>> {
  return typeof said === "object" && said !== null && !Array.isArray(said) && !("then" in said);
}

function failed(why: string, cause?: unknown): RunError {
  const remedy = "Mend it and resume: nothing is lost.";
  return new RunError("descriptors-failed", `the function for descriptors ${why}. ${remedy}`, { cause });
}
