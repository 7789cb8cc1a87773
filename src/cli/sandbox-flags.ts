// Owns: the flags that say how cells are boxed, the same for every command that runs cells.
import { type Command, Option } from "commander";
import type { SandboxMode, SandboxOptions } from "../kernels/sandbox/sandbox.ts";

export interface SandboxFlags {
  readonly sandbox: SandboxMode;
  readonly allowNetwork?: string;
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
    );
}

export function boxing({ sandbox, allowNetwork }: SandboxFlags): SandboxOptions {
  return { sandbox, allowNetwork: networkFrom(allowNetwork) };
}

function networkFrom(text: string | undefined): boolean | readonly string[] {
  if (text === undefined || text === "none") return false;
  return text === "all" ? true : text.split(",");
}
