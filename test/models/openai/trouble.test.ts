// One remedy a cause: the whole message with which a run stops because of its model's server, over real HTTP.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { APIConnectionError } from "openai";
import { describe, expect, onTestFinished, test } from "vitest";
import { RunError, type WrongWord } from "../../../src/core/errors.ts";
import { openai, type OpenAIOptions } from "../../../src/models/openai/openai.ts";
import { endpointOf } from "../../../src/models/openai/endpoint.ts";
import { unreachableError } from "../../../src/models/openai/trouble/remedies.ts";
import { classifyFailure } from "../../../src/models/openai/wire/server-errors.ts";
import { meantName } from "../../../src/models/openai/trouble/served-names.ts";
import { modelServer, type Behaviour, type ModelServerOptions } from "../../../src/testing/model-server.ts";
import { ask, running } from "../helpers.ts";

const OK: Behaviour = { type: "reply", reply: { text: "fine" } };
const says = (status: number, message: string, more: object = {}): Behaviour => ({
  type: "error",
  status,
  body: { error: { message, ...more } },
});
const QUICK = { firstDelayMs: 1, maxDelayMs: 2, maxRetries: 1, maxOutageMs: 0 };

/** The message of the error, in a run and to the first question, with BASE for the base URL; both must be the same. */
async function messageFor(
  server: Omit<ModelServerOptions, "behaviour"> & { readonly behaviour: Behaviour },
  options: Partial<OpenAIOptions> = {},
  path = "/v1",
): Promise<{ readonly message: string; readonly wrongWord: WrongWord | null }> {
  await using served = await modelServer({
    ...server,
    behaviour: [server.behaviour],
    firstBehaviour: server.behaviour,
  });
  const baseURL = served.baseURL.replace(/\/v1$/, path);
  const env = { OPENAI_API_KEY: "sk-not-to-be-shown" };
  const model = openai({ model: "gpt-5-mimi", baseURL, env, ...QUICK, ...options });
  const thrown = await model.reply(ask(), running).catch((error: unknown) => error);
  const first = await model.tryOut(running.signal).catch((error: unknown) => error);
  if (!(thrown instanceof RunError) || !(first instanceof RunError)) throw new Error("it was answered");
  expect(first.message).toBe(thrown.message);
  expect(thrown.message).not.toContain("not-to-be-shown");
  const base = new URL(baseURL).origin;
  return { message: thrown.message.replaceAll(base, "BASE"), wrongWord: thrown.wrongWord };
}

