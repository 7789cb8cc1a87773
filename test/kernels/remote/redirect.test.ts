// The token of a Jupyter server goes to the origin that the user named: no request and no socket follows a redirect.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openConnection } from "../../../src/kernels/jupyter/connection.ts";
import { remoteLedger } from "../../../src/kernels/remote/remote-ledger.ts";
import { connectJupyterServer } from "../../../src/kernels/remote/remote-server.ts";

const TOKEN = "token-of-this-user";
const SPECS = {
  default: "python3",
  kernelspecs: { python3: { name: "python3", spec: { language: "python" } } },
};

/** `redirect`: where a socket is sent, given its path. */
async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  redirect: (path: string) => string = () => "500 no sockets here",
) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    answer(request, response);
  });
  server.on("upgrade", ({ url = "", headers }, socket) => {
    seen.push(`upgrade ${url} ${JSON.stringify(headers)}`);
    socket.end(`HTTP/1.1 ${redirect(url)}\r\ncontent-length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function ledger() {
  const folder = mkdtempSync(join(tmpdir(), "nbevolve-redirect-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return remoteLedger(join(folder, "ledger.jsonl"));
}

test.each([301, 302, 303, 307, 308])("a first request that is redirected with %d", async (status) => {
  const other = await listen((_, response) => void response.writeHead(200).end("{}"));
  const named = await listen(
    ({ url }, response) => void response.writeHead(status, { location: `${other.url}${url}` }).end(),
  );
  await expect(connectJupyterServer({ url: named.url, token: TOKEN }, ledger(), "/")).rejects.toMatchObject({
    code: "kernel-unavailable",
  });
  expect(named.seen[0]).toContain(TOKEN);
  expect(other.seen).toEqual([]);
});

test.each([301, 302, 303, 307, 308])(
  "requests and sockets that are redirected with %d later",
  async (status) => {
    const other = await listen((_, response) => void response.writeHead(200, {}).end("{}"));
    const named = await listen(({ url = "" }, response) => {
      if (url.includes("kernelspecs"))
        return void response
          .writeHead(200, { "content-type": "application/json" })
          .end(JSON.stringify(SPECS));
      return void response.writeHead(status, { location: `${other.url}${url}` }).end();
    });
    await using server = await connectJupyterServer({ url: named.url, token: TOKEN }, ledger(), "/");
    const { settings, remote, address } = server;
    const asked = await settings.fetch(`${named.url}/api/kernels`, { method: "POST", body: "{}" });
    expect(asked.status).toBe(status);
    const ended = await new Promise((resolve) => {
      openConnection({ id: "1234", name: "python3" }, settings, resolve, {
        address,
        remoteHeaders: remote?.headers,
      });
    });
    expect(ended).toMatchObject({ kind: "broken" });
    expect(named.seen.some((line) => line.startsWith("upgrade") && line.includes(TOKEN))).toBe(true);
    expect(other.seen).toEqual([]);
  },
);
