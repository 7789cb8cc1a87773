// Owns: the flags that say how kernels branch, the same for every command that runs a search.
import { type Command, InvalidArgumentError } from "commander";
import type { RunOptions } from "../../run/run-options.ts";

export interface KernelFlags {
  readonly fork: boolean;
  readonly kernelMemory?: number;
}

/** The command with the flags. */
export function branching(command: Command): Command {
  return command
    .option("--no-fork", "children's kernels are replayed, never forked from their parents'")
    .option(
      "--kernel-memory <size>",
      "that frozen kernels may take, such as 4GB; default: a quarter of the machine's, 8GB at most",
      bytes,
    );
}

export function branchingOptions({
  fork,
  kernelMemory,
}: KernelFlags): Pick<RunOptions, "fork" | "kernelMemoryBytes"> {
  return {
    ...(!fork && { fork }),
    ...(kernelMemory !== undefined && { kernelMemoryBytes: kernelMemory }),
  };
}

const UNITS = ["", "K", "M", "G", "T"] as const;

/** `512MB`, `4GB`, `1.5g`, `1000000`: in steps of 1024, as memory is counted. */
export function bytes(text: string): number {
  const [, number, unit] = /^(\d{1,15}(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? [];
  const power = UNITS.findIndex((one) => one === unit?.toUpperCase());
  if (number === undefined || power < 0)
    throw new InvalidArgumentError("It must be a size such as 512MB or 4GB.");
  if (power === 0 && Number(number) < 1000)
    throw new InvalidArgumentError(`That is ${number} bytes: did you mean ${number}GB?`);
  return Math.round(Number(number) * 1024 ** power);
}
