// What a model tells while it works, and what of it stays with the reply.
import { describe, expect, test } from "vitest";
import { withEnvFile } from "../../../src/models/openai/endpoint.ts";
import type { ModelNotice } from "../../../src/models/signals/notice.ts";
import { readProfileChanges, toProfileChanges } from "../../../src/models/catalogue/profile-text.ts";
import { noticeBoard } from "../../../src/cli/terminal/notice-board.ts";
import { noticesText } from "../../../src/cli/terminal/run-facts.ts";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Behaviour } from "../../../src/testing/model-server.ts";
import { ask, bench, running } from "../helpers.ts";

const OK: Behaviour = { type: "reply", reply: { text: "fine" } };
const SEEN = { seesImages: false, cachedTokens: 0, isAble: true };
const BUSY: Behaviour = { type: "error", status: 503 };

describe("a reply says what had to be done to get it", () => {
  test("nothing: no field", async () => {
    await using b = await bench([OK]);
    expect(await b.model.reply(ask(), running)).not.toHaveProperty("notices");
  });

  test("each by its kind, for this reply alone", async () => {
    const fenced = { tool: "run_code", arguments: '```json\n{"source": "1"}\n```' };
    const limit: Behaviour = { type: "error", status: 429, headers: { "retry-after-ms": "1" } };
    await using b = await bench([BUSY, BUSY, limit, { type: "reply", reply: { calls: [fenced] } }, OK]);
    expect((await b.model.reply(ask(), running)).notices).toEqual({
      ...{ retried: 2, slowed: 1, repaired: 1 },
      "repaired:json": 1,
    });
    expect(await b.model.reply(ask(), running)).not.toHaveProperty("notices");
  });

  test("a retry says when it is made, and when all of it would be over", async () => {
    await using b = await bench([BUSY, BUSY, OK], {
      ...{ maxRetries: 3, firstDelayMs: 4, maxDelayMs: 100 },
      // The attempts themselves take no time.
      clock: () => 0,
    });
    await b.model.reply(ask(), running);
    const plans = b.notices.flatMap(({ retry }) => retry ?? []);
    expect(plans.map(({ failed }) => failed)).toEqual([1, 2]);
    const [first, second] = plans;
    // Waits are a function of the seed: what is left after the first is what the second announces.
    expect((first?.givesUpMs ?? 0) - (first?.waitMs ?? 0)).toBeCloseTo(second?.givesUpMs ?? 0, 6);
  });
});

describe("the notice board", () => {
  const notice = (type: ModelNotice["type"], message: string): ModelNotice => ({ type, model: "m", message });

  test("the first trouble at once, then now and then; what is learnt always; repairs never", () => {
    const lines: string[] = [];
    let now = 0;
    const board = noticeBoard(() => now);
    board.listener(notice("unknown-model", "nothing is known"));
    board.showOn((line) => lines.push(line));
    for (let at = 0; at < 40; at++) {
      now = at * 1_000;
      board.listener(notice("retried", `503 at ${at}`));
      board.listener(notice("repaired", "a comma"));
    }
    board.listener(notice("adapted", "seed: true -> false"));
    expect(lines).toEqual([
      "model m: nothing is known",
      "model m: 503 at 0",
      "model m: 503 at 15 (14 more since the last line)",
      "model m: 503 at 30 (14 more since the last line)",
      "model m: it is asked in another way from now on: seed: true -> false",
    ]);
  });

  test("the status has the latest, for as long as it holds", () => {
    const board = noticeBoard(() => 1_000);
    expect(board.status(1_000)).toBeNull();
    const retry = { failed: 1, waitMs: 10_000, givesUpMs: 60_000 };
    board.listener({ ...notice("retried", "503"), retry });
    expect(board.status(2_000)).toBe("model m: 503");
    expect(board.status(60_000)).toBeNull();
  });

  test("counts in words", () => {
    expect(noticesText({ retried: 1, repaired: 3, odd: 2 })).toBe(
      "1 request asked again, 3 repairs of replies, 2 odd",
    );
    const kinds = { "repaired:name": 2, "repaired:text": 1, "repaired:odd": 1, slowed: 1 };
    expect(noticesText({ repaired: 4, ...kinds })).toBe(
      "4 repairs of replies (2 misspelt tools, 1 call written as text, 1 odd), 1 wait for the rate limit",
    );
  });
});

