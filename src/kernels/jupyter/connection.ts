// Owns: what the connection of @jupyterlab/services may not do on its own account. It would reconnect (and miss
// messages), carry on with a restarted kernel, print, throw from a socket's handler at a message that it cannot
// read, and reject promises that nobody waits for. Here a break is told once, and the connection is over.
// Never sends a request.
import type { KernelMessage, ServerConnection } from "@jupyterlab/services";
import { KernelConnection } from "@jupyterlab/services";
import type { Kernel } from "@jupyterlab/services";
import { WebSocket } from "ws";

const PING_MS = 20_000;
const MESSAGE_BYTES = 256 * 2 ** 20;

/** `dead`: the server says so; it may yet say how. `broken`: the socket closed or failed. */
export type Break = { readonly kind: "dead" } | { readonly kind: "broken"; readonly reason: string };

export interface Wire {
  /** Where the socket for a URL has to go. */
  readonly address: (url: string) => string;
  /** Headers for a server that is not ours: it delays small messages until the last one is acknowledged. */
  readonly foreign?: Readonly<Record<string, string>>;
}

/** A connection that tells its end once and never tries again. Disposing of it is silent. */
export function connectQuietly(
  model: Kernel.IModel,
  settings: ServerConnection.ISettings,
  onBreak: (what: Break) => void,
  wire: Wire,
): KernelConnection {
  const broken = (reason: string): void => {
    if (connection.isDisposed) return;
    // First, so that the library's own handlers of the same event find it over and do not reconnect.
    connection.dispose();
    onBreak({ kind: "broken", reason });
  };
  const connection = silently(
    () =>
      new QuietConnection({
        model,
        serverSettings: { ...settings, WebSocket: socketClass(broken, wire) },
        handleComms: false,
      }),
  );
  connection.statusChanged.connect((_, status) => {
    if (status === "dead" || status === "restarting" || status === "autorestarting")
      onBreak({ kind: "dead" });
  });
  return connection;
}

class QuietConnection extends KernelConnection {
  /** Never `dead` or `starting`: the library prints such a status. The signal still tells it. */
  override get status(): KernelMessage.Status {
    const status = super.status;
    return status === "idle" || status === "busy" ? status : "unknown";
  }

  /** The library sends one when the socket opens and drops the promise. */
  override async requestKernelInfo(): Promise<KernelMessage.IInfoReplyMsg | undefined> {
    try {
      return await super.requestKernelInfo();
    } catch {
      return undefined; // the connection is over, and whoever waits for a request was told
    }
  }

  /** Called by the library when the server restarted the kernel: this one is over. */
  override reconnect(): Promise<void> {
    return Promise.resolve();
  }
}

type Broken = (reason: string) => void;

/** The WebSocket class for one connection. */
function socketClass(broken: Broken, { address, foreign }: Wire): typeof globalThis.WebSocket {
  class KernelSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      const headers = foreign ?? {};
      super(address(url), protocols, { maxPayload: MESSAGE_BYTES, perMessageDeflate: false, headers });
      if (foreign !== undefined) {
        // The pong carries the acknowledgement that the server waits for with its next message: 44 ms otherwise.
        this.on("message", () => this.readyState === WebSocket.OPEN && this.pong());
        keepAsking(this, broken);
      }
      this.on("error", (problem) => broken(`The connection to the kernel failed: ${problem.message}`));
      this.on("close", (code) => broken(`The connection to the kernel closed (code ${code}).`));
    }

    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (event !== "message") return super.emit(event, ...args);
      try {
        return super.emit(event, ...args);
      } catch {
        // Code in a kernel can send what is no message at all. Whoever misses one has a deadline.
        return false;
      }
    }
  }
  // `ws` is what the library itself uses outside browsers; its type lacks only what browsers add.
  return KernelSocket as unknown as typeof globalThis.WebSocket;
}

/** A network can go away without a word: whoever does not answer two pings is gone. */
function keepAsking(socket: WebSocket, broken: Broken): void {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (unanswered >= 2) {
      broken("The server does not answer any more.");
      socket.terminate();
      return;
    }
    unanswered += 1;
    socket.ping();
  }, PING_MS);
  timer.unref();
  socket.on("pong", () => (unanswered = 0));
  socket.on("message", () => (unanswered = 0));
  socket.on("close", () => clearInterval(timer));
}

/** The library announces each socket on standard output, which belongs to the program's result. */
function silently<T>(construct: () => T): T {
  const debug = console.debug;
  console.debug = () => undefined;
  try {
    return construct();
  } finally {
    console.debug = debug;
  }
}
