// Owns: a lock between processes: the process that listens on a local socket holds it, and loses it by dying.
// It saves work and nothing more: where sockets are not available, every process gets the lock.
import { rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";

export interface ProcessLock {
  end(): Promise<void>;
}

/** Longest path that every system takes for a local socket. */
const LONGEST_SOCKET_PATH = 100;

/**
 * The turn, or `waited` when another process had it and has now ended it (or died): look again before asking again.
 * `onWait` is called before the waiting begins.
 * @throws the signal's reason when aborted.
 */
export async function takeProcessLock(
  path: string,
  options: { readonly signal?: AbortSignal | undefined; readonly onWait: () => void },
): Promise<ProcessLock | "waited"> {
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) return { end: async () => {} };
  for (;;) {
    options.signal?.throwIfAborted();
    const turn = await listen(path);
    if (turn !== "taken") return turn;
    const holder = await connectTo(path);
    if (holder) {
      options.onWait();
      await waitForClose(holder, options.signal);
      return "waited";
    }
    // Its listener died without removing it. Two who see this at once may both get a turn: harmless, see above.
    await rm(path, { force: true });
  }
}

function listen(path: string): Promise<ProcessLock | "taken"> {
  return new Promise((resolve) => {
    const waiting = new Set<Socket>();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on("error", () => socket.destroy()).on("close", () => waiting.delete(socket));
    });
    server.once("error", (problem: NodeJS.ErrnoException) =>
      resolve(problem.code === "EADDRINUSE" ? "taken" : { end: async () => {} }),
    );
    server.listen(path, () => resolve({ end: () => closeServer(server, waiting) }));
  });
}

function closeServer(server: Server, waiting: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of waiting) socket.destroy();
  });
}

function connectTo(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket)).once("error", () => resolve(null));
  });
}

function waitForClose(socket: Socket, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.destroy();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    socket.resume();
    if (signal?.aborted) stop();
  });
}
