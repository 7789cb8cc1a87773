// The flags of a model: what they send, and that a resumed run has them again.
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { addModelFlags, modelNamed, modelOrigin, type ModelFlags } from "../../src/cli/flags/model-flags.ts";
import { parseJson, stringOf } from "../../src/core/untrusted.ts";
import { modelServer } from "../../src/testing/model-server.ts";
import { ask, running } from "../models/helpers.ts";

/** The flags as commander reads them. */
function parse(...words: string[]): ModelFlags {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addModelFlags(command, "The model.");
  return command.parse(words, { from: "user" }).opts();
}

const FLAGS = [
  ...["--max-output-tokens", "77", "--temperature", "0", "--model-timeout", "900"],
  ...["--model-first-byte-timeout", "1200", "--model-idle-timeout", "90"],
];

describe("the flags of a model", () => {
  test("are fields of its profile, and go before those of --profile", () => {
    const origin = modelOrigin("m", parse(...FLAGS, "--profile", '{"temperature":1,"harness":"full"}'));
    expect(parseJson(stringOf(origin["profile"]))).toEqual({
      ...{ harness: "full", maxOutputTokens: 77, temperature: 0 },
      ...{ timeoutMs: 900_000, firstByteTimeoutMs: 1_200_000, idleTimeoutMs: 90_000 },
    });
    expect(modelOrigin("m", parse())).toEqual({ model: "m" });
  });

  test("reach the server, and again from what the journal keeps", async () => {
    await using server = await modelServer({
      behaviour: ({ body }) =>
        body["model"] === "mute" ? { type: "hang" } : { type: "reply", reply: { text: "fine" } },
    });
    const flags = parse(...FLAGS, "--base-url", server.baseURL);
    const { profile } = modelOrigin("m", flags);
    for (const again of [flags, { baseUrl: server.baseURL, profile: stringOf(profile) }]) {
      const model = await modelNamed("m", again, () => undefined);
      await model.reply(ask(), running);
      expect(server.requests.at(-1)?.body).toMatchObject({ max_tokens: 77, temperature: 0 });
    }
    const hurried = parse("--base-url", server.baseURL, "--model-timeout", "0.2");
    const mute = await modelNamed("mute", hurried, () => undefined);
    await expect(mute.reply(ask(), running)).rejects.toThrow("within 0.2 s");
  });

  test.for([
    ["--max-output-tokens", "0", "1 or more"],
    ["--max-output-tokens", "many", "whole number"],
    ["--temperature", "-1", "above 0"],
    ["--temperature", "", "above 0"],
    ["--model-timeout", "0", "above 0"],
    ["--model-idle-timeout", "x", "above 0"],
  ] as const)("%s %j is refused", ([flag, value, why]) => {
    expect(() => parse(flag, value)).toThrow(why);
  });
});
