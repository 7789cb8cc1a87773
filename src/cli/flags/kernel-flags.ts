// Owns: the flags that say how a child's kernel gets its parent's state, for every command that runs a search.
import type { Command } from "commander";
import type { RunOptions } from "../../run/run-options.ts";
import { readBytes } from "./flag-values.ts";

export interface KernelFlags {
  readonly fork: boolean;
  readonly kernelMemory?: number;
}

export function addKernelFlags(command: Command): void {
  command
    .option(
      "--no-fork",
      "Restore every child's kernel by running its cells again, never by a fork of its parent's.",
    )
    .option(
      "--kernel-memory <size>",
      "Memory for the frozen kernels that children are forked from, such as 4GB. Default: a quarter of the machine's, at most 8GB.",
      readBytes,
    );
}

export function kernelOptionsFrom({
  fork,
  kernelMemory,
}: KernelFlags): Pick<RunOptions, "fork" | "kernelMemoryBytes"> {
  // `undefined`: a fork wherever the machine can make one.
  return { fork: fork ? undefined : false, kernelMemoryBytes: kernelMemory };
}
