// Owns: one Jupyter Server, its private folder and its token. Never talks to a kernel: see live-kernel.ts.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ServerConnection } from "@jupyterlab/services";
import { RunError } from "../core/errors.ts";
import { waitFor } from "./deadline.ts";
import type { Ended, GuardedProcess } from "./guarded-process.ts";
import { spawnGuarded } from "./guarded-process.ts";
import { kernelEnvironment } from "./kernel-environment.ts";

/** How long one REST request may take. Starting a kernel is the slowest: 0.1 s when the machine is idle. */
const REQUEST_MS = 60_000;
const START_MS = 60_000;
/** A unix socket's path may have 103 characters on macOS, 107 on Linux; what we and Jupyter add takes 65. */
const LONGEST_TEMPORARY_DIR = 36;
const LOG_CHARS = 16_000;

export interface JupyterServerOptions {
  readonly python: string;
  /** Kernels start here or below. */
  readonly rootDir: string;
  readonly signal?: AbortSignal;
}

export interface JupyterServer extends AsyncDisposable {
  /** For @jupyterlab/services; every request made with them has a deadline. */
  readonly settings: ServerConnection.ISettings;
  readonly rootDir: string;
  readonly ended: Promise<Ended>;
  /** False from the moment when it is known that the process ended. */
  running(): boolean;
  /**
   * Settles once the server saw a kernel's process end that nobody asked to: an exit code, minus the number of a
   * signal, or null when neither is known. Never rejects; mostly never settles.
   */
  exitOf(kernelId: string): Promise<number | null>;
  /** The last lines that it wrote to its log. */
  log(): string;
}

interface Announced {
  readonly port: number;
}

/** @throws RunError `kernel-unavailable`; the signal's reason when aborted. Nothing is left behind then. */
export async function startJupyterServer(options: JupyterServerOptions): Promise<JupyterServer> {
  options.signal?.throwIfAborted();
  const privateDir = await mkdtemp(join(shortTemporaryDir(), "nbe-"));
  const server = spawnGuarded({
    python: options.python,
    command: [options.python, "-m", "nbevolve_beside.server"],
    cwd: options.rootDir,
    env: kernelEnvironment(privateDir),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const log = keepTail(server.stderr);
  const dispose = async (): Promise<void> => {
    await server.kill();
    await rm(privateDir, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const token = randomBytes(24).toString("hex");
    const exits = new Exits();
    const announced = listen(server.stdout, exits);
    server.stdin?.on("error", () => undefined); // a server that cannot start is reported by its end
    server.stdin?.end(`${JSON.stringify({ token, root_dir: options.rootDir, private_dir: privateDir })}\n`);
    const { port } = await firstWord(server, announced, log, options.signal);
    return running(server, { port, token, rootDir: options.rootDir, exits, log, dispose });
  } catch (problem) {
    await dispose();
    throw problem;
  }
}

function running(
  server: GuardedProcess,
  known: {
    readonly port: number;
    readonly token: string;
    readonly rootDir: string;
    readonly exits: Exits;
    readonly log: () => string;
    readonly dispose: () => Promise<void>;
  },
): JupyterServer {
  let runs = true;
  const ended = server.ended.then((end) => {
    runs = false;
    return end;
  });
  let disposed: Promise<void> | undefined;
  return {
    settings: settingsFor(known.port, known.token),
    rootDir: known.rootDir,
    ended,
    running: () => runs,
    exitOf: (kernelId) => known.exits.of(kernelId),
    log: known.log,
    [Symbol.asyncDispose]: () => {
      runs = false;
      return (disposed ??= known.dispose());
    },
  };
}

function settingsFor(port: number, token: string): ServerConnection.ISettings {
  return ServerConnection.makeSettings({
    baseUrl: `http://127.0.0.1:${port}/`,
    token,
    appendToken: true,
    async fetch(request, init) {
      const response = await fetch(request, { ...init, signal: AbortSignal.timeout(REQUEST_MS) });
      // Otherwise the library prints what it cannot read.
      if (response.status >= 500)
        throw new Error(`${response.status}: ${(await response.text()).slice(0, 2000)}`);
      return response;
    },
  });
}

/** The server's first line, or a clear end. */
async function firstWord(
  server: GuardedProcess,
  announced: Promise<Announced>,
  log: () => string,
  signal: AbortSignal | undefined,
): Promise<Announced> {
  const ended = server.ended.then(
    (end) => `it ended (${end.ended}${end.message === "" ? "" : `: ${end.message}`})`,
  );
  const first = await waitFor(Promise.race([announced, ended]), START_MS, signal);
  signal?.throwIfAborted();
  const said = first.how === "settled" ? first.value : `it did not answer within ${START_MS / 1000} s`;
  if (typeof said !== "string") return said;
  throw new RunError(
    "kernel-unavailable",
    `The Jupyter server did not start: ${said}. Run \`nbevolve doctor\` to see what is missing. ` +
      `The end of its log:\n${log()}`,
  );
}

/** Settles with the first line; the later ones tell how kernels ended. Never settles when there is no first line. */
function listen(stdout: Readable | null, exits: Exits): Promise<Announced> {
  return new Promise((resolve) => {
    if (stdout === null) return;
    createInterface({ input: stdout }).on("line", (line) => {
      const said = parse(line);
      if (typeof said.port === "number") resolve({ port: said.port });
      if (typeof said.died === "string")
        exits.tell(said.died, typeof said.status === "number" ? said.status : null);
    });
  });
}

/** Who waits for the end of which kernel. */
class Exits {
  readonly #news = new Map<
    string,
    { readonly promise: Promise<number | null>; tell: (status: number | null) => void }
  >();

  of(kernelId: string): Promise<number | null> {
    return this.#for(kernelId).promise;
  }
  tell(kernelId: string, status: number | null): void {
    this.#for(kernelId).tell(status);
  }
  #for(kernelId: string): {
    readonly promise: Promise<number | null>;
    tell: (status: number | null) => void;
  } {
    const known = this.#news.get(kernelId);
    if (known !== undefined) return known;
    let tell: (status: number | null) => void = () => undefined;
    const promise = new Promise<number | null>((resolve) => {
      tell = resolve;
    });
    const news = { promise, tell };
    this.#news.set(kernelId, news);
    return news;
  }
}

interface Said {
  readonly port?: unknown;
  readonly died?: unknown;
  readonly status?: unknown;
}

/** Something else may print to the server's stdout: a line that is not ours is nothing. */
function parse(line: string): Said {
  try {
    const said: unknown = JSON.parse(line);
    return typeof said === "object" && said !== null ? said : {};
  } catch {
    return {};
  }
}

function keepTail(stream: Readable | null): () => string {
  let tail = "";
  stream?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-LOG_CHARS);
  });
  return () => tail.trim().split("\n").slice(-20).join("\n");
}

function shortTemporaryDir(): string {
  const usual = tmpdir();
  return usual.length <= LONGEST_TEMPORARY_DIR ? usual : "/tmp";
}
