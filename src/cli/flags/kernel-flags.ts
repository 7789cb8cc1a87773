// Owns: the flags that say how a child's kernel gets its parent's state, for every command that runs a search.
import type { Command } from "commander";
import type { RunOptions } from "../../run/run-options.ts";
import { readBytes } from "./flag-values.ts";

export interface KernelFlags {
  /** Absent: as the run has it. */
  readonly fork?: boolean;
  readonly kernelMemory?: number;
}

/** `ofRun`: for a command that goes on with a run, as the run was started. */
export function addKernelFlags(command: Command, ofRun = false): void {
  const own = "Default: the run's own.";
  if (ofRun) command.option("--fork", `Fork children's kernels wherever the machine can. ${own}`);
  command
    .option(
      "--no-fork",
      "Restore every child's kernel by running its cells again, never by a fork of its parent's.",
    )
    .option(
      "--kernel-memory <size>",
      `Memory for the frozen kernels that children are forked from, such as 4GB. ${ofRun ? own : "Default: a quarter of the machine's, at most 8GB."}`,
      readBytes,
    );
}

export function kernelOptionsFrom({
  fork,
  kernelMemory,
}: KernelFlags): Pick<RunOptions, "fork" | "kernelMemoryBytes"> {
  return { fork, kernelMemoryBytes: kernelMemory };
}
