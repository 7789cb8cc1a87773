// Owns: the flags that say how cells are boxed, the same for every command that runs cells.
import { type Command, Option } from "commander";
import type { KernelLimits } from "../../machine/sandbox/limits.ts";
import type { SandboxMode, SandboxOptions } from "../../machine/sandbox/sandbox.ts";
import { kernelLimitsFrom } from "./kernel-limits.ts";

export interface SandboxFlags {
  readonly sandbox: SandboxMode;
  readonly allowNetwork?: string;
  readonly limits?: string;
}

export interface Boxing extends SandboxOptions {
  readonly limits?: Partial<KernelLimits>;
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
    .option(
      "--allow-network <hosts>",
      "what cells may reach, by HTTP: data.example,files.example:8443; all: this machine's network; verifiers reach nothing",
    )
    .option(
      "--limits <limits>",
      "of one boxed kernel: memory=4GB,processes=64,file=1GB,workspace=8GB,cpu=600s",
    );
}

export function boxing({ sandbox, allowNetwork, limits }: SandboxFlags): Boxing {
  return {
    sandbox,
    allowNetwork: networkFrom(allowNetwork),
    ...(limits !== undefined && { limits: kernelLimitsFrom(limits) }),
  };
}

function networkFrom(text: string | undefined): boolean | readonly string[] {
  if (text === undefined || text === "none") return false;
  return text === "all" ? true : text.split(",");
}