describe("what a server refuses", () => {
  test.for<readonly [string, Behaviour, string, Partial<OpenAIOptions>?]>([
    [
      "a wrong key: which variable it came from, and never the key",
      says(401, "Incorrect API key provided: sk-not-to-be-shown."),
      "BASE/v1 refuses the key in OPENAI_API_KEY: 401: Incorrect API key provided: [secret]. (give it a key of this server: in that variable, or in a file named with --env-file (in code: apiKey))",
    ],
    [
      "a wrong key that was given in code",
      says(401, "no"),
      "BASE/v1 refuses the key given as apiKey: 401: no (give it a key of this server)",
      { apiKey: "sk-not-to-be-shown" },
    ],
    [
      "a wrong key by Gemini's words",
      says(400, "API key not valid. Please pass a valid API key."),
      "BASE/v1 refuses the key in OPENAI_API_KEY: 400: API key not valid. Please pass a valid API key. (give it a key of this server: in that variable, or in a file named with --env-file (in code: apiKey))",
    ],
    [
      "no key where one is needed",
      says(401, "Unauthorized"),
      "BASE/v1 asks for a key, and none is set: 401: Unauthorized (set OPENAI_API_KEY, or name a file that sets it with --env-file (in code: apiKey))",
      { env: {} },
    ],
    [
      "a model that the key may not use",
      says(403, "Project proj_1 does not have access to model gpt-5-mimi", { code: "model_not_found" }),
      "BASE/v1 does not let the key in OPENAI_API_KEY use the model gpt-5-mimi: 403: Project proj_1 does not have access to model gpt-5-mimi (give the account access to the model, or name another model or key)",
    ],
    [
      "an empty account, by 429",
      says(429, "You exceeded your current quota, please check your plan and billing details.", {
        code: "insufficient_quota",
      }),
      "BASE/v1 has no credit left for the key in OPENAI_API_KEY: 429: You exceeded your current quota, please check your plan and billing details. (top up the account, or use another key)",
    ],
    [
      "an empty account, by 402",
      says(402, "Insufficient Balance"),
      "BASE/v1 has no credit left for the key in OPENAI_API_KEY: 402: Insufficient Balance (top up the account, or use another key)",
    ],
    [
      "words that a terminal would obey",
      says(401, "\u001b[2Jno\nkey\u0007"),
      "BASE/v1 refuses the key in OPENAI_API_KEY: 401: \u001b[2Jno key\u0007 (give it a key of this server: in that variable, or in a file named with --env-file (in code: apiKey))",
    ],
    [
      "an endless message, clipped",
      says(401, "n".repeat(100_000)),
      `BASE/v1 refuses the key in OPENAI_API_KEY: 401: ${"n".repeat(400)}... (99600 more characters) (give it a key of this server: in that variable, or in a file named with --env-file (in code: apiKey))`,
    ],
  ])("%s", async ([, behaviour, message, options]) => {
    expect(await messageFor({ behaviour }, options)).toEqual({ message, wrongWord: null });
  });

  const unknown = says(404, "The model `gpt-5-mimi` does not exist", { code: "model_not_found" });
  test.for<readonly [string, readonly string[], string, string | null]>([
    ["misspelt", ["gpt-4", "gpt-5-mini"], "did you mean --model gpt-5-mini (in code: model)?", "gpt-5-mini"],
    [
      "of a maker",
      ["acme/GPT-5-mimi", "x"],
      "did you mean --model acme/GPT-5-mimi (in code: model)?",
      "acme/GPT-5-mimi",
    ],
    [
      "with a tag",
      ["gpt-5-mimi:8b", "x"],
      "did you mean --model gpt-5-mimi:8b (in code: model)?",
      "gpt-5-mimi:8b",
    ],
    ["of nothing like it", ["b", "a"], "it has b, a", null],
    [
      "of nothing like many",
      Array.from({ length: 20 }, (_, at) => `other-${at}`),
      "it has other-0, other-1, other-2, other-3, other-4, other-5, other-6, other-7, and 12 more",
      null,
    ],
    [
      "where names are no words of a command",
      ["$(rm -rf ~)", "a b", "\u001b[2J", "n".repeat(999)],
      "check the name; the server lists none",
      null,
    ],
  ])("the name of a model, %s", async ([, models, remedy, right]) => {
    expect(await messageFor({ behaviour: unknown, models })).toEqual({
      message: `BASE/v1 has no model gpt-5-mimi: 404: The model \`gpt-5-mimi\` does not exist (${remedy})`,
      wrongWord: { option: "model", word: "gpt-5-mimi", right },
    });
  });

  test.for(["", "/v1/chat/completions", "/api/v2"])(
    "an address with the path %j, where it has another",
    async (path) => {
      const { message, wrongWord } = await messageFor({ behaviour: OK }, {}, path);
      expect(message).toMatch(
        /^BASE\S* is not the address of a model's API: 404: .* \(did you mean --base-url BASE\/v1 \(in code: baseURL\)\?\)$/,
      );
      expect(wrongWord).toMatchObject({ option: "base-url", right: expect.stringMatching(/\/v1$/) });
    },
  );

  test("an address of something else", async () => {
    const server = createServer(
      (_, response) => void response.writeHead(404).end("<html><title>My models</title></html>"),
    );
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(openai({ model: "m", baseURL, ...QUICK }).reply(ask(), running)).rejects.toMatchObject({
      message: `${baseURL} is not the address of a model's API: 404: an HTML page instead of JSON (My models) (check the base URL: that of most servers ends in /v1)`,
      wrongWord: { option: "base-url", right: null },
    });
    server.closeAllConnections();
  });

  test("by a web page with status 200: the first question says so, before anything begins", async () => {
    const behaviour: Behaviour = {
      type: "raw",
      headers: { "content-type": "text/html" },
      body: "<html><h1>Login</h1></html>",
    };
    await using server = await modelServer({ behaviour: [behaviour], firstBehaviour: behaviour });
    const model = openai({ model: "m", baseURL: server.baseURL, ...QUICK });
    await expect(model.tryOut(running.signal)).rejects.toThrow(
      `${server.baseURL} is not the address of a model's API: the reply is not JSON: an HTML page instead of JSON (Login) (check the base URL)`,
    );
  });
});

