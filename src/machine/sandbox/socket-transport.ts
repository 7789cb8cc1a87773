// Owns: HTTP and websocket addresses of a server that listens on a unix socket, which is the only way into a box
// that has no network. Never keeps a connection open.
import { Agent, request } from "undici";
import { limitSignal } from "../../time-limit.ts";

/** As the global `fetch`, for the small requests and replies of a REST interface. */
export function fetchBySocket(socketPath: string): (input: Request, timeoutMs: number) => Promise<Response> {
  // Nothing is kept alive: what is not there needs no closing.
  const dispatcher = new Agent({ connect: { socketPath }, pipelining: 0 });
  return async (input, timeoutMs) => {
    const { statusCode, body } = await request(input.url, {
      dispatcher,
      method: methodOf(input.method),
      headers: Object.fromEntries(input.headers),
      body: input.body === null ? null : await input.text(),
      signal: limitSignal(timeoutMs),
    });
    const text = await body.text();
    return new Response(text === "" ? null : text, { status: statusCode });
  };
}

/** `ws://localhost/path` as `ws` wants it. */
export function socketAddress(socketPath: string): (url: string) => string {
  return (url) => {
    const { pathname, search } = new URL(url);
    return `ws+unix:${socketPath}:${pathname}${search}`;
  };
}

function methodOf(method: string): "GET" | "POST" | "PUT" | "PATCH" | "DELETE" {
  if (method === "POST" || method === "PUT" || method === "PATCH" || method === "DELETE") return method;
  return "GET";
}
