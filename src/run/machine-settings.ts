// Owns: how the cells of a run are boxed, what they may import and how its kernels are restored: as its journal keeps it, and as a later session or check
// takes it from there. Never trusts a journal: what it asks for is named, for whoever decides.
import { checkOptions, manyOf, objectOf, OPTION, type OptionKinds } from "../core/options.ts";
import { LIMIT_OPTIONS } from "../machine/sandbox/limits.ts";
import { SANDBOX_OPTIONS } from "../machine/sandbox/sandbox.ts";
import type { JsonObject } from "../contracts/index.ts";
import type { Claim } from "./received.ts";
import type { RunOptions } from "./run-options.ts";
import type { RuntimeOptions } from "./runtime.ts";

export type MachineOptions = Pick<
  RunOptions,
  | "sandbox"
  | "allowNetwork"
  | "isolation"
  | "env"
  | "read"
  | "packages"
  | "limits"
  | "fork"
  | "kernelMemoryBytes"
>;

const MACHINE_OPTIONS: OptionKinds<MachineOptions> = {
  ...SANDBOX_OPTIONS,
  packages: manyOf(OPTION.text, "packages"),
  limits: objectOf(LIMIT_OPTIONS),
  fork: OPTION.flag,
  kernelMemoryBytes: OPTION.positive,
};

/** As the journal keeps it: what is as usual is left out, but whether there was a sandbox. */
export function machineSettings(options: MachineOptions): JsonObject {
  const {
    sandbox = "on",
    allowNetwork,
    isolation,
    limits,
    fork,
    kernelMemoryBytes,
    env = [],
    read = [],
    packages = [],
  } = options;
  return {
    sandbox,
    ...(allowNetwork !== undefined && allowNetwork !== false && { allowNetwork }),
    ...(isolation === "episode" && { isolation }),
    // Names, never values.
    ...(env.length > 0 && { env: [...env] }),
    ...(read.length > 0 && { read: [...read] }),
    ...(packages.length > 0 && { packages: [...packages] }),
    ...(limits !== undefined && { limits: { ...limits } }),
    ...(fork === false && { fork }),
    ...(kernelMemoryBytes !== undefined && { kernelMemoryBytes }),
  };
}

/**
 * What is given, and for the rest what the run was started with. Without a sandbox around the cells there is nothing that keeps
 * its limits and hosts. @throws RunError `bad-option` where the journal holds what no run can have.
 */
export function machineFor(
  settings: JsonObject | null,
  given: MachineOptions & Pick<RunOptions, "server">,
): MachineOptions {
  const own = settings === null ? {} : readMachine(settings);
  const names = Object.keys(MACHINE_OPTIONS) as (keyof MachineOptions)[];
  const said = Object.fromEntries(
    names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
  const whole: MachineOptions = { ...own, ...said };
  const isBoxed = whole.sandbox !== "off" && given.server === undefined;
  if (!isBoxed) return { ...whole, allowNetwork: given.allowNetwork, limits: given.limits };
  return own.limits && given.limits ? { ...whole, limits: { ...own.limits, ...given.limits } } : whole;
}

/** As `machineFor`, for a check that forks no kernel. */
export function checkMachine(settings: JsonObject | null, given: RuntimeOptions): MachineOptions {
  const { fork: _, kernelMemoryBytes: __, ...machine } = machineFor(settings, given);
  return machine;
}

function readMachine(settings: JsonObject): MachineOptions {
  const kept = Object.keys(MACHINE_OPTIONS).flatMap((name) =>
    name in settings ? [[name, settings[name]]] : [],
  );
  const own: MachineOptions = Object.fromEntries(kept);
  checkOptions("the settings of this run", own, MACHINE_OPTIONS);
  return own;
}

/** What the journal alone asks for beyond what every run may do. */
export function machineClaims(machine: MachineOptions, given: MachineOptions): readonly Claim[] {
  const { allowNetwork, limits, kernelMemoryBytes, env = [], read = [], packages = [] } = machine;
  const claim = (act: string, what: string, isOwn: boolean): readonly Claim[] =>
    isOwn ? [{ act, what }] : [];
  const opens = allowNetwork !== undefined && allowNetwork !== false && given.allowNetwork === undefined;
  const hosts = Array.isArray(allowNetwork) ? allowNetwork.join(",") : "all";
  return [
    ...claim("let its cells reach", hosts, opens),
    ...claim("show its cells your variables", env.join(","), env.length > 0 && given.env === undefined),
    ...claim("show its cells", read.join(","), read.length > 0 && given.read === undefined),
    ...claim("install the packages", packages.join(","), packages.length > 0 && given.packages === undefined),
    ...claim(
      "give its cells the limits",
      JSON.stringify(limits),
      limits !== undefined && given.limits === undefined,
    ),
    ...claim(
      "keep frozen kernels of",
      `${kernelMemoryBytes} bytes`,
      kernelMemoryBytes !== undefined && given.kernelMemoryBytes === undefined,
    ),
  ];
}
