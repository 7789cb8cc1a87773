// Owns: the connection to one kernel, without what the one of @jupyterlab/services would do on its own. That one would
// reconnect (and miss messages), carry on with a restarted kernel, print, throw in a socket's handler at a message that
// it cannot read, and reject promises that no one awaits. Here an end is reported once. Never sends a request.
import type { KernelMessage, ServerConnection } from "@jupyterlab/services";
import { KernelConnection } from "@jupyterlab/services";
import type { Kernel } from "@jupyterlab/services";
import { WebSocket } from "ws";
import { startLimit } from "../../time-limit.ts";

const PING_MS = 20_000;
const MESSAGE_BYTES = 256 * 2 ** 20;

/** `dead`: the server says so, and may still say how. `broken`: the socket closed or failed. */
export type ConnectionEnd = { readonly kind: "dead" } | { readonly kind: "broken"; readonly reason: string };

export interface SocketOptions {
  /** Where the socket for a URL has to go. */
  readonly address: (url: string) => string;
  /** Given for a server that is not ours: it delays small messages until the last one is acknowledged. */
  readonly remoteHeaders: Readonly<Record<string, string>> | undefined;
}

/** A connection that reports its end once and never tries again. Disposing of it reports nothing. */
export function openConnection(
  model: Kernel.IModel,
  settings: ServerConnection.ISettings,
  onEnd: (end: ConnectionEnd) => void,
  socket: SocketOptions,
): KernelConnection {
  const onBroken: OnBroken = (reason) => {
    if (connection.isDisposed) return;
    // First, so that the library's own handlers of the same event find it disposed and do not reconnect.
    connection.dispose();
    onEnd({ kind: "broken", reason });
  };
  const connection = runSilently(
    () =>
      new QuietConnection({
        model,
        serverSettings: { ...settings, WebSocket: socketClass(onBroken, socket) },
        handleComms: false,
      }),
  );
  connection.statusChanged.connect((_, status) => {
    if (status === "dead" || status === "restarting" || status === "autorestarting") onEnd({ kind: "dead" });
  });
  return connection;
}

class QuietConnection extends KernelConnection {
  /** Never `dead` or `starting`: the library prints such a status. The signal still carries it. */
  override get status(): KernelMessage.Status {
    const status = super.status;
    return status === "idle" || status === "busy" ? status : "unknown";
  }

  /** The library sends one when the socket opens and drops the promise. */
  override async requestKernelInfo(): Promise<KernelMessage.IInfoReplyMsg | undefined> {
    try {
      return await super.requestKernelInfo();
    } catch {
      return undefined; // the connection is over, and every pending request was rejected
    }
  }

  /** Called by the library when the server restarted the kernel: this one is over. */
  override reconnect(): Promise<void> {
    return Promise.resolve();
  }
}

type OnBroken = (reason: string) => void;

/** The WebSocket class for one connection. */
function socketClass(
  onBroken: OnBroken,
  { address, remoteHeaders }: SocketOptions,
): typeof globalThis.WebSocket {
  class KernelSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      const headers = remoteHeaders ?? {};
      super(address(url), protocols, { maxPayload: MESSAGE_BYTES, perMessageDeflate: false, headers });
      if (remoteHeaders !== undefined) {
        // The pong carries the acknowledgement that the server waits for with its next message: 44 ms otherwise.
        this.on("message", () => this.readyState === WebSocket.OPEN && this.pong());
        keepPinging(this, onBroken);
      }
      this.on("error", (problem) => onBroken(`The connection to the kernel failed: ${problem.message}`));
      this.on("close", (code) => onBroken(`The connection to the kernel closed (code ${code}).`));
    }

    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (event !== "message") return super.emit(event, ...args);
      try {
        return super.emit(event, ...args);
      } catch {
        // Code in a kernel can send what is no message at all. A request that misses one has a deadline.
        return false;
      }
    }
  }
  // `ws` is what the library itself uses outside browsers; its type lacks only what browsers add.
  return KernelSocket as unknown as typeof globalThis.WebSocket;
}

/** A network can go away silently: a server that does not answer two pings is gone. */
function keepPinging(socket: WebSocket, onBroken: OnBroken): void {
  let unanswered = 0;
  const ping = (): void => {
    if (socket.readyState === WebSocket.OPEN && unanswered >= 2) {
      onBroken("The server does not answer any more.");
      socket.terminate();
      return;
    }
    if (socket.readyState === WebSocket.OPEN) {
      unanswered += 1;
      socket.ping();
    }
    pinging.restart();
  };
  const pinging = startLimit(PING_MS, ping, false);
  socket.on("pong", () => (unanswered = 0));
  socket.on("message", () => (unanswered = 0));
  socket.on("close", () => pinging[Symbol.dispose]());
}

/** The library announces each socket on standard output, which belongs to the program's result. */
function runSilently<T>(construct: () => T): T {
  const debug = console.debug;
  console.debug = () => undefined;
  try {
    return construct();
  } finally {
    console.debug = debug;
  }
}
