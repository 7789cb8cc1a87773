// Owns: every kernel of a pool, from its start to its end, and the one that is started ahead. Never knows what state
// a kernel holds or who uses it.
import { KernelLost, messageOf, RunError } from "../core/errors.ts";
import { callBeside } from "./beside.ts";
import { waitFor } from "./deadline.ts";
import type { JupyterServer } from "./jupyter-server.ts";
import type { LiveKernel } from "./live-kernel.ts";
import { startKernel } from "./live-kernel.ts";
import type { ServerKeeper } from "./server-keeper.ts";

/** Half a second when the machine is idle; a minute when it is not. */
const START_MS = 60_000;

export class KernelSource {
  readonly #servers: ServerKeeper;
  /** Those that are not known to be gone. */
  readonly #kernels = new Set<LiveKernel>();
  /** An empty kernel for whoever comes next. */
  #spare: Promise<LiveKernel> | null = null;
  #closed = false;

  constructor(servers: ServerKeeper) {
    this.#servers = servers;
  }

  /** An empty kernel that works in the directory. @throws RunError `kernel-unavailable`; the signal's reason. */
  async fresh(directory: string, signal: AbortSignal): Promise<LiveKernel> {
    const server = await waitFor(this.#servers.now(), START_MS, signal);
    signal.throwIfAborted();
    if (server.how !== "settled")
      throw new RunError("kernel-unavailable", "The Jupyter server does not start.");
    let failure: unknown;
    // What was started ahead may have died since: that alone is no reason to give up.
    for (const kernel of [this.#takeSpare(), () => this.#start(server.value)]) {
      if (kernel === null) continue;
      try {
        const working = await this.#working(kernel(), directory, signal);
        this.startAhead();
        return working;
      } catch (problem) {
        signal.throwIfAborted();
        failure = problem;
      }
    }
    throw new RunError(
      "kernel-unavailable",
      `No kernel could be started: ${messageOf(failure)}. Run \`nbevolve doctor\` to see what is missing. ` +
        `The end of the server's log:\n${server.value.log()}`,
      { cause: failure },
    );
  }

  /** Starts a kernel for whoever comes next, unless there is one. */
  startAhead(): void {
    if (this.#spare !== null || this.#closed) return;
    this.#spare = this.#servers.now().then((server) => this.#start(server));
    // Whoever takes it learns what went wrong; until then it is nobody's error.
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

  #takeSpare(): (() => Promise<LiveKernel>) | null {
    const spare = this.#spare;
    this.#spare = null;
    return spare === null ? null : () => spare;
  }

  async #start(server: JupyterServer): Promise<LiveKernel> {
    const kernel = await startKernel(server, "");
    this.#kernels.add(kernel);
    if (this.#closed) await this.end(kernel, "The pool is closed.");
    return kernel;
  }

  /** The kernel, working in the directory; ended when that cannot be had. */
  async #working(starting: Promise<LiveKernel>, directory: string, signal: AbortSignal): Promise<LiveKernel> {
    const started = await waitFor(starting, START_MS, signal);
    if (started.how !== "settled") {
      void starting.then((late) => this.end(late, "It came too late.")).catch(() => undefined);
      signal.throwIfAborted();
      throw new KernelLost(`it did not start within ${START_MS / 1000} s`);
    }
    try {
      await enter(started.value, directory, signal);
      return started.value;
    } catch (problem) {
      void this.end(started.value, "It did not answer.");
      throw problem;
    }
  }
}

/** @throws KernelLost unless the kernel works in the directory now; the signal's reason when aborted. */
export async function enter(kernel: LiveKernel, directory: string, signal: AbortSignal): Promise<void> {
  const answer = await callBeside(kernel, "enter", directory, { timeoutMs: START_MS, signal });
  if (answer.how === "timeout") throw new KernelLost(`it did not answer within ${START_MS / 1000} s`);
  if (answer.how === "failed") throw new KernelLost(`it cannot work in ${directory}: ${answer.message}`);
}
