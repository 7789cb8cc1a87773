// Owns: one kernel on a server and the one connection to it. Knows when it is lost and never waits for what cannot
// come any more. Never knows what a cell, a recipe or a workspace is.
import type { KernelConnection } from "@jupyterlab/services";
import { KernelAPI, ServerConnection } from "@jupyterlab/services";
import { deferred } from "../../core/deferred.ts";
import { KernelLost } from "../../core/errors.ts";
import { waitFor } from "../../machine/deadline.ts";
import type {
  ExecuteContent,
  ExitStatus,
  IOPubMessage,
  JupyterServer,
  LiveKernel,
  Reply,
} from "./contracts.ts";
import { LastWord } from "./request-end.ts";
import type { Break } from "./connection.ts";
import { connectQuietly } from "./connection.ts";

/** The server waits 1 s for a kernel to end by itself, then kills it. */
const SHUTDOWN_MS = 10_000;
const INTERRUPT_MS = 5_000;
/** Between the news of a death on one way and on the other. */
const NEWS_MS = 500;
const HUNG = "The forked kernel hung: a library waits for a thread that does not survive a fork.";

/**
 * @throws what the server says, or that it did not answer.
 * @param path the working directory, below the server's root
 * @param kind what the server is to start; default: a plain fresh kernel
 */
export async function startKernel(
  server: JupyterServer,
  path: string,
  kind = server.kernelName,
): Promise<LiveKernel> {
  // The library's type lacks the path that its own documentation names.
  const wanted: { readonly name: string; readonly path: string } = { name: kind, path };
  const { id, name } = await KernelAPI.startNew(wanted, server.settings);
  const kernel = new ConnectedKernel(server, id, name);
  if (server.remote === undefined) return kernel;
  try {
    await server.remote.prepare(kernel);
    return kernel;
  } catch (problem) {
    await kernel.kill("It could not be prepared.");
    throw problem;
  }
}

class ConnectedKernel implements LiveKernel {
  readonly id: string;
  readonly #server: JupyterServer;
  readonly #connection: KernelConnection;
  /** Requests that are under way: told at once when the kernel is lost. */
  readonly #underWay = new Set<(lost: KernelLost) => void>();
  readonly #watchNoMore: () => void;
  #reason: string | null = null;
  /** How its process ended, when the server said so. */
  #exit: string | null = null;
  /** The session of the process that answers. Another session is another kernel under the same id. */
  #generation: string | null = null;
  #ending: Promise<void> | undefined;

  constructor(server: JupyterServer, id: string, name: string) {
    this.id = id;
    this.#server = server;
    this.#connection = connectQuietly({ id, name }, server.settings, (what) => this.#onBreak(what), {
      address: server.address,
      ...(server.remote && { foreign: server.remote.headers }),
    });
    this.#watchNoMore = server.onExit(id, (status) => this.#onExit(status));
  }

  lost(): string | null {
    return this.#reason;
  }

  hung(): boolean {
    return this.#reason === HUNG;
  }

  async request(content: ExecuteContent, onMessage: (message: IOPubMessage) => void): Promise<Reply> {
    if (this.#reason !== null) throw new KernelLost(this.#reason);
    const future = this.#connection.requestExecute({ allow_stdin: false, stop_on_error: false, ...content });
    const { promise, resolve, reject } = deferred<Reply>();
    const lastWord = new LastWord(resolve);
    future.onIOPub = (message) => {
      lastWord.heard(message);
      onMessage(message);
    };
    future.onReply = (message) => {
      this.#checkGeneration(message.header.session);
      lastWord.replied(message.content);
    };
    // A future that the library gives up is a loss, and a loss is told with its reason: by `reject`.
    future.done.then((message) => resolve(message.content)).catch(() => undefined);
    this.#underWay.add(reject);
    try {
      return await promise;
    } finally {
      this.#underWay.delete(reject);
      lastWord.stop();
      future.dispose();
    }
  }

  async interrupt(): Promise<void> {
    if (this.#reason !== null) return;
    // A kernel that just died cannot be interrupted; its death is told in its own way.
    await waitFor(KernelAPI.interruptKernel(this.id, this.#server.settings), INTERRUPT_MS).catch(
      () => undefined,
    );
  }

  async kill(reason: string): Promise<void> {
    this.#markLost(reason);
    await (this.#ending ??= this.#shutDown());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill("The kernel was given back.");
  }

  #checkGeneration(session: string): void {
    this.#generation ??= session;
    if (session !== this.#generation) this.#markLost("The kernel was restarted: its state is gone.");
  }

  /** The server may yet tell how the process ended. */
  #onBreak(what: Break): void {
    const words = what.kind === "dead" ? "The kernel's process ended." : what.reason;
    if (this.#exit !== null) this.#markLost(this.#exit);
    else setTimeout(() => this.#markLost(this.#exit ?? words), NEWS_MS);
  }

  /** The connection may yet deliver what the kernel said before. */
  #onExit(status: ExitStatus): void {
    const words = endedBy(status);
    this.#exit = words;
    if (this.#connection.isDisposed) this.#markLost(words);
    else setTimeout(() => this.#markLost(words), NEWS_MS);
  }

  #markLost(reason: string): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#watchNoMore();
    for (const reject of this.#underWay) reject(new KernelLost(reason));
    this.#connection.dispose();
  }

  async #shutDown(): Promise<void> {
    if (!this.#server.running()) return;
    const { settings } = this.#server;
    const url = `${settings.baseUrl}api/kernels/${encodeURIComponent(this.id)}`;
    const gone = ServerConnection.makeRequest(url, { method: "DELETE" }, settings);
    // When the server itself is ending, its guard ends the kernel.
    await waitFor(gone, SHUTDOWN_MS).catch(() => undefined);
  }
}

function endedBy(status: ExitStatus): string {
  if (status === null) return "The kernel's process ended.";
  if (typeof status === "object") return `The kernel was ended: ${status.limit}.`;
  if (status === "hung") return HUNG;
  if (status === -9)
    return "The kernel's process was killed (signal 9; out of memory, or killed by someone).";
  if (status < 0) return `The kernel's process was ended by signal ${-status}.`;
  return `The kernel's process exited by itself (exit code ${status}).`;
}
