// Owns: starting one Jupyter server of our own, with its private folder, token, sandbox and limits. Never talks to a kernel.
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { ServerConnection } from "@jupyterlab/services";
import { RunError } from "../../core/errors.ts";
import { ownCommand } from "../../core/shell-words.ts";
import { waitFor } from "../../machine/deadline.ts";
import { limitSignal } from "../../time-limit.ts";
import { spawnGuarded, type GuardedProcess, type Killed } from "../../machine/guarded-process.ts";
import { egressProxy, type NetworkRefusal } from "../../machine/sandbox/egress-proxy.ts";
import type { JupyterServer, NewKernel } from "./contracts.ts";
import { type KernelLimits, kernelLimits, limitWords, unitLimits } from "../../machine/sandbox/limits.ts";
import type { Sandbox } from "../../machine/sandbox/sandbox.ts";
import { fetchBySocket, socketAddress } from "../../machine/sandbox/socket-transport.ts";
import { privateFolder } from "../../machine/private-folder.ts";
import { HAS_KEEPER, planServer, WORK } from "./server-process.ts";
import type { ServerOutput } from "./server-output.ts";
import { readServerOutput } from "./server-output.ts";
import { serverError } from "./server-error.ts";

/** How long one REST request may take. Starting a kernel is the slowest: 0.1 s when the machine is idle. */
const REQUEST_MS = 60_000;
const START_MS = 60_000;
const KERNEL_NAME = "nbevolve";
const LOG_CHARS = 16_000;
const LOG_LINES = 20;

export interface JupyterServerOptions {
  readonly python: string;
  /** Kernels start here or below. */
  readonly rootDir: string;
  /** Null: no sandbox, and none of its limits. */
  readonly sandbox: Sandbox | null;
  /** The folder in which each box has one to write in, below `rootDir`; null without a sandbox. */
  readonly boxes: string | null;
  readonly limits?: Partial<KernelLimits> | undefined;
  /** Called with what the sandbox's proxy refused. Must not throw. */
  readonly onRefusal?: ((refusal: NetworkRefusal) => void) | undefined;
  /** More folders that kernels may read. */
  readonly readOnly?: readonly string[];
  /** More variables that kernels see. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Stops the start only. */
  readonly signal?: AbortSignal | undefined;
}

/** @throws RunError `kernel-unavailable`; the signal's reason when aborted. Nothing is left behind then. */
export async function startJupyterServer(options: JupyterServerOptions): Promise<JupyterServer> {
  options.signal?.throwIfAborted();
  const privateDir = await privateFolder();
  const killed = new Map<number, Killed>();
  const limits = kernelLimits(options.limits);
  const proxy = await proxyFor(options, privateDir);
  const token = randomBytes(24).toString("hex");
  const socket = options.sandbox === null ? null : join(privateDir, "s");
  const told = { token, root_dir: privateDir, private_dir: privateDir, ...(socket && { socket }) };
  const { python, rootDir, sandbox, boxes, readOnly = [], variables = {} } = options;
  const proxyPath = proxy === null ? null : proxySocket(privateDir);
  const plan = await planServer(
    { python, rootDir, sandbox, boxes, readOnly, variables, privateDir, limits, proxySocket: proxyPath },
    told,
  );
  await mkdir(join(privateDir, "home"));
  const process = spawnGuarded({
    python,
    command: plan.command,
    // Python looks for modules where it starts: not where cells can leave some.
    cwd: privateDir,
    env: plan.env,
    stdio: ["pipe", "pipe", "pipe"],
    units: sandbox === null ? undefined : unitLimits(limits),
    onKilled: (what) => void killed.set(what.killed, what),
  });
  const end = async (): Promise<void> => {
    await process.kill();
    await proxy?.[Symbol.asyncDispose]();
    await rm(privateDir, { recursive: true, force: true, maxRetries: 3 });
  };
  const log = keepTail(process.stderr);
  try {
    const output = readServerOutput(process.stdout);
    process.stdin?.on("error", () => undefined); // a server that cannot start is reported when it ends
    process.stdin?.end(`${JSON.stringify(plan.settings)}\n`);
    const port = await awaitPort(process, output, log, options.signal);
    const onExit: JupyterServer["onExit"] = (kernelId, report) =>
      output.onExit(kernelId, (status, pid) => {
        const limit = pid === null ? undefined : killed.get(pid);
        report(limit === undefined ? status : { limit: limitWords(limit, limits) }, pid);
      });
    const address =
      socket === null
        ? { settings: settingsFor(port, token), address: (url: string) => url }
        : { settings: settingsFor(null, token, fetchBySocket(socket)), address: socketAddress(socket) };
    const remedy = (): string =>
      `${ownCommand("doctor")} says what is missing. The end of the server's log:\n${log()}`;
    const newPlace = (): Promise<NewKernel> => placeFor(rootDir, boxes);
    return toServer(
      process,
      { ...address, onExit, remedy, newKernel: newPlace, gap: sandbox && output.gap() },
      end,
    );
  } catch (problem) {
    await end();
    throw problem;
  }
}

