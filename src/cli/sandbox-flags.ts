// Owns: the flags that say how cells are boxed, the same for every command that runs cells.
import { type Command, Option } from "commander";
import type { SandboxMode, SandboxOptions } from "../kernels/sandbox/sandbox.ts";

export interface SandboxFlags {
  readonly sandbox: SandboxMode;
  readonly allowNetwork?: boolean;
}

/** The command with the flags. */
export function boxed(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--sandbox <mode>",
        "of cells and verifiers; auto: where it works; off: they can do all you can",
      )
        .choices(["on", "auto", "off"])
        .default("on")
        .env("NBEVOLVE_SANDBOX"),
    )
    .option("--allow-network", "cells reach the network; verifiers never do");
}

export function boxing({ sandbox, allowNetwork }: SandboxFlags): SandboxOptions {
  return { sandbox, allowNetwork };
}
