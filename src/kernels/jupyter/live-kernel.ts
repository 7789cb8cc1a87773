// Owns: one kernel on a server and the only connection to it. Knows when it is lost, and never waits for what cannot
// come any more. Never knows what a cell, a recipe or a workspace is.
import type { KernelConnection } from "@jupyterlab/services";
import { KernelAPI, ServerConnection } from "@jupyterlab/services";
import { newDeferred } from "../../core/deferred.ts";
import { KernelLost } from "../../core/errors.ts";
import { recordOf } from "../../core/untrusted.ts";
import { waitFor } from "../../machine/deadline.ts";
import { startLimit } from "../../time-limit.ts";
import type {
  Area,
  ExecuteContent,
  ExitStatus,
  IOPubMessage,
  JupyterServer,
  LiveKernel,
  NewKernel,
  Reply,
} from "./contracts.ts";
import { RequestEnd } from "./request-end.ts";
import type { ConnectionEnd } from "./connection.ts";
import { openConnection } from "./connection.ts";

/** The server waits 1 s for a kernel to end by itself, then kills it. */
const SHUTDOWN_MS = 10_000;
const INTERRUPT_MS = 5_000;
/** A death is reported by the server and by the connection, up to this much apart. */
const SECOND_REPORT_MS = 500;
/** What is shown where it is shown. */
const SHOWN: ReadonlySet<string> = new Set(["stream", "display_data", "error"]);
const HUNG = "The forked kernel hung: a library waits for a thread that does not survive a fork.";

/**
 * Starts a kernel and connects to it.
 * @throws what the server says, or that it did not answer.
 * @param directory where it begins, as it sees it; of a fresh kernel, its server decides
 */
export async function startKernel(
  server: JupyterServer,
  { name, area }: NewKernel,
  directory = "",
): Promise<LiveKernel> {
  // The library's type lacks the path that its own documentation names.
  const wanted: { readonly name: string; readonly path: string } = { name, path: directory };
  const model = await KernelAPI.startNew(wanted, server.settings);
  const kernel = new ConnectedKernel(server, model.id, model.name, area);
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
  readonly area: Area;
  readonly #server: JupyterServer;
  readonly #connection: KernelConnection;
  /** Rejects each request that is under way, at once when the kernel is lost. */
  readonly #pending = new Set<(lost: KernelLost) => void>();
  /** Ids of those requests. */
  readonly #open = new Set<string>();
  readonly #stopWatching: () => void;
  #reason: string | null = null;
  /** How its process ended, when the server said so. */
  #exit: string | null = null;
  /** The session of the process that answers. Another session means another kernel under the same id. */
  #generation: string | null = null;
  #shutdown: Promise<void> | undefined;

  constructor(server: JupyterServer, id: string, name: string, area: Area) {
    this.id = id;
    this.area = area;
    this.#server = server;
    this.#connection = openConnection({ id, name }, server.settings, (end) => this.#onEnd(end), {
      address: server.address,
      remoteHeaders: server.remote?.headers,
    });
    this.#stopWatching = server.onExit(id, (status) => this.#onExit(status));
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
    const { promise, resolve, reject } = newDeferred<Reply>();
    const end = new RequestEnd(resolve);
    future.onIOPub = (message) => {
      end.heard(message);
      onMessage(message);
    };
    const id = future.msg.header.msg_id;
    // Updates of a display go to the request that showed it alone, which may be over; what a task that an earlier request
    // began shows goes to that one.
    const onOther = (_: unknown, message: IOPubMessage): void => {
      const parent = recordOf(message.parent_header)["msg_id"];
      const type = message.header.msg_type;
      const isLate = SHOWN.has(type) && typeof parent === "string" && !this.#open.has(parent);
      if (parent === id ? type === "update_display_data" : isLate) onMessage(message);
    };
    this.#open.add(id);
    this.#connection.iopubMessage.connect(onOther);
    future.onReply = (message) => {
      this.#checkGeneration(message.header.session);
      end.replied(message.content);
    };
    // A future that the library gives up means that the kernel is lost, and `reject` says that with its reason.
    future.done.then((message) => resolve(message.content)).catch(() => undefined);
    this.#pending.add(reject);
    try {
      return await promise;
    } finally {
      this.#pending.delete(reject);
      end.stop();
      this.#open.delete(id);
      this.#connection.iopubMessage.disconnect(onOther);
      future.dispose();
    }
  }

  async interrupt(): Promise<void> {
    if (this.#reason !== null) return;
    // A kernel that just died cannot be interrupted; its death is reported separately.
    await waitFor(KernelAPI.interruptKernel(this.id, this.#server.settings), INTERRUPT_MS).catch(
      () => undefined,
    );
    // A stock kernel that awaits notices it when it is spoken to.
    if (this.#server.remote !== undefined) void this.#connection.requestKernelInfo();
  }

  async kill(reason: string): Promise<void> {
    this.#markLost(reason);
    await (this.#shutdown ??= this.#shutDown());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill("The kernel was given back.");
  }

  #checkGeneration(session: string): void {
    this.#generation ??= session;
    if (session !== this.#generation) this.#markLost("The kernel was restarted: its state is gone.");
  }

  /** The server may still report how the process ended. */
  #onEnd(end: ConnectionEnd): void {
    const words = end.kind === "dead" ? "The kernel's process ended." : end.reason;
    if (this.#exit !== null) this.#markLost(this.#exit);
    else startLimit(SECOND_REPORT_MS, () => this.#markLost(this.#exit ?? words));
  }

  /** The connection may still deliver what the kernel sent before. */
  #onExit(status: ExitStatus): void {
    const words = describeExit(status);
    this.#exit = words;
    if (this.#connection.isDisposed) this.#markLost(words);
    else startLimit(SECOND_REPORT_MS, () => this.#markLost(words));
  }

  #markLost(reason: string): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#stopWatching();
    for (const reject of this.#pending) reject(new KernelLost(reason));
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

function describeExit(status: ExitStatus): string {
  if (status === null) return "The kernel's process ended.";
  if (typeof status === "object") return `The kernel was ended: ${status.limit}.`;
  if (status === "hung") return HUNG;
  if (status === -9)
    return "The kernel's process was killed (signal 9; out of memory, or killed by someone).";
  if (status < 0) return `The kernel's process was ended by signal ${-status}.`;
  return `The kernel's process exited by itself (exit code ${status}).`;
}