describe("a profile as text", () => {
  test("what a server refused comes back as the smallest profile that saves the lesson", async () => {
    const refusal = { error: { message: "seed is not supported", param: "seed" } };
    await using b = await bench(({ body }) =>
      "seed" in body ? { type: "error", status: 400, body: refusal } : OK,
    );
    await b.model.reply(ask(), running);
    const changes = toProfileChanges(b.model.learnt.profile, b.model.learnt, SEEN);
    expect(changes).toEqual({ harness: "lean", contextTokens: null, dialect: { seed: false } });
    await using next = await bench([OK], { profile: readProfileChanges(JSON.stringify(changes)) });
    await next.model.reply(ask(), running);
    expect(next.server.requests[0]?.body).not.toHaveProperty("seed");
    expect(next.notices.map(({ type }) => type)).not.toContain("adapted");
  });

  test.for([
    ["{nope", /not a JSON object/],
    ["missing.json", /no file missing.json/],
    ['{"sees": true}', /no field "sees"; there are contextTokens/],
    ['{"contextTokens": "many"}', /contextTokens must be a number/],
    ['{"dialect": {"seeds": true}}', /no field "seeds"/],
    ['{"dialect": {"seed": "no"}}', /seed must be a boolean/],
    ['{"price": {"inputUsd": 1}}', /price must be null, or have inputUsd, cachedUsd/],
    ['{"cache": {"matching": "most", "minimumTokens": 0, "lifetimeMs": 0}}', /cache must be an object with/],
    ['{"dialect": {"tools": "fenced"}}', /dialect: tools must be one of native, text, fence/],
    ['{"dialect": {"systemRole": ["system", "robot"]}}', /systemRole must be a list of words among system,/],
    ['{"cache": {}}', /cache must be an object with matching/],
    ['{"maxOutputTokens": 0.5}', /maxOutputTokens must be a whole number above 0, or null/],
    ['{"temperature": -1}', /temperature must be a number of 0 or more, or null/],
    ['{"timeoutMs": null}', /timeoutMs must be a number above 0, and at most 2147483647/],
    ['{"idleTimeoutMs": 1e10}', /idleTimeoutMs must be a number above 0/],
  ] as const)("%s is refused by name", ([text, why]) => {
    expect(() => readProfileChanges(text)).toThrow(why);
  });
});

describe("--env-file", () => {
  test("its variables go before the environment's, and into no other place", () => {
    const dir = mkdtempSync(join(tmpdir(), "env-file-"));
    try {
      const file = join(dir, ".env");
      writeFileSync(file, "# a key\nOPENAI_API_KEY='sk-from-file'\nexport ENV_FILE_OTHER=2\n");
      const env = withEnvFile(file, { OPENAI_API_KEY: "sk-ambient", KEPT: "1" });
      expect(env).toEqual({ OPENAI_API_KEY: "sk-from-file", KEPT: "1", ENV_FILE_OTHER: "2" });
      expect(process.env["ENV_FILE_OTHER"]).toBeUndefined();
      writeFileSync(file, "\uFEFFOPENAI_API_KEY=sk-marked\r\nOTHER=2\r\n");
      expect(withEnvFile(file, {})).toEqual({ OPENAI_API_KEY: "sk-marked", OTHER: "2" });
      writeFileSync(file, "\uFEFFOPENAI_API_KEY=sk-wide\r\n", "utf16le");
      expect(() => withEnvFile(file, {})).toThrow(/in UTF-16LE, not in UTF-8/);
      expect(() => withEnvFile(file, {})).not.toThrow(/sk-wide/);
      writeFileSync(file, "sk-no-name\n");
      expect(() => withEnvFile(file, {})).toThrow(/sets no variable/);
      expect(() => withEnvFile(file, {})).not.toThrow(/sk-no-name/);
      expect(() => withEnvFile(join(dir, "nothing"), {})).toThrow(/cannot be read/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
