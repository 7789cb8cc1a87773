// What boxed code reaches of the network, with a list of hosts and with all of it. Real boxes and real HTTP servers.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, get as httpGet, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { KernelEvent } from "../../../src/kernels/kernel-options.ts";
import { egressProxy } from "../../../src/machine/sandbox/egress-proxy.ts";
import { hostRule } from "../../../src/machine/sandbox/network-rules.ts";
import { openSandbox } from "../../../src/machine/sandbox/sandbox.ts";
import type { KernelLease } from "../../../src/contracts/kernel.ts";
import { noSandbox } from "../../support/sandbox.ts";
import { run, useRealKernels, value } from "../../kernels/real-kernels.ts";

const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen");
  return address.port;
};

const other = createServer((_, response) => response.end("the other"));
const named = createServer((request, response) => {
  if (request.url === "/moved")
    response.writeHead(302, { location: `http://127.0.0.1:${portOf(other)}/` }).end();
  else if (request.url === "/echo") request.pipe(response);
  else response.end(`named ${request.method} ${request.headers.host}`);
});
await once(named.listen(0, "127.0.0.1"), "listening");
await once(other.listen(0, "127.0.0.1"), "listening");
const at = `127.0.0.1:${portOf(named)}`;
const elsewhere = `127.0.0.1:${portOf(other)}`;
afterAll(() => {
  for (const server of [named, other]) {
    server.closeAllConnections();
    server.close();
  }
});

const CLIENTS = `
import http.client, socket, urllib.request, urllib.error, os
def get(url, data=None):
    try:
        with urllib.request.urlopen(url, data=data, timeout=10) as answer: return answer.read().decode()
    except urllib.error.HTTPError as problem: return f"{problem.code} {problem.read().decode()}"
    except OSError as problem: return str(problem)
def tunnel(host, port):
    proxy = os.environ["HTTPS_PROXY"].removeprefix("http://").split(":")
    client = http.client.HTTPConnection(proxy[0], int(proxy[1]), timeout=10)
    client.set_tunnel(host, port)
    try:
        client.request("GET", "/")
        return client.getresponse().read().decode()
    except OSError as problem: return str(problem)
def straight(port):
    try: socket.create_connection(("127.0.0.1", port), timeout=5)
    except OSError as problem: return type(problem).__name__
    return "connected"
`;

describe.skipIf(noSandbox !== null)(`a list of hosts (${noSandbox ?? "real box"})`, () => {
  const events: KernelEvent[] = [];
  const { lease } = useRealKernels({
    sandbox: "on",
    allowNetwork: [at, "nowhere.invalid"],
    onEvent: (event) => void events.push(event),
  });
  const refusals = () => events.flatMap((event) => (event.type === "network-refused" ? [event.target] : []));
  let kernel: KernelLease;
  beforeAll(async () => {
    kernel = await lease();
    await run(kernel, CLIENTS);
  });
  afterAll(() => kernel[Symbol.asyncDispose]());

  test("what is named is reached: plain, with a body, and through a tunnel", async () => {
    expect(await value(kernel, `get("http://${at}/")`)).toBe(`named GET ${at}`);
    expect(await value(kernel, `len(get("http://${at}/echo", b"x" * 3_000_000))`)).toBe(3_000_000);
    expect(await value(kernel, `tunnel("127.0.0.1", ${portOf(named)})`)).toBe(`named GET ${at}`);
  });

  test("what is not is refused, with the reason and the list, and told", async () => {
    const reason = `port ${portOf(other)} of 127.0.0.1 is not on the list`;
    expect(await value(kernel, `get("http://${elsewhere}/")`)).toMatch(
      new RegExp(`^403 nbevolve: ${reason}.*may reach: ${at}, nowhere.invalid \\(--allow-network\\)`),
    );
    expect(await value(kernel, `tunnel("127.0.0.1", ${portOf(other)})`)).toContain(`403 nbevolve: ${reason}`);
    expect(await value(kernel, `get("https://evil.example/")`)).toContain("evil.example is not on the list");
    expect(await value(kernel, `get("http://169.254.169.254/latest/")`)).toContain(
      "169.254.169.254 is not on",
    );
    expect(await value(kernel, `get("http://2130706433:${portOf(other)}/")`)).toContain("403 nbevolve");
    expect(refusals()).toEqual(expect.arrayContaining([elsewhere, "evil.example:443", "169.254.169.254:80"]));
  });

  test("a redirect is a request of its own", async () => {
    expect(await value(kernel, `get("http://${at}/moved")`)).toContain("403 nbevolve: port");
  });

  test("a name that nobody knows is said to be that, and no refusal", async () => {
    expect(await value(kernel, `get("http://nowhere.invalid/")`)).toMatch(/^502 nbevolve|^502 getaddrinfo/);
    expect(refusals()).not.toContain("nowhere.invalid:80");
  });

  test("there is no other way", async () => {
    expect(await value(kernel, `straight(${portOf(named)})`)).toBe("ConnectionRefusedError");
    expect(await value(kernel, "[name for _, name in socket.if_nameindex()]")).toEqual(["lo"]);
  });
});

describe.skipIf(noSandbox !== null)(`all of it (${noSandbox ?? "real box"})`, () => {
  const { lease } = useRealKernels({ sandbox: "on", allowNetwork: true });

  test("the machine's own loopback is reached", async () => {
    await using kernel = await lease();
    await run(kernel, CLIENTS);
    expect(await value(kernel, `straight(${portOf(named)})`)).toBe("connected");
    expect(await value(kernel, `get("http://${at}/")`)).toBe(`named GET ${at}`);
  });
});

test("a list without a box would hold nobody back: refused before anything starts", async () => {
  await expect(openSandbox({ sandbox: "off", allowNetwork: ["data.example"] })).rejects.toMatchObject({
    code: "bad-option",
    message: expect.stringContaining("needs the sandbox"),
  });
  await expect(openSandbox({ allowNetwork: ["http://data.example"] })).rejects.toMatchObject({
    code: "bad-option",
  });
});

test("an allowed name that is made to lead to this machine is refused", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nbe-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const socketPath = join(folder, "x");
  const refused: string[] = [];
  await using _ = await egressProxy(
    socketPath,
    [hostRule(`a.example:${portOf(named)}`)],
    ({ reason }) => refused.push(reason),
    async () => "127.0.0.1",
  );
  const url = `http://a.example:${portOf(named)}/`;
  const [answer] = await once(httpGet({ socketPath, path: url, agent: false }), "response");
  answer.resume();
  expect(answer.statusCode).toBe(403);
  expect(refused).toEqual([expect.stringMatching(/a\.example leads to 127\.0\.0\.1.*name 127\.0\.0\.1 too/)]);
});
