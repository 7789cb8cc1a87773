// Owns: `--trust`, for every command that goes on with or runs again what a run directory holds.
import type { Command } from "commander";

export interface TrustFlag {
  readonly trust?: boolean;
}

export function addTrustFlag(command: Command): void {
  command.option(
    "--trust",
    "Use what only the run directory names although it was not made here: files with code, addresses, files with keys; and run its cells without a sandbox where --sandbox says so. Only for a directory whose maker you know.",
  );
}
