// Owns: starting one Jupyter server of our own, with its private folder, token, sandbox and limits. Never talks to a kernel.
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { ServerConnection } from "@jupyterlab/services";
import { RunError } from "../../core/errors.ts";
import { waitFor } from "../../machine/deadline.ts";
import type { GuardedProcess, Killed } from "../../machine/guarded-process.ts";
import { kernelEnvironment, kernelPackages } from "./kernel-environment.ts";
import {
  proxyEnvironment,
  PROXY_PORT,
  egressProxy,
  type NetworkRefusal,
} from "../../machine/sandbox/egress-proxy.ts";
import type { JupyterServer } from "./contracts.ts";
import { type BoxFolders, spawnBoxed } from "../../machine/sandbox/boxed-process.ts";
import {
  type KernelLimits,
  kernelLimits,
  limitWords,
  resourceLimits,
  unitLimits,
} from "../../machine/sandbox/limits.ts";
import type { Sandbox } from "../../machine/sandbox/sandbox.ts";
import { fetchBySocket, socketAddress } from "../../machine/sandbox/socket-transport.ts";
import { privateFolder } from "../../machine/private-folder.ts";
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
  readonly limits?: Partial<KernelLimits> | undefined;
  /** Called with what the sandbox's proxy refused. Must not throw. */
  readonly onRefusal?: ((refusal: NetworkRefusal) => void) | undefined;
  /** More folders that kernels may read. */
  readonly readOnly?: readonly string[];
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
  const process = await spawnServer(options, privateDir, limits, (what) => {
    if (what.killed !== null) killed.set(what.killed, what);
  });
  const end = async (): Promise<void> => {
    await process.kill();
    await proxy?.[Symbol.asyncDispose]();
    await rm(privateDir, { recursive: true, force: true, maxRetries: 3 });
  };
  const log = keepTail(process.stderr);
  try {
    const token = randomBytes(24).toString("hex");
    const output = readServerOutput(process.stdout);
    const socket = options.sandbox === null ? null : join(privateDir, "s");
    const proxying = proxy === null ? {} : { proxy: { socket: proxySocket(privateDir), port: PROXY_PORT } };
    const boxed = socket === null ? {} : { socket, limits: resourceLimits(limits), ...proxying };
    process.stdin?.on("error", () => undefined); // a server that cannot start is reported when it ends
    process.stdin?.end(
      `${JSON.stringify({ token, root_dir: options.rootDir, private_dir: privateDir, ...boxed })}\n`,
    );
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
      `Run \`nbevolve doctor\` to see what is missing. The end of the server's log:\n${log()}`;
    return toServer(process, { ...address, onExit, remedy }, end);
  } catch (problem) {
    await end();
    throw problem;
  }
}

/** Read by the kernels themselves: see cell_time.py. */
function cpuLimit({ cellCpuSeconds }: KernelLimits): Readonly<Record<string, string>> {
  return cellCpuSeconds === null ? {} : { NBEVOLVE_CELL_CPU_S: `${cellCpuSeconds}` };
}

function proxyFor({ sandbox, onRefusal }: JupyterServerOptions, privateDir: string) {
  if (sandbox === null || typeof sandbox.network === "string") return null;
  return egressProxy(proxySocket(privateDir), sandbox.network, (refusal) => onRefusal?.(refusal));
}

const proxySocket = (privateDir: string): string => join(privateDir, "x");

async function spawnServer(
  { python, rootDir, sandbox, readOnly = [] }: JupyterServerOptions,
  privateDir: string,
  limits: KernelLimits,
  onKilled: (killed: Killed) => void,
): Promise<GuardedProcess> {
  const boxing: BoxFolders | null = sandbox && {
    sandbox,
    readOnly: [...kernelPackages(), ...readOnly],
    writable: [rootDir, privateDir],
    hidden: [dirname(rootDir)],
  };
  const env = kernelEnvironment(privateDir);
  if (boxing !== null) {
    const own = { USER: "nbevolve", LOGNAME: "nbevolve", HOME: join(privateDir, "home"), TMPDIR: "/tmp" };
    Object.assign(
      env,
      own,
      { NBEVOLVE_BOX: "1" },
      cpuLimit(limits),
      proxyEnvironment(boxing.sandbox.network),
    );
    await mkdir(join(privateDir, "home"));
  }
  return spawnBoxed(boxing, {
    python,
    command: [python, "-m", "nbevolve_kernel.server"],
    // Python looks for modules where it starts: not where cells can leave some.
    cwd: privateDir,
    env,
    stdio: ["pipe", "pipe", "pipe"],
    units: boxing === null ? undefined : unitLimits(limits),
    onKilled: boxing === null ? undefined : onKilled,
  });
}

function toServer(
  process: GuardedProcess,
  known: Pick<JupyterServer, "settings" | "address" | "onExit" | "remedy">,
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
    kernelName: KERNEL_NAME,
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
  fetch(request, { signal: AbortSignal.timeout(timeoutMs) });

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
    `The Jupyter server did not start: ${port}. Run \`nbevolve doctor\` to see what is missing. ` +
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