describe("no answer", () => {
  const messageAt = async (baseURL: string, options: Partial<OpenAIOptions> = {}): Promise<string> => {
    const model = openai({ model: "m", baseURL, apiKey: "k", env: {}, ...QUICK, ...options });
    const wordsOf = (asked: Promise<object>): Promise<string> =>
      asked.then(
        () => "it was answered",
        (error: unknown) => String(error),
      );
    const inRun = await wordsOf(model.reply(ask(), running));
    const first = await wordsOf(model.tryOut(running.signal));
    const remedy = (text: string): string | undefined => / \([^()]*\)$/.exec(text)?.[0];
    expect(remedy(first)).toBe(remedy(inRun));
    return inRun;
  };

  test("from a port of this machine where nothing listens", async () => {
    const gone = await modelServer({ behaviour: [OK] });
    await gone[Symbol.asyncDispose]();
    expect(await messageAt(gone.baseURL)).toMatch(
      /^RunError: no answer from http:\S+: m: given up after \d attempts; the last one: connect ECONNREFUSED 127\.0\.0\.1:\d+ \(nothing listens there: start the model's server, or give the base URL where it listens\)$/,
    );
  });

  test("from a host that is not known", async () => {
    expect(await messageAt("http://no-such-host.invalid/v1")).toMatch(
      /^RunError: no answer from http:\/\/no-such-host\.invalid\/v1: .*(ENOTFOUND|EAI_AGAIN).* \(no such host is known: check the base URL for a slip, and the network\)$/,
    );
  });

  test("in HTTPS, from a server that speaks none", async () => {
    await using server = await modelServer({ behaviour: [OK] });
    expect(await messageAt(server.baseURL.replace("http:", "https:"))).toMatch(
      /: (wrong version number|packet length too long) \(it speaks no HTTPS: give a base URL that begins with http:\)$/,
    );
  });

  test("through a proxy that is not there", async () => {
    const gone = await modelServer({ behaviour: [OK] });
    await gone[Symbol.asyncDispose]();
    const { host } = new URL(gone.baseURL);
    const env = { http_proxy: `http://me:pass-word@${host}` };
    const message = await messageAt("http://model.example/v1", { env });
    expect(message).toMatch(/ECONNREFUSED/);
    expect(message).toContain(`(check the base URL, and the proxy ${host} that the environment names)`);
  });

  // As Node and OpenSSL say it: none of these can be had on every machine.
  test.for([
    [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "self-signed certificate",
      "its certificate is not trusted here: name the file of its authority in NODE_EXTRA_CA_CERTS",
    ],
    [
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "unable to verify the first certificate",
      "its certificate is not trusted here: name the file of its authority in NODE_EXTRA_CA_CERTS",
    ],
    [
      "CERT_HAS_EXPIRED",
      "certificate has expired",
      "the server needs a new certificate, unless the clock of this machine is wrong",
    ],
    [
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b",
      "its certificate is another host's: check the host in the base URL",
    ],
    [
      "UND_ERR_CONNECT_TIMEOUT",
      "Connect Timeout Error",
      "the host does not answer: check the base URL, and any firewall or VPN on the way",
    ],
    [
      "EHOSTUNREACH",
      "connect EHOSTUNREACH 10.0.0.1:443",
      "the host does not answer: check the base URL, and any firewall or VPN on the way",
    ],
    [
      "EAI_AGAIN",
      "getaddrinfo EAI_AGAIN a",
      "no such host is known: check the base URL for a slip, and the network",
    ],
    ["ECONNREFUSED", "", "nothing listens there: check the port of the base URL, and that the server runs"],
    [
      "ECONNRESET",
      "read ECONNRESET",
      "check the network and the base URL; a proxy is used where https_proxy or http_proxy names one",
    ],
  ] as const)("%s", ([code, words, remedy]) => {
    const inner = Object.assign(new Error(words), { code });
    const cause = new TypeError("fetch failed", {
      cause: words === "" ? new AggregateError([inner]) : inner,
    });
    const failure = classifyFailure(new APIConnectionError({ cause }), 0);
    const endpoint = endpointOf({ baseURL: "https://a.example/v1", apiKey: "k" }, {});
    const { message } = unreachableError(endpoint, failure);
    expect(message).toBe(`no answer from https://a.example/v1: ${failure.message} (${remedy})`);
    expect(message).toContain(words);
  });

  test("because the model is being loaded", async () => {
    await using server = await modelServer({
      behaviour: [says(503, "Loading model")],
      firstBehaviour: says(503, "Loading model"),
    });
    expect(await messageAt(server.baseURL)).toMatch(/\(go on when the server has loaded its model\)$/);
  });
});

test("the name that was meant is one of the server's, and never a guess among several", () => {
  expect(meantName("qwen3", ["qwen3:8b", "qwen3:4b"])).toBeNull();
  expect(meantName("qwen3", ["qwen3:8b"])).toBe("qwen3:8b");
  expect(meantName("", ["a"])).toBeNull();
  expect(meantName("x".repeat(100_000), ["a", "b"])).toBeNull();
});
