import { describe, expect, test } from "vitest";
import { modelFromSpec } from "../../src/models/model-from-spec.ts";

const LOCAL = { baseURL: "http://localhost:1/v1" };

describe("--model", () => {
  test.for([
    ["gpt-5", "gpt-5"],
    ["openai:gpt-5", "gpt-5"],
    ["responses:gpt-5", "gpt-5"],
    ["qwen3:8b", "qwen3:8b"],
    ["openai/gpt-oss-120b", "openai/gpt-oss-120b"],
    ["bandit:gpt-5,responses:o4-mini", "bandit(gpt-5, o4-mini)"],
    ["ensemble:gpt-5=2,qwen3:8b", "ensemble(gpt-5, qwen3:8b)"],
  ] as const)("%s is the model %s", ([spec, name]) => {
    expect(modelFromSpec(spec, LOCAL).name).toBe(name);
  });

  test("offline needs nothing", () => {
    expect(modelFromSpec("offline").name).toContain("offline");
    expect(modelFromSpec("offline:tries=1,explorations=2").name).toContain("offline");
  });

  test("a misspelt offline is no model of a server, unless one is named", () => {
    expect(() => modelFromSpec("ofline")).toThrow("did you mean offline?");
    expect(modelFromSpec("ofline", LOCAL).name).toBe("ofline");
  });

  test.for([
    "",
    "offline:x",
    "offline:tries=0",
    "offline:tries=1,moves=2",
    "openai:",
    "recorded:",
    "recorded:/no/such/place",
    "bandit:",
    "bandit:a,a",
    "ensemble:a=0",
  ])("%j is a bad option", (spec) => {
    expect(() => modelFromSpec(spec, LOCAL)).toThrow(expect.objectContaining({ code: "bad-option" }));
  });
});
