// Owns: whether what is about to run gets a box, as the caller wants it. Fails closed: a box that was asked for and
// cannot be had stops everything, before anything ran.
import { RunError } from "../../core/errors.ts";
import { either, manyOf, oneOf, OPTION, type OptionKinds } from "../../core/options.ts";
import type { Features } from "./box-arguments.ts";
import type { HandedIn } from "./handed-in.ts";
import { type Network, hostRule } from "./network-rules.ts";
import { probeSandbox } from "./probe.ts";
import { nameOption } from "../../core/shell-words.ts";

/** `on`: boxed, or nothing runs. `auto`: boxed where boxes work, and one line of warning elsewhere. */
export type SandboxMode = "on" | "auto" | "off";

export interface SandboxOptions extends HandedIn {
  /** Default `on`. */
  readonly sandbox?: SandboxMode | undefined;
  /**
   * True: boxed kernels share the machine's network, its loopback and private networks included. A list of hosts, such
   * as `["data.example", "files.example:8443"]`: they reach these by HTTP, through a proxy. Verifiers never reach anything.
   * Default false.
   */
  readonly allowNetwork?: boolean | readonly string[] | undefined;
  /**
   * `lineage`: a child's kernel may be forked from its parent's, in the parent's box, into a part of its own. `episode`: only
   * from kernels that ran no cell of a model. Default `lineage`.
   */
  readonly isolation?: Isolation | undefined;
}

/** `lineage`: a kernel may be forked from any ancestor. `episode`: from the founder alone, so that no two episodes share a box. */
export type Isolation = "lineage" | "episode";

export const SANDBOX_OPTIONS: OptionKinds<SandboxOptions> = {
  sandbox: oneOf("on", "auto", "off"),
  allowNetwork: either(OPTION.flag, manyOf(OPTION.text, "hosts")),
  isolation: oneOf("lineage", "episode"),
  env: manyOf(OPTION.text, "names of variables"),
  read: manyOf(OPTION.text, "absolute paths"),
};

/** A way to make boxes on this machine. */
export interface Sandbox {
  /** Path of bubblewrap. */
  readonly program: string;
  readonly features: Features;
  readonly network: Network;
}

/**
 * Null: unboxed. `warn` gets a line for people when `auto` finds no box.
 * @throws RunError `sandbox-unavailable` | `bad-option` for a host that is none.
 */
export async function openSandbox(
  { sandbox = "on", allowNetwork = false }: SandboxOptions,
  warn?: (line: string) => void,
): Promise<Sandbox | null> {
  const network = networkOf(allowNetwork);
  if (sandbox === "off") return runUnboxed(network);
  const probe = await probeSandbox();
  if (probe.ok) return { program: probe.program, features: probe.features, network };
  if (sandbox === "auto") {
    warn?.(`NO SANDBOX: ${probe.reason}. Cells can read, write and reach all that you can. ${probe.remedy}`);
    return runUnboxed(network);
  }
  throw new RunError(
    "sandbox-unavailable",
    `Cells cannot be run in a sandbox here: ${probe.reason}. Remedy: ${probe.remedy}. ` +
      `Or run them without one, able to do all that you can: ${nameOption("--sandbox off", 'sandbox: "off"')}.`,
  );
}

/** @throws RunError `bad-option` where a list of hosts could not be enforced. */
function runUnboxed(network: Network): null {
  if (typeof network === "string") return null;
  throw new RunError(
    "bad-option",
    `a list of hosts for ${nameOption("--allow-network", "allowNetwork")} needs the sandbox: without one, cells reach all that you can. ` +
      `Leave out ${nameOption("--sandbox off", 'sandbox: "off"')}, or the list.`,
  );
}

function networkOf(allowed: boolean | readonly string[]): Network {
  if (typeof allowed === "boolean") return allowed ? "all" : "none";
  return allowed.length === 0 ? "none" : allowed.map(hostRule);
}
