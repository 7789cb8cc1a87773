// Owns: the page's server: `node:http` on this machine alone unless it is told otherwise, and who is let in.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { checkOptions, checkValue, OPTION } from "../core/options.ts";
import { errorCode, messageOf, RunError } from "../core/errors.ts";
import { shippedPath } from "../shipped.ts";
import { answerPage, readPageFiles } from "./page-files.ts";
import { listOneRun, listRuns, type RunList } from "./run-list.ts";
import { answerApi } from "./routes.ts";
import { type Admission, isToken, refuseRequest } from "./who-may-ask.ts";
import { nameOption } from "../core/shell-words.ts";

/** How a page is served. */
export interface ServeOptions {
  /** Default 0: any port that is free. */
  readonly port?: number | undefined;
  /** Address to listen on. Default 127.0.0.1: this machine alone. Whoever reaches another and has the link sees the runs and can stop them. */
  readonly host?: string | undefined;
  /** What the link holds. Default: random, 256 bits. */
  readonly token?: string | undefined;
  /** The folder of the built page. Default: the one that this package brings. */
  readonly page?: string | undefined;
}

/** A page that is served until it is disposed of. */
export interface ServedPage extends AsyncDisposable {
  /** The link that opens it, token included. */
  readonly url: string;
}

/**
 * Serves the page of a run, or of the runs in a folder. It reads them, live or not, and changes them by a person's commands alone.
 * @throws RunError `run-missing` | `bad-option` where the port cannot be had.
 */
export async function serveRuns(dir: string, options: ServeOptions = {}): Promise<ServedPage> {
  checkValue("serveRuns: dir", dir, OPTION.text);
  return servePage(listRuns(dir), options);
}

/** As `serveRuns`, of one run that may not have begun. */
export async function serveOneRun(dir: string, options: ServeOptions = {}): Promise<ServedPage> {
  return servePage(listOneRun(dir), options);
}

async function servePage(list: RunList, options: ServeOptions): Promise<ServedPage> {
  checkOptions<ServeOptions>("serveRuns", options, {
    ...{ port: OPTION.number, host: OPTION.text, token: OPTION.text, page: OPTION.text },
  });
  const { port = 0, host = "127.0.0.1", page = shippedPath("dist/dashboard") } = options;
  const token = options.token ?? randomBytes(32).toString("base64url");
  const files = await readPageFiles(page);
  const closing = new AbortController();
  let admission: Admission | null = null;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://page");
    const given = url.pathname === "/" && request.method === "GET" ? url.searchParams.get("token") : null;
    const isLink = given !== null && isToken(given, token);
    const { method = "GET", headers } = request;
    const refusal =
      admission === null
        ? { status: 503, text: "Not yet." }
        : refuseRequest({ method, headers, isLink }, admission);
    if (admission === null || refusal !== null)
      return end(response, refusal ?? { status: 503, text: "Not yet." });
    if (isLink) {
      const cookie = `${admission.cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`;
      response.writeHead(303, { location: "/", "set-cookie": cookie, "cache-control": "no-store" }).end();
      return;
    }
    if (answerPage(files, url.pathname, method, response)) return;
    await answerApi(list, url, request, response, closing.signal);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((problem: unknown) => {
      if (response.headersSent) response.destroy();
      else end(response, { status: 500, text: messageOf(problem) });
    });
  });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const reason = errorCode(cause) === "EADDRINUSE" ? "somebody else has the port" : messageOf(cause);
    throw new RunError(
      "bad-option",
      `the page cannot be served on port ${port} of ${host}: ${reason}; ${nameOption("--port 0", "port: 0")} takes a free one`,
      { cause },
    );
  }
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("The server has no port.");
  const names = new Set(["127.0.0.1", "localhost", "[::1]", host.includes(":") ? `[${host}]` : host]);
  admission = {
    token,
    cookie: `nbevolve-${bound.port}`,
    hosts: [...names].map((name) => `${name}:${bound.port}`),
  };
  const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${shown}:${bound.port}/?token=${token}`,
    async [Symbol.asyncDispose]() {
      closing.abort();
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, "close");
    },
  };
}

function end(
  response: ServerResponse,
  { status, text }: { readonly status: number; readonly text: string },
): void {
  response
    .writeHead(status, {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    })
    .end(`${text}\n`);
}
