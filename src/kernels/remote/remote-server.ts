// Owns: using a Jupyter server that is not ours: its kernel specs, and our kernels there, from start to end.
// Never starts or ends the server, and never shows its token.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { ServerConnection } from "@jupyterlab/services";
import { messageOf, RunError } from "../../core/errors.ts";
import { waitFor } from "../../machine/deadline.ts";
import { limitSignal } from "../../time-limit.ts";
import type { JupyterServer } from "../jupyter/contracts.ts";
import { recordOf, mimeText } from "../../core/untrusted.ts";
import { prepareRemoteKernel } from "./remote-kernel.ts";
import type { RemoteLedger } from "./remote-ledger.ts";
import { remoteAddress, type RemoteOptions } from "./remote-address.ts";
import { serverError } from "../jupyter/server-error.ts";
import { nameOption } from "../../core/shell-words.ts";

const REQUEST_MS = 60_000;
const GOODBYE_MS = 10_000;
const KERNEL = /\/api\/kernels(?:\/([\w-]+))?$/;

/**
 * Connects to a server that runs already, and ends the kernels that an earlier session left there.
 * @throws RunError `kernel-unavailable`; the signal's reason when aborted.
 */
export async function connectJupyterServer(
  options: RemoteOptions,
  ledger: RemoteLedger,
  rootDir: string,
  signal?: AbortSignal,
): Promise<JupyterServer> {
  signal?.throwIfAborted();
  const { base, token } = remoteAddress(options);
  const send = makeSend(token);
  const kernelName = await findKernelSpec(base, options.kernel, (path) =>
    send(new Request(`${base}${path}`)),
  );
  signal?.throwIfAborted();
  /** Starts that the server has not answered yet. */
  const starting = new Set<Promise<unknown>>();
  const end = async (id: string, isLast: boolean): Promise<void> => {
    const gone = await send(new Request(`${base}api/kernels/${id}`, { method: "DELETE" }), GOODBYE_MS);
    // A kernel that is not there yet may still be starting for a session that was killed: it is ended once more at the end.
    if (gone.ok || (isLast && gone.status === 404)) ledger.ended(base, id);
  };
  // A kernel that cannot be removed now stays in the ledger.
  const endAll = async (isLast: boolean): Promise<void> => {
    await waitFor(Promise.allSettled(starting), GOODBYE_MS);
    await Promise.allSettled(ledger.left(base).map((id) => end(id, isLast)));
  };
  await endAll(false);
  const run = createHash("sha256").update(`${hostname()} ${rootDir}`).digest("hex").slice(0, 12);
  let runs = true;
  const givenUp = new AbortController();
  let ending: Promise<void> | undefined;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  return {
    settings: ServerConnection.makeSettings({
      baseUrl: base,
      wsUrl: base.replace(/^http/, "ws"),
      token,
      // The token goes as a header: addresses are written to logs.
      appendToken: false,
      fetch: recordKernels({ base, send, ledger, starting, runs: () => runs }),
    }),
    address: (url) => url,
    remote: {
      headers: authorization(token),
      prepare: (kernel) => prepareRemoteKernel(kernel, run, givenUp.signal),
    },
    newKernel: async () => ({ name: kernelName, area: { folder: "", inside: rootDir } }),
    gap: null,
    // It reports nothing about processes: a kernel's end is seen by its connection.
    onExit: () => () => undefined,
    ended: finished.then(() => ({ ended: "terminated", status: null, peakRssMb: null, message: "" })),
    running: () => runs,
    remedy: () => `Check the server at ${base} and its log, then resume the run.`,
    [Symbol.asyncDispose]: () => {
      runs = false;
      givenUp.abort();
      return (ending ??= endAll(true).finally(finish));
    },
  };
}

/** A server without a token lets everybody in who shows the same words in a cookie and beside it, as only a page of its own could. */
const authorization = (token: string): Readonly<Record<string, string>> =>
  token === ""
    ? { Cookie: `_xsrf=${OWN_WORDS}`, "X-XSRFToken": OWN_WORDS }
    : { Authorization: `token ${token}` };
const OWN_WORDS = randomBytes(16).toString("hex");

type Send = (request: Request, timeoutMs?: number) => Promise<Response>;

