// Owns: whether what is about to run gets a box, as the caller wants it. Fails closed: a box that was asked for and
// cannot be had stops everything, before anything ran.
import { RunError } from "../../core/errors.ts";
import type { Features } from "./box-arguments.ts";
import { probeSandbox } from "./probe.ts";

/** `on`: boxed, or nothing runs. `auto`: boxed where boxes work, and one line of warning elsewhere. */
export type SandboxMode = "on" | "auto" | "off";

export interface SandboxOptions {
  /** Default `on`. */
  readonly sandbox?: SandboxMode | undefined;
  /** Gives boxed kernels the machine's network. Verifiers never have it. Default false. */
  readonly allowNetwork?: boolean | undefined;
}

/** A way to make boxes on this machine. */
export interface Sandbox {
  /** Path of bubblewrap. */
  readonly program: string;
  readonly features: Features;
  readonly network: boolean;
}

/** Null: unboxed. `warn` gets a line for people when `auto` finds no box. @throws RunError `sandbox-unavailable`. */
export async function openSandbox(
  { sandbox = "on", allowNetwork = false }: SandboxOptions,
  warn?: (line: string) => void,
): Promise<Sandbox | null> {
  if (sandbox === "off") return null;
  const probe = await probeSandbox();
  if (probe.ok) return { program: probe.program, features: probe.features, network: allowNetwork };
  if (sandbox === "auto") {
    warn?.(`NO SANDBOX: ${probe.reason}. Cells can read, write and reach all that you can. ${probe.remedy}`);
    return null;
  }
  throw new RunError(
    "sandbox-unavailable",
    `Cells cannot be run in a sandbox here: ${probe.reason}. Remedy: ${probe.remedy}. ` +
      "Or run them without one, able to do all that you can: --sandbox off.",
  );
}
