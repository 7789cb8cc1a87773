// Owns: the flags that say how cells are boxed and what they may import, for every command that runs cells. Never enforces a limit.
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { RunError } from "../../core/errors.ts";
import { appendValue } from "./flag-values.ts";
import type { RuntimeOptions } from "../../run/runtime.ts";
import type { KernelLimits } from "../../machine/sandbox/limits.ts";
import type { Isolation, SandboxMode, SandboxOptions } from "../../machine/sandbox/sandbox.ts";

export interface SandboxFlags {
  /** Absent: as the run has it. */
  readonly sandbox?: SandboxMode;
  readonly allowNetwork?: string;
  readonly limits?: string;
  readonly env?: readonly string[];
  readonly read?: readonly string[];
  readonly with?: readonly string[];
  readonly isolation?: Isolation;
}

/** `ofRun`: for a command that goes on with a run or runs it again, and does so as the run was started. */
export function addSandboxFlags(command: Command, ofRun = false): void {
  const own = ofRun ? " Default: the run's own." : "";
  const sandbox = new Option(
    "--sandbox <mode>",
    `Whether cells and verifiers run in a sandbox. With on they do, or nothing starts; with auto they do where a sandbox works here; with off they can do all that you can.${own}`,
  ).choices(["on", "auto", "off"]);
  const isolation = new Option(
    "--isolation <of>",
    `What has kernels apart from all others. With lineage a child's kernel may be forked from its parent's, into a part of the parent's box; with episode only from the founder's, and what models ran is run again.${own}`,
  ).choices(["lineage", "episode"]);
  if (!ofRun) {
    sandbox.default("on").env("NBEVOLVE_SANDBOX");
    isolation.default("lineage");
  }
  command
    .addOption(sandbox)
    .option(
      "--allow-network <hosts>",
      `Hosts that cells may reach by HTTP, such as data.example,files.example:8443, or all for this machine's network. Verifiers reach nothing.${own || " Default none."}`,
    )
    .option(
      "--env <name>",
      `A variable of your environment that cells and the verifier see with its value; without a sandbox they see those that choose devices and libraries, such as CUDA_VISIBLE_DEVICES, anyway. Repeatable.${own && ` ${own.trim()} none lifts it.`}`,
      appendValue,
    )
    .option(
      "--read <path>",
      `A folder or file that cells and the verifier may read in the sandbox, at its own path. Repeatable.${own && ` ${own.trim()} none lifts it.`}`,
      appendValue,
    )
    .option(
      "--with <package>",
      `A Python package that cells and the verifier may import, such as pandas or "scikit-learn>=1.5"; its wheel is installed once, into an environment of nbevolve's own. Repeatable.${own && ` ${own.trim()} none lifts it.`}`,
      appendValue,
    )
    .addOption(isolation)
    .option(
      "--limits <limits>",
      `Limits of one kernel in the sandbox, such as memory=4GB,cpu=600s. The limits are ${Object.keys(LIMITS).join(", ")}.${ofRun ? " Default of each: the run's own." : ""}`,
    );
}

export function sandboxOptionsFrom({
  sandbox,
  allowNetwork,
  limits,
  isolation,
  env,
  read,
  with: packages,
}: SandboxFlags): SandboxOptions & Pick<RuntimeOptions, "packages" | "limits"> {
  return {
    sandbox,
    allowNetwork: networkFrom(allowNetwork),
    isolation,
    env: listFrom(env),
    read: listFrom(read)?.map((path) => resolve(path)),
    packages: listFrom(packages),
    limits: limits === undefined ? undefined : kernelLimitsFrom(limits),
  };
}

function listFrom(given: readonly string[] | undefined): readonly string[] | undefined {
  return given?.filter((one) => one !== "none");
}

/** Undefined where nothing is said: none, or what the run has. */
function networkFrom(text: string | undefined): boolean | readonly string[] | undefined {
  if (text === undefined) return undefined;
  return text === "none" ? false : text === "all" || text.split(",");
}

interface Named {
  readonly limit: keyof KernelLimits;
  /** Megabytes with a unit, seconds with an s, or a plain number. */
  readonly unit: "size" | "count" | "seconds";
}

const LIMITS: Readonly<Record<string, Named>> = {
  memory: { limit: "memoryMb", unit: "size" },
  processes: { limit: "tasks", unit: "count" },
  file: { limit: "fileMb", unit: "size" },
  workspace: { limit: "workspaceMb", unit: "size" },
  files: { limit: "files", unit: "count" },
  cpu: { limit: "cellCpuSeconds", unit: "seconds" },
};
const UNITS: Readonly<Record<string, number>> = { MB: 1, GB: 1024, TB: 1024 ** 2 };
const EXAMPLE = "memory=4GB,processes=64,file=1GB,workspace=8GB,files=50000,cpu=600s";
/** An interpreter with its libraries alone takes this much. */
const LEAST_MB = 256;
const LEAST_TASKS = 16;

/** @throws RunError `bad-option`. */
export function kernelLimitsFrom(text: string): Partial<KernelLimits> {
  const entries = text.split(",").map((part) => {
    const [, name = "", value = ""] = /^\s*([a-z]+)=(\S+)\s*$/.exec(part) ?? [];
    const named = Object.hasOwn(LIMITS, name) ? LIMITS[name] : undefined;
    if (named === undefined)
      throw wrong(part, `write name=value, with a name among ${Object.keys(LIMITS).join(", ")}`);
    const limit = valueOf(value, named.unit);
    if (limit === null) throw wrong(part, howTo(named.unit));
    if (named.limit === "memoryMb" && limit < LEAST_MB)
      throw wrong(part, `a kernel needs ${LEAST_MB}MB or more`);
    if (named.limit === "tasks" && limit < LEAST_TASKS)
      throw wrong(part, `a kernel needs ${LEAST_TASKS} processes and threads or more`);
    return [named.limit, limit] as const;
  });
  return Object.fromEntries(entries);
}

function valueOf(text: string, unit: Named["unit"]): number | null {
  const pattern = { size: /^(\d+(?:\.\d+)?)(MB|GB|TB)$/i, count: /^(\d+)$/, seconds: /^(\d+)s$/ }[unit];
  const [, digits, scale = "MB"] = pattern.exec(text) ?? [];
  const value = Math.floor(Number(digits) * (unit === "size" ? (UNITS[scale.toUpperCase()] ?? 1) : 1));
  return digits !== undefined && value > 0 ? value : null;
}

function howTo(unit: Named["unit"]): string {
  if (unit === "size") return "write a size above 0 in MB, GB or TB";
  return unit === "seconds" ? "write whole seconds above 0, such as 600s" : "write a whole number above 0";
}

function wrong(part: string, how: string): RunError {
  return new RunError("bad-option", `--limits ${part.trim()}: ${how}. Such as --limits ${EXAMPLE}`);
}