function makeSend(token: string): Send {
  return (request, timeoutMs = REQUEST_MS) => {
    for (const [name, value] of Object.entries(authorization(token))) request.headers.set(name, value);
    // A redirect leads to a page where people log in, which is of no use here.
    return fetch(request, { redirect: "manual", signal: limitSignal(timeoutMs) });
  };
}

interface RecordParts {
  readonly base: string;
  readonly send: Send;
  readonly ledger: RemoteLedger;
  readonly starting: Set<Promise<unknown>>;
  readonly runs: () => boolean;
}

/** Writes every start and end of a kernel into the ledger: a start before the server is asked, with an id of our choice. */
function recordKernels({
  base,
  send,
  ledger,
  starting,
  runs,
}: RecordParts): ServerConnection.ISettings["fetch"] {
  return async (input, init) => {
    const request = new Request(input, init);
    const [place, id] = KERNEL.exec(new URL(request.url).pathname) ?? [];
    const starts = request.method === "POST" && place !== undefined && id === undefined;
    if (starts && !runs()) throw new Error("the connection to the server was given up");
    const answer = starts ? startRecorded(request, send, base, ledger) : send(request);
    if (starts) {
      starting.add(answer);
      answer.finally(() => starting.delete(answer)).catch(() => undefined);
    }
    const response = await answer;
    if (id !== undefined && request.method === "DELETE" && (response.ok || response.status === 404))
      ledger.ended(base, id);
    if (response.status < 500) return response;
    throw await serverError(response);
  };
}

async function startRecorded(
  request: Request,
  send: Send,
  base: string,
  ledger: RemoteLedger,
): Promise<Response> {
  const wanted = randomUUID();
  const body = JSON.stringify({ ...recordOf(await request.json()), kernel_id: wanted });
  ledger.started(base, wanted);
  const { url, method, headers } = request;
  const response = await send(new Request(url, { method, headers, body }));
  const got = response.ok ? mimeText(recordOf(await response.clone().json())["id"]) : "";
  // Some servers choose ids by themselves.
  if (got !== wanted) {
    if (got !== "") ledger.started(base, got);
    ledger.ended(base, wanted);
  }
  return response;
}

/** The name of the kernel spec to use. @throws RunError `kernel-unavailable` with what is wrong: address, token, kernels. */
async function findKernelSpec(
  base: string,
  wanted: string | undefined,
  get: (path: string) => Promise<Response>,
): Promise<string> {
  const unusable = (what: string, remedy: string, cause?: unknown): RunError =>
    new RunError("kernel-unavailable", `The Jupyter server at ${base} ${what}. Remedy: ${remedy}.`, {
      cause,
    });
  let response: Response;
  try {
    response = await get("api/kernelspecs");
  } catch (problem) {
    const cause = problem instanceof Error && problem.cause !== undefined ? problem.cause : problem;
    throw unusable(
      `cannot be reached (${messageOf(cause)})`,
      "start it, check the address and the way to it (tunnel, VPN, proxy), then resume",
      problem,
    );
  }
  if (
    response.status === 401 ||
    response.status === 403 ||
    response.type === "opaqueredirect" ||
    isMove(response)
  )
    throw unusable(
      "refuses the token, or none was given",
      `give ${nameOption("--token", "server: { token }")} or set NBEVOLVE_SERVER_TOKEN; \`jupyter server list\` shows the token of a server, a JupyterHub makes one at /hub/token`,
    );
  const specs = await response.json().then(recordOf, () => null);
  if (!response.ok || specs === null || !("kernelspecs" in specs))
    throw unusable(
      `has no Jupyter interface under that path (${response.status} for api/kernelspecs)`,
      "give the whole base path, such as https://hub.example/user/NAME/",
    );
  const known = Object.entries(recordOf(specs["kernelspecs"]));
  const pythons = known.filter(
    ([, one]) => mimeText(recordOf(recordOf(one)["spec"])["language"]) === "python",
  );
  const names = pythons.map(([name]) => name);
  const usual = mimeText(specs["default"]);
  const found = wanted ?? (names.includes(usual) ? usual : names[0]);
  if (found !== undefined && names.includes(found)) return found;
  throw unusable(
    wanted === undefined ? "has no Python kernel" : `has no Python kernel named ${wanted}`,
    names.length === 0
      ? "install ipykernel there"
      : `${nameOption("--kernel", "server: { kernel }")} with one of ${names.join(", ")}`,
  );
}

const isMove = ({ status }: Response): boolean => status >= 300 && status < 400;
