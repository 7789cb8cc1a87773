// Keys, headers and prompts go to the origin that the user named, whatever it redirects to. Real servers, real redirects.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ModelReply } from "../../../src/contracts/index.ts";
import { type EndpointModel, openai } from "../../../src/models/openai/openai.ts";
import { modelServer } from "../../../src/testing/model-server.ts";
import { ask, running } from "../helpers.ts";

const STATUSES = [301, 302, 303, 307, 308] as const;

const askOnce = (model: EndpointModel): Promise<ModelReply> => model.reply(ask(), running);

interface Listening {
  readonly url: string;
  readonly seen: readonly string[];
}

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listening> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    request.resume().on("end", () => answer(request, response));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const redirectTo =
  (status: number, to: string) =>
  (request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(status, { location: to.replace("PATH", request.url ?? "") }).end();

/** Everything that could be sent along. */
const SECRETS = {
  apiKey: "sk-secret",
  headers: { "x-gateway-key": "gateway-secret", cookie: "session=secret" },
};

describe("a redirect to another origin is not followed, and the message names it", () => {
  const cases = STATUSES.flatMap((status) =>
    (["chat", "responses"] as const).flatMap((api) =>
      [true, false].map((stream) => [status, api, stream] as const),
    ),
  );
  test.each(cases)("status %d, %s, stream %s", async (status, api, stream) => {
    const other = await listen((_, response) => void response.end("{}"));
    const named = await listen(redirectTo(status, `${other.url}PATH`));
    const model = openai({ model: "m", baseURL: `${named.url}/v1`, api, stream, ...SECRETS });
    await expect(askOnce(model)).rejects.toMatchObject({
      code: "model-refused",
      message: expect.stringContaining(`${other.url}, another origin`),
    });
    expect(named.seen.length).toBeGreaterThan(0);
    expect(other.seen).toEqual([]);
  });

  const elsewhere: readonly [string, (port: string) => string][] = [
    ["another name of the same machine", (port) => `http://localhost:${port}/v1/chat/completions`],
    ["another scheme", (port) => `https://127.0.0.1:${port}/v1/chat/completions`],
    ["an address without a scheme", (port) => `//localhost:${port}/v1/chat/completions`],
    ["a user in the address", (port) => `http://127.0.0.1:80@localhost:${port}/v1`],
    ["no address of a web server", () => "file:///etc/passwd"],
  ];
  test.each(elsewhere)("%s", async (_, to) => {
    const other = await listen((_request, response) => void response.end("{}"));
    const named = await listen(redirectTo(307, to(new URL(other.url).port)));
    await expect(
      askOnce(openai({ model: "m", baseURL: `${named.url}/v1`, ...SECRETS })),
    ).rejects.toMatchObject({
      code: "model-refused",
    });
    expect(other.seen).toEqual([]);
  });

  test("nor after a redirect within the origin", async () => {
    const other = await listen((_, response) => void response.end("{}"));
    const named = await listen((request, response) => {
      const to = request.url?.startsWith("/v1") === true ? "/v2/chat/completions" : `${other.url}/v1`;
      redirectTo(308, to)(request, response);
    });
    await expect(
      askOnce(openai({ model: "m", baseURL: `${named.url}/v1`, ...SECRETS })),
    ).rejects.toMatchObject({
      code: "model-refused",
    });
    expect(named.seen.some((line) => line.includes("/v2/"))).toBe(true);
    expect(other.seen).toEqual([]);
  });
});

test("a redirect without end stops the run", async () => {
  const named = await listen(redirectTo(307, "/v1/chat/completions"));
  await expect(askOnce(openai({ model: "m", baseURL: `${named.url}/v1`, ...SECRETS }))).rejects.toMatchObject(
    {
      code: "model-refused",
      message: expect.stringContaining("redirects without end"),
    },
  );
});

test.each([307, 308])("a redirect %d within the origin is followed, with the request", async (status) => {
  await using behind = await modelServer({
    behaviour: async () => ({ type: "reply", reply: { text: "hello" } }),
  });
  const named = await listen((request, response) => {
    if (request.url?.startsWith("/old") === true)
      return redirectTo(status, request.url.replace("/old", "/v1"))(request, response);
    void fetch(new URL(request.url ?? "", behind.baseURL), {
      method: request.method ?? "GET",
      headers: { "content-type": "application/json", authorization: request.headers.authorization ?? "" },
      ...(request.method === "POST" && { body: JSON.stringify({ model: "m", messages: [], stream: false }) }),
    }).then(async (answer) => {
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
      response.end(await answer.text());
    });
  });
  const reply = await askOnce(openai({ model: "m", baseURL: `${named.url}/old`, stream: false, ...SECRETS }));
  expect(reply.text).toBe("hello");
  expect(
    named.seen.some((line) => line.startsWith("POST /v1/chat/completions") && line.includes("sk-secret")),
  ).toBe(true);
});
