import { describe, expect, test } from "vitest";
import { endpointOf, createRedactor, secretsOf } from "../../../src/models/openai/endpoint.ts";
import { openai } from "../../../src/models/openai/openai.ts";

describe("where requests go", () => {
  test("OpenAI's own address, unless the option or the environment names another", () => {
    const key = { OPENAI_API_KEY: "k" };
    const elsewhere = { ...key, OPENAI_BASE_URL: "https://elsewhere.example/v1" };
    expect(endpointOf({}, key).baseURL).toBe("https://api.openai.com/v1");
    expect(endpointOf({}, elsewhere).baseURL).toBe("https://elsewhere.example/v1");
    expect(endpointOf({ baseURL: "https://third.example" }, elsewhere).baseURL).toBe("https://third.example");
  });

  test("the key comes from the option, then from the environment, without the line break of a file", () => {
    expect(endpointOf({ apiKey: "a" }, { OPENAI_API_KEY: "b" }).apiKey).toBe("a");
    expect(endpointOf({}, { OPENAI_API_KEY: "b\n" }).apiKey).toBe("b");
  });

  test.for([
    "http://localhost:8000/v1",
    "http://127.0.0.1:1/v1",
    "http://[::1]:1/v1",
    "http://gpu7:8000",
    "http://192.168.1.4",
  ])("%s needs no key", (baseURL) => {
    expect(endpointOf({ baseURL }, {}).isLocal).toBe(true);
  });

  test.for(["https://api.openai.com/v1", "http://8.8.8.8", "https://localhost.evil.example"])(
    "%s needs one, and the error says how to give it",
    (baseURL) => {
      expect(() => endpointOf({ baseURL }, {})).toThrow(/OPENAI_API_KEY/);
    },
  );

  test("a provider's own key goes before OpenAI's; OpenAI's account goes to OpenAI alone", () => {
    const env = { OPENAI_API_KEY: "o", ANTHROPIC_API_KEY: "a", OPENAI_ORG_ID: "org-1" };
    expect(endpointOf({ baseURL: "https://api.anthropic.com/v1" }, env)).toMatchObject({
      apiKey: "a",
      organization: null,
    });
    expect(endpointOf({}, env)).toMatchObject({ apiKey: "o", organization: "org-1" });
    expect(() => endpointOf({ baseURL: "https://api.anthropic.com/v1" }, {})).toThrow(
      /ANTHROPIC_API_KEY or OPENAI_API_KEY/,
    );
  });

  test("headers come from the option and the environment, and are as secret as a key", () => {
    const env = { OPENAI_API_KEY: "sk-123456", OPENAI_CUSTOM_HEADERS: "x-one: Bearer tok-1234\nx-two: b" };
    const endpoint = endpointOf({ headers: { "x-two": "gate-5678" } }, env);
    expect(endpoint.headers).toEqual({ "x-one": "Bearer tok-1234", "x-two": "gate-5678" });
    const redact = createRedactor(secretsOf(endpoint));
    expect(redact("sk-123456 Bearer tok-1234, tok-1234 gate-5678")).toBe(
      "[secret] [secret], [secret] [secret]",
    );
  });

  test.for(["no url", "ftp://x/v1", "https://user:hunter2@x.example/v1"])("%s is a bad option", (baseURL) => {
    let thrown: unknown;
    try {
      openai({ model: "m", baseURL, apiKey: "k" });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "bad-option" });
    expect(String(thrown)).not.toContain("hunter2");
  });

  test("secrets are taken out of texts; words too short to be one are not", () => {
    expect(createRedactor(["sk-123456"])("bad key sk-123456!")).toBe("bad key [secret]!");
    expect(createRedactor(["none"])("none of it")).toBe("none of it");
  });
});