function proxyFor({ sandbox, onRefusal }: JupyterServerOptions, privateDir: string) {
  if (sandbox === null || typeof sandbox.network === "string") return null;
  return egressProxy(proxySocket(privateDir), sandbox.network, (refusal) => onRefusal?.(refusal));
}

const proxySocket = (privateDir: string): string => join(privateDir, "x");

/** Where the files of a new kernel lie: in a box, the folder of the box; else the root of the workspaces. */
async function placeFor(rootDir: string, boxes: string | null): Promise<NewKernel> {
  const name = HAS_KEEPER ? `box-${randomBytes(6).toString("hex")}` : KERNEL_NAME;
  if (boxes === null) return { name, area: { folder: "", inside: rootDir } };
  const folder = `${boxes}/${name}`;
  await mkdir(join(rootDir, folder), { mode: 0o700 });
  return { name, area: { folder, inside: WORK } };
}

function toServer(
  process: GuardedProcess,
  known: Pick<JupyterServer, "settings" | "address" | "onExit" | "remedy" | "newKernel" | "gap">,
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

/** `port`: null where only `send` reaches it. */
function settingsFor(
  port: number | null,
  token: string,
  send: (request: Request, timeoutMs: number) => Promise<Response> = sendByTcp,
): ServerConnection.ISettings {
  return ServerConnection.makeSettings({
    baseUrl: port === null ? "http://localhost/" : `http://127.0.0.1:${port}/`,
    token,
    appendToken: true,
    async fetch(input, init) {
      const response = await send(new Request(input, init), REQUEST_MS);
      if (response.status < 500) return response;
      throw await serverError(response);
    },
  });
}

const sendByTcp = (request: Request, timeoutMs: number): Promise<Response> =>
  fetch(request, { redirect: "manual", signal: limitSignal(timeoutMs) });

/** The port that the server reports first. @throws RunError `kernel-unavailable` with the end of its log. */
async function awaitPort(
  process: GuardedProcess,
  output: ServerOutput,
  log: () => string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const ended = process.ended.then(({ ended, message }) => `it ended (${ended}: ${message})`);
  const first = await waitFor(Promise.race([output.port, ended]), START_MS, signal);
  signal?.throwIfAborted();
  const port = first.how === "settled" ? first.value : `it did not answer within ${START_MS / 1000} s`;
  if (typeof port === "number") return port;
  throw new RunError(
    "kernel-unavailable",
    `The Jupyter server did not start: ${port}. ${ownCommand("doctor")} says what is missing. ` +
      `The end of its log:\n${log()}`,
  );
}

function keepTail(stream: Readable | null): () => string {
  let tail = "";
  stream?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-LOG_CHARS);
  });
  // What a kernel said comes before the tracebacks of the server that wanted it: their frames would push it out.
  const isFrame = (line: string): boolean => /^\s/.test(line);
  return () =>
    tail
      .trim()
      .split("\n")
      .filter((line) => !isFrame(line))
      .slice(-LOG_LINES)
      .join("\n");
}
