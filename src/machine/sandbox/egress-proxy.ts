// Owns: the one way from a box to the network: an HTTP proxy on a unix socket that lets through what is on the list.
// Names are looked up here; a redirect is a request of its own. Never reads what goes through a tunnel.
import { lookup } from "node:dns/promises";
import { chmod } from "node:fs/promises";
import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import { type Socket, connect } from "node:net";
import { type Duplex, pipeline } from "node:stream";
import { messageOf } from "../../core/errors.ts";
import {
  type HostRule,
  type Network,
  addressRefusal,
  canonicalHost,
  hostRefusal,
  ruleText,
} from "./network-rules.ts";

/** Code in a box wanted to reach this and was refused. */
export interface NetworkRefusal {
  /** `host:port`, as it was asked for. */
  readonly target: string;
  readonly reason: string;
}

const CONNECT_MS = 30_000;
const IDLE_MS = 300_000;
const MOST_CONNECTIONS = 256;
/** Between two neighbours only: never passed on. */
const OF_THIS_HOP = [
  ...["connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization"],
  ...["te", "trailer", "transfer-encoding", "upgrade"],
];

interface Target {
  readonly host: string;
  readonly port: number;
}

class Refused extends Error {}

/** Listens on a unix socket that only this user can open. `onRefusal` must not throw. */
export async function egressProxy(
  socketPath: string,
  rules: readonly HostRule[],
  onRefusal: (refusal: NetworkRefusal) => void,
  addressOf: (host: string) => Promise<string> = lookUp,
): Promise<AsyncDisposable> {
  const list = rules.map(ruleText).join(", ");
  const open = new Set<Duplex>();
  const keep = <T extends Duplex>(stream: T): T => {
    open.add(stream);
    return stream.once("close", () => open.delete(stream)).on("error", () => stream.destroy());
  };
  /** Where to connect. @throws Refused | Error. */
  const resolve = async ({ host, port }: Target): Promise<string> => {
    const refusal = hostRefusal(rules, host, port);
    const address = refusal === null ? await addressOf(host) : "";
    const reason = refusal ?? addressRefusal(rules, host, address);
    if (reason === null) return address;
    onRefusal({ target: `${host}:${port}`, reason });
    throw new Refused(`nbevolve: ${reason}. This run may reach: ${list} (--allow-network)`);
  };
  const server = createServer({ requestTimeout: IDLE_MS });
  server.maxConnections = MOST_CONNECTIONS;
  server.on("connection", keep);
  server.on("request", (incoming, outgoing) => {
    forward(incoming, outgoing, resolve).catch((problem: unknown) => answerProblem(outgoing, problem));
  });
  server.on("connect", (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    tunnel(incoming.url ?? "", resolve).then(
      (upstream) => {
        keep(upstream);
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        upstream.write(head);
        pipeline(client, upstream, client, () => undefined);
      },
      (problem: unknown) => client.end(`HTTP/1.1 ${statusOf(problem)}\r\nContent-Length: 0\r\n\r\n`),
    );
  });
  // Other protocols go through a tunnel.
  server.on("upgrade", (_, socket: Duplex) => socket.end("HTTP/1.1 501 nbevolve: use CONNECT\r\n\r\n"));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(socketPath, resolve);
  });
  await chmod(socketPath, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      for (const stream of open) stream.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** IPv4 first: many machines have no way out for the other. */
async function lookUp(host: string): Promise<string> {
  return (await lookup(host, { verbatim: false })).address;
}

type Resolve = (target: Target) => Promise<string>;

async function tunnel(authority: string, resolve: Resolve): Promise<Socket> {
  const [, host, digits] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(authority) ?? [];
  if (host === undefined) throw new Error(`"${authority.slice(0, 100)}" is not host:port`);
  const target = { host: canonicalHost(host), port: Number(digits) };
  const address = await resolve(target);
  return new Promise((resolve, reject) => {
    const upstream = connect({ host: address, port: target.port });
    upstream.setTimeout(CONNECT_MS, () => upstream.destroy(new Error("it does not answer")));
    upstream.once("error", reject);
    upstream.once("connect", () => {
      upstream.off("error", reject);
      upstream.setTimeout(IDLE_MS);
      resolve(upstream);
    });
  });
}

/** One plain request. Every request of a connection is checked on its own. */
async function forward(incoming: IncomingMessage, outgoing: ServerResponse, resolve: Resolve): Promise<void> {
  const url = URL.canParse(incoming.url ?? "") ? new URL(incoming.url ?? "") : null;
  if (url?.protocol !== "http:") throw new Error("this is a proxy: it takes http:// addresses, and CONNECT");
  const target = { host: canonicalHost(url.hostname), port: Number(url.port || 80) };
  const address = await resolve(target);
  await new Promise<void>((settle, reject) => {
    const headers = { ...withoutHopHeaders(incoming.headers), host: url.host };
    const { method } = incoming;
    const upstream = request({
      ...{ host: address, port: target.port, method, headers, setHost: false, agent: false },
      path: `${url.pathname}${url.search}`,
      timeout: IDLE_MS,
    });
    upstream.once("timeout", () => upstream.destroy(new Error("it does not answer")));
    upstream.once("error", reject);
    upstream.once("response", (response) => {
      outgoing.writeHead(
        response.statusCode ?? 502,
        response.statusMessage,
        withoutHopHeaders(response.headers),
      );
      pipeline(response, outgoing, () => settle());
    });
    pipeline(incoming, upstream, (problem) => problem && reject(problem));
  });
}

function withoutHopHeaders(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  const named = (headers.connection ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !OF_THIS_HOP.includes(name) && !named.includes(name)),
  );
}

function answerProblem(outgoing: ServerResponse, problem: unknown): void {
  if (outgoing.headersSent) return void outgoing.destroy();
  const [code, words] = [problem instanceof Refused ? 403 : 502, messageOf(problem)];
  outgoing.writeHead(code, statusOf(problem).slice(4), { "content-type": "text/plain; charset=utf-8" });
  outgoing.end(`${words}\n`);
}

/** The reason stands in the status line: of a tunnel that is refused, clients show nothing else. */
function statusOf(problem: unknown): string {
  const code = problem instanceof Refused ? 403 : 502;
  const words = problem instanceof Refused ? problem.message : `nbevolve: ${messageOf(problem)}`;
  return `${code} ${words.replaceAll(/[^\x20-\x7E]+/g, " ").slice(0, 500)}`;
}

/** A port of the box's own loopback, which no other program uses. */
export const PROXY_PORT = 3128;
const OWN_LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/** Nothing where there is no proxy. */
export function proxyEnvironment(network: Network): Readonly<Record<string, string>> {
  if (typeof network === "string") return {};
  const proxy = `http://127.0.0.1:${PROXY_PORT}`;
  // A loopback address on the list is this machine's: it must not be looked for in the box.
  const direct = OWN_LOOPBACK.filter((name) => !network.some(({ host }) => host === name)).join(",");
  const variables = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: direct };
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => [
      [name, value],
      [name.toLowerCase(), value],
    ]),
  );
}
