// Owns: what a kernel pool is opened with, its defaults, and what it reports. No type of Jupyter's is used here, so that
// a program that uses the public types needs none of them.
import { totalmem } from "node:os";
import { manyOf, objectOf, OPTION, whole, type OptionKinds } from "../core/options.ts";
import { type KernelLimits, LIMIT_OPTIONS } from "../machine/sandbox/limits.ts";
import { SANDBOX_OPTIONS, type SandboxOptions } from "../machine/sandbox/sandbox.ts";
import { REMOTE_OPTIONS, type RemoteOptions } from "./remote/remote-address.ts";

/** Where kernels run, and what they may do. */
export interface JupyterKernelsOptions extends SandboxOptions {
  /** What `findPython` gives; only the interpreter is used. */
  readonly python: { readonly python: string };
  /** Made when it is missing; each lease has a directory in it. */
  readonly workspacesDir: string;
  /** Stops the start only. */
  readonly signal?: AbortSignal | undefined;
  /** Number of idle live kernels that are kept for a lease from exactly their state. Default 4. */
  readonly keepLive?: number | undefined;
  readonly outputLimits?: Partial<OutputLimits> | undefined;
  /** Keeps checkpoints as frozen processes from which children are forked. Default: on Linux; elsewhere cells are run again. */
  readonly fork?: boolean | undefined;
  readonly templates?: Partial<TemplateLimits> | undefined;
  /** Keeps states that take long to run again as files, which survive this process and a restart of the machine. */
  readonly durable?: DurableOptions | undefined;
  /** Cells whose imports are loaded into fresh kernels ahead of time. Only where kernels are forked. */
  readonly preload?: readonly string[] | undefined;
  /** Only where there is a sandbox. */
  readonly limits?: Partial<KernelLimits> | undefined;
  /** For a status view; called synchronously, must not throw. */
  readonly onEvent?: ((event: KernelEvent) => void) | undefined;
  /** A Jupyter server that runs already, here or elsewhere. There is no sandbox around it, and nothing is forked there. */
  readonly server?: RemoteOptions | undefined;
}

/** Something about kernels that people should hear of. */
export type KernelEvent =
  | { readonly type: "server-started"; readonly durationMs: number }
  /** The next lease starts another one. */
  | { readonly type: "server-lost"; readonly reason: string }
  /** What this machine cannot refuse to forked kernels. */
  | { readonly type: "isolation-gap"; readonly reason: string }
  /** Code in the sandbox tried to reach `target`, `host:port`, which is not allowed. */
  | { readonly type: "network-refused"; readonly target: string; readonly reason: string }
  /** From now on fresh kernels begin with these modules loaded. */
  | { readonly type: "preloaded"; readonly modules: readonly string[]; readonly durationMs: number }
  /** Fresh kernels load what they need by themselves. */
  | { readonly type: "not-preloaded"; readonly reason: string };

/** What one cell may leave in the notebook. Characters are UTF-16 units; of an image, those of its base64 text. */
export interface OutputLimits {
  /** Printed text in all; and as much again in displays. Default 10,000,000. */
  readonly textChars: number;
  /** Default 20,000,000. */
  readonly imageChars: number;
  /** Number of displays and results. Default 1,000. */
  readonly displays: number;
  /** An error's message; and its traceback. Default 500,000. */
  readonly errorChars: number;
}

export const OUTPUT_LIMITS: OutputLimits = {
  textChars: 10_000_000,
  imageChars: 20_000_000,
  displays: 1_000,
  errorChars: 500_000,
};

/** What frozen kernels, from which others are forked, may take together. */
export interface TemplateLimits {
  /** Number of frozen processes. Default 24. */
  readonly count: number;
  /** Memory that all of them together have for themselves. Default: a quarter of the machine's memory, at most 8 GB. */
  readonly bytes: number;
}

export const TEMPLATE_LIMITS: TemplateLimits = { count: 24, bytes: Math.min(8 * 2 ** 30, totalmem() / 4) };

export interface DurableLimits {
  /** What one state may add to the files that are kept already. Default 2 GB. */
  readonly stateBytes: number;
  /** All states of a run. Beyond, those that were not used for longest go first. Default 16 GB. */
  readonly runBytes: number;
}

/** Where kernel states are kept that are slow to make again. */
export interface DurableOptions extends Partial<DurableLimits> {
  /** Made when it is missing; best on the file system of the workspaces. */
  readonly dir: string;
  /** A state that is had again in less time, from the nearest kept one, is not kept; in milliseconds. Default 5000. */
  readonly worthMs?: number | undefined;
}

export const DURABLE_LIMITS: DurableLimits = { stateBytes: 2 * 2 ** 30, runBytes: 16 * 2 ** 30 };

/** All but where the kernels lie and what runs them. */
export const KERNEL_OPTIONS: OptionKinds<Omit<JupyterKernelsOptions, "python" | "workspacesDir" | "signal">> =
  {
    ...SANDBOX_OPTIONS,
    keepLive: whole(0),
    outputLimits: objectOf<OutputLimits>({
      textChars: whole(0),
      imageChars: whole(0),
      displays: whole(0),
      errorChars: whole(0),
    }),
    fork: OPTION.flag,
    templates: objectOf<TemplateLimits>({ count: whole(0), bytes: OPTION.number }),
    durable: objectOf<DurableOptions>(
      {
        dir: OPTION.text,
        stateBytes: OPTION.number,
        runBytes: OPTION.number,
        worthMs: OPTION.number,
      },
      ["dir"],
    ),
    preload: manyOf(OPTION.any, "cells"),
    limits: objectOf(LIMIT_OPTIONS),
    onEvent: OPTION.callback,
    server: objectOf(REMOTE_OPTIONS, ["url"]),
  };

export const POOL_OPTIONS: OptionKinds<JupyterKernelsOptions> = {
  ...KERNEL_OPTIONS,
  python: OPTION.record,
  workspacesDir: OPTION.text,
  signal: OPTION.signal,
};
