// Owns: one Jupyter Server, its private folder and its token. Never talks to a kernel: see live-kernel.ts.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { ServerConnection } from "@jupyterlab/services";
import { RunError } from "../core/errors.ts";
import { waitFor } from "./deadline.ts";
import type { Ended, GuardedProcess } from "./guarded-process.ts";
import { spawnGuarded } from "./guarded-process.ts";
import { kernelEnvironment } from "./kernel-environment.ts";
import type { ServerNews } from "./server-news.ts";
import { readNews } from "./server-news.ts";

/** How long one REST request may take. Starting a kernel is the slowest: 0.1 s when the machine is idle. */
const REQUEST_MS = 60_000;
const START_MS = 60_000;
/** A unix socket's path may have 103 characters on macOS, 107 on Linux; what we and Jupyter add takes 65. */
const LONGEST_TEMPORARY_DIR = 36;
const LOG_CHARS = 16_000;
const LOG_LINES = 20;

export interface JupyterServerOptions {
  readonly python: string;
  /** Kernels start here or below. */
  readonly rootDir: string;
  /** Stops the start only. */
  readonly signal?: AbortSignal;
}

export interface JupyterServer extends AsyncDisposable, Pick<ServerNews, "onExit"> {
  /** For @jupyterlab/services; every request made with them has a deadline. */
  readonly settings: ServerConnection.ISettings;
  /** Settles when no process of it is left. Never rejects. */
  readonly ended: Promise<Ended>;
  /** False from the moment when it is known that it ended or is to end. */
  running(): boolean;
  /** The last lines of its log. */
  log(): string;
}

/** @throws RunError `kernel-unavailable`; the signal's reason when aborted. Nothing is left behind then. */
export async function startJupyterServer(options: JupyterServerOptions): Promise<JupyterServer> {
  options.signal?.throwIfAborted();
  const privateDir = await mkdtemp(join(shortTemporaryDir(), "nbe-"));
  const process = spawnGuarded({
    python: options.python,
    command: [options.python, "-m", "nbevolve_beside.server"],
    cwd: options.rootDir,
    env: kernelEnvironment(privateDir),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const end = async (): Promise<void> => {
    await process.kill();
    await rm(privateDir, { recursive: true, force: true, maxRetries: 3 });
  };
  const log = keepTail(process.stderr);
  try {
    const token = randomBytes(24).toString("hex");
    const news = readNews(process.stdout);
    process.stdin?.on("error", () => undefined); // a server that cannot start is reported by its end
    process.stdin?.end(`${JSON.stringify({ token, root_dir: options.rootDir, private_dir: privateDir })}\n`);
    const port = await portOf(process, news, log, options.signal);
    const onExit: ServerNews["onExit"] = (kernelId, tell) => news.onExit(kernelId, tell);
    return running(process, { settings: settingsFor(port, token), onExit, log }, end);
  } catch (problem) {
    await end();
    throw problem;
  }
}

function running(
  process: GuardedProcess,
  known: Pick<JupyterServer, "settings" | "onExit" | "log">,
  end: () => Promise<void>,
): JupyterServer {
  let runs = true;
  let ending: Promise<void> | undefined;
  const ended = process.ended.then((how) => {
    runs = false;
    return how;
  });
  return {
    ...known,
    ended,
    running: () => runs,
    [Symbol.asyncDispose]: () => {
      runs = false;
      return (ending ??= end());
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
      if (response.status < 500) return response;
      // Otherwise the library prints the server's traceback.
      throw new Error(`${response.status}: ${(await response.text()).slice(0, 2000)}`);
    },
  });
}

/** The server's first word, or a clear end. */
async function portOf(
  process: GuardedProcess,
  news: ServerNews,
  log: () => string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const ended = process.ended.then(({ ended, message }) => `it ended (${ended}: ${message})`);
  const first = await waitFor(Promise.race([news.port, ended]), START_MS, signal);
  signal?.throwIfAborted();
  const said = first.how === "settled" ? first.value : `it did not answer within ${START_MS / 1000} s`;
  if (typeof said === "number") return said;
  throw new RunError(
    "kernel-unavailable",
    `The Jupyter server did not start: ${said}. Run \`nbevolve doctor\` to see what is missing. ` +
      `The end of its log:\n${log()}`,
  );
}

function keepTail(stream: Readable | null): () => string {
  let tail = "";
  stream?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-LOG_CHARS);
  });
  return () => tail.trim().split("\n").slice(-LOG_LINES).join("\n");
}

function shortTemporaryDir(): string {
  const usual = tmpdir();
  return usual.length <= LONGEST_TEMPORARY_DIR ? usual : "/tmp";
}
