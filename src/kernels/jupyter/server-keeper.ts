// Owns: keeping one Jupyter server running while the pool is open: when it is gone, the next request starts another.
// Never starts a kernel.
import { RunError } from "../../core/errors.ts";
import type { KernelEvent } from "../kernel-options.ts";
import type { JupyterServer } from "./contracts.ts";
import type { JupyterServerOptions } from "./jupyter-server.ts";

/** Starts a server, or connects to one. */
export type StartServer = (
  options: Pick<JupyterServerOptions, "signal" | "onRefusal">,
) => Promise<JupyterServer>;

export class ServerKeeper implements AsyncDisposable {
  readonly #startServer: StartServer;
  readonly #onEvent: (event: KernelEvent) => void;
  #server: Promise<JupyterServer> | null = null;
  #closed = false;

  constructor(start: StartServer, onEvent: (event: KernelEvent) => void) {
    this.#startServer = start;
    this.#onEvent = onEvent;
  }

  /** The running server. `signal` stops a start. @throws RunError `kernel-unavailable`; the signal's reason. */
  async now(signal?: AbortSignal): Promise<JupyterServer> {
    if (this.#closed) throw new RunError("kernel-unavailable", "The kernel pool is closed.");
    const asked = this.#server;
    const current = await asked?.catch(() => null);
    if (current?.running() === true) return current;
    // An earlier caller may have started the next one while this call waited.
    if (this.#server === asked) this.#server = this.#start(current ?? null, signal);
    return this.#server ?? this.now(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const server = await this.#server?.catch(() => null);
    await server?.[Symbol.asyncDispose]();
  }

  async #start(last: JupyterServer | null, signal?: AbortSignal): Promise<JupyterServer> {
    await last?.[Symbol.asyncDispose]();
    const began = performance.now();
    const server = await this.#startServer({
      onRefusal: (refusal) => this.#onEvent({ type: "network-refused", ...refusal }),
      signal,
    });
    this.#onEvent({ type: "server-started", durationMs: performance.now() - began });
    if (server.gap !== null) this.#onEvent({ type: "isolation-gap", reason: server.gap });
    void this.#reportEnd(server);
    return server;
  }

  async #reportEnd(server: JupyterServer): Promise<void> {
    const { ended, message } = await server.ended;
    if (!this.#closed) this.#onEvent({ type: "server-lost", reason: `${ended} ${message}`.trim() });
  }
}
