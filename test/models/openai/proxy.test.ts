// Proxies of the environment: which requests go through them, that this is said, and that no password of theirs is.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { endpointOf } from "../../../src/models/openai/endpoint.ts";
import { openai } from "../../../src/models/openai/openai.ts";
import type { ModelNotice } from "../../../src/models/signals/notice.ts";
import { ask, bench, running } from "../helpers.ts";

const REPLY = { choices: [{ message: { role: "assistant", content: "fine" }, finish_reason: "stop" }] };

/** A proxy that answers for every host itself, and what it was asked. */
async function proxy(answer?: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
    request.resume().on("end", () => {
      if (answer) answer(request, response);
      else response.setHeader("content-type", "application/json").end(JSON.stringify(REPLY));
    });
  });
  server.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, seen };
}

const impatient = { maxRetries: 0, maxOutageMs: 0, apiKey: "sk-secret-key" };

describe("a model's server", () => {
  test.for(["http_proxy", "HTTP_PROXY"])(
    "by plain HTTP is asked through %s, and it is said",
    async (name) => {
      const { host, seen } = await proxy();
      const notices: ModelNotice[] = [];
      const model = openai({
        ...impatient,
        model: "m",
        baseURL: "http://model.example/v1",
        env: { [name]: `http://me:pass-word-1@${host}`, no_proxy: "other.example" },
        onNotice: (notice) => notices.push(notice),
      });
      expect((await model.reply(ask(), running)).text).toBe("fine");
      expect(seen).toEqual([
        `POST http://model.example/v1/chat/completions Basic ${Buffer.from("me:pass-word-1").toString("base64")}`,
      ]);
      const said = notices.filter(({ type }) => type === "proxied").map(({ message }) => message);
      expect(said).toEqual([expect.stringContaining(host)]);
      expect(said.join()).toContain("other.example");
      expect(JSON.stringify(notices)).not.toContain("pass-word-1");
    },
  );

  test("by HTTPS is asked through a tunnel, which sees no more than its host", async () => {
    const { host, seen } = await proxy();
    const model = openai({
      ...impatient,
      model: "m",
      baseURL: "https://model.example/v1",
      env: { https_proxy: host },
    });
    await expect(model.reply(ask(), running)).rejects.toThrow(host);
    expect(new Set(seen)).toEqual(new Set(["CONNECT model.example:443"]));
  });

  test("on this machine, or in NO_PROXY, is asked without one", async () => {
    const { host, seen } = await proxy();
    await using b = await bench([{ type: "reply", reply: { text: "fine" } }], { env: { http_proxy: host } });
    expect((await b.model.reply(ask(), running)).text).toBe("fine");
    const env = { http_proxy: host, NO_PROXY: ".example" };
    const model = openai({ ...impatient, model: "m", baseURL: "http://model.example/v1", env });
    await expect(model.reply(ask(), running)).rejects.toThrow("model.example");
    expect(seen).toEqual([]);
  });

  test("behind a proxy sends requests on to no other origin", async () => {
    const { host, seen } = await proxy((_request, response) => {
      response.writeHead(307, { location: "http://elsewhere.example/v1" }).end();
    });
    const env = { http_proxy: host };
    const model = openai({ ...impatient, model: "m", baseURL: "http://model.example/v1", env });
    await expect(model.reply(ask(), running)).rejects.toThrow("http://elsewhere.example, another origin");
    expect(seen).toHaveLength(1);
  });

  test("is not asked where the proxy's address is none, which is not shown", () => {
    const options = { baseURL: "https://model.example/v1", apiKey: "k" };
    const open = () => endpointOf(options, { https_proxy: "socks5://me:pass-word-1@proxy.example" });
    expect(open).toThrow("https_proxy: requests to models go through a proxy with an http or https address");
    expect(open).not.toThrow("pass-word-1");
  });
});
