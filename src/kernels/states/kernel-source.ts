// Owns: every kernel of a pool from its start to its end, and the one that is started ahead of need. Never knows what
// state a kernel holds or who uses it.
import { KernelLost, messageOf, RunError } from "../../core/errors.ts";
import { callKernelHelper } from "../jupyter/kernel-helper.ts";
import { waitFor } from "../../machine/deadline.ts";
import { FolderContested } from "../../machine/files/porter.ts";
import type { Area, JupyterServer, LiveKernel } from "../jupyter/contracts.ts";
import { startKernel } from "../jupyter/live-kernel.ts";
import type { ServerKeeper } from "../jupyter/server-keeper.ts";
import type { Preload } from "./preload.ts";

/** Half a second when the machine is idle; a minute when it is not. */
const START_MS = 60_000;
/** 0.1 s when the machine is idle. A fork that takes longer than this is no gain: it is replayed. */
const FORK_MS = 8_000;
/** The kernel that was started ahead, and others. */
const FRESH_TRIES = 4;
/** Why nothing is forked again from where a hung kernel came from. */
export const HUNG = "a kernel that was forked after it hung";

/** Empties or fills a workspace where a kernel can write; its path as the kernel sees it. */
export type MakeDirectory = (area: Area) => Promise<string>;

export class KernelSource {
  readonly #servers: ServerKeeper;
  /** Kernels that are not known to be gone. */
  readonly #kernels = new Set<LiveKernel>();
  /** An empty kernel for the next request. */
  #spare: Promise<LiveKernel> | null = null;
  readonly #preload: Preload;
  #closed = false;

  constructor(servers: ServerKeeper, preload: Preload) {
    this.#servers = servers;
    this.#preload = preload;
  }

  /** The server that the next kernel would start on. @throws RunError `kernel-unavailable`. */
  server(): Promise<JupyterServer> {
    return this.#servers.now();
  }

  /**
   * A kernel forked from a template, in a directory as it sees it.
   * @throws KernelLost, or what the server says; the signal's reason.
   */
  async fork(
    { server, name }: { readonly server: JupyterServer; readonly name: string },
    area: Area,
    directory: string,
    signal: AbortSignal,
  ): Promise<LiveKernel> {
    const starting = startKernel(server, { name, area }, directory).then((kernel) => this.#adopt(kernel));
    return this.#enterWhenStarted(starting, async () => directory, signal, FORK_MS);
  }

  /**
   * An empty kernel that works in the directory that is made for it where it can write.
   * @throws RunError `kernel-unavailable`; FolderContested; the signal's reason.
   */
  async fresh(makeDirectory: MakeDirectory, signal: AbortSignal): Promise<LiveKernel> {
    let failure: unknown;
    let remedy = "";
    // The kernel that was started ahead may have died since, or the server during a start: neither is a reason to give up.
    for (let tries = 0; tries < FRESH_TRIES; tries += 1) {
      const server = await waitFor(this.#servers.now(), START_MS, signal);
      signal.throwIfAborted();
      if (server.how !== "settled")
        throw new RunError("kernel-unavailable", "The Jupyter server does not start.");
      try {
        const starting = this.#takeSpare() ?? this.#start(server.value);
        const kernel = await this.#enterWhenStarted(starting, makeDirectory, signal);
        this.startAhead();
        return kernel;
      } catch (problem) {
        signal.throwIfAborted();
        // Another kernel would find the folder no better.
        if (problem instanceof FolderContested) throw problem;
        failure = problem;
        remedy = server.value.remedy();
        // A server that still runs will not do better the next time.
        if (tries > 0 && server.value.running()) break;
      }
    }
    throw new RunError("kernel-unavailable", `No kernel could be started: ${messageOf(failure)}. ${remedy}`, {
      cause: failure,
    });
  }

  /** Starts a kernel for the next request, unless there is one. */
  startAhead(): void {
    if (this.#spare !== null || this.#closed) return;
    this.#spare = this.#servers.now().then((server) => this.#start(server));
    // Its error is thrown to the request that takes it.
    this.#spare.catch(() => undefined);
  }

  /** Resolves when its process is gone. */
  async end(kernel: LiveKernel, reason: string): Promise<void> {
    await kernel.kill(reason);
    this.#kernels.delete(kernel);
  }

  /** Gives every kernel up; their processes end with the server. */
  close(reason: string): void {
    this.#closed = true;
    for (const kernel of this.#kernels) void kernel.kill(reason);
  }

  #takeSpare(): Promise<LiveKernel> | null {
    const spare = this.#spare;
    this.#spare = null;
    return spare;
  }

  async #start(server: JupyterServer): Promise<LiveKernel> {
    const kernel = await this.#adopt(await startKernel(server, await server.newKernel()));
    await this.#preload(kernel);
    return kernel;
  }

  async #adopt(kernel: LiveKernel): Promise<LiveKernel> {
    this.#kernels.add(kernel);
    if (this.#closed) await this.end(kernel, "The pool is closed.");
    return kernel;
  }

  /** The kernel once it has started and works in the directory; it is ended when that fails. */
  async #enterWhenStarted(
    starting: Promise<LiveKernel>,
    makeDirectory: MakeDirectory,
    signal: AbortSignal,
    limitMs = START_MS,
  ): Promise<LiveKernel> {
    const started = await waitFor(starting, limitMs, signal);
    if (started.how !== "settled") {
      void starting.then((late) => this.end(late, "It came too late.")).catch(() => undefined);
      signal.throwIfAborted();
      throw new KernelLost(`it did not start within ${limitMs / 1000} s`);
    }
    try {
      await enterDirectory(started.value, await makeDirectory(started.value.area), signal, limitMs);
      return started.value;
    } catch (problem) {
      void this.end(started.value, "It did not answer.");
      throw problem;
    }
  }
}

/** @throws KernelLost unless the kernel works in the directory now; the signal's reason when aborted. */
export async function enterDirectory(
  kernel: LiveKernel,
  directory: string,
  signal: AbortSignal,
  limitMs = START_MS,
): Promise<void> {
  const answer = await callKernelHelper(kernel, "enter", directory, { timeoutMs: limitMs, signal });
  if (answer.how === "timeout") throw new KernelLost(`it did not answer within ${limitMs / 1000} s`);
  if (answer.how === "failed") throw new KernelLost(`it cannot work in ${directory}: ${answer.message}`);
}
