// Whole runs against a real HTTP server: with a fifth of all requests failing, and with a key that nobody may see.
import { describe, expect, test } from "vitest";
import { randomAt } from "../../src/core/random.ts";
import type { Run } from "../../src/core/run/run.ts";
import { listOf, recordOf } from "../../src/core/untrusted.ts";
import type { JsonObject } from "../../src/contracts/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import type { Behaviour, ReplyBreak, SeenRequest } from "../../src/testing/model-server.ts";
import { tinyReply, tinyRun } from "../support/tiny-run.ts";
import { ask, bench, running } from "./helpers.ts";

const RUN = { proposals: 8, rounds: 2, parallel: 4, order: "as-proposed" } as const;

/** The scripted reply of the tiny runs, asked over the wire. */
function answer({ body }: SeenRequest): Behaviour {
  const choice = body["tool_choice"];
  const results = listOf(body["messages"]).filter((message) => recordOf(message)["role"] === "tool");
  const request = ask({
    seed: Number(body["seed"]),
    messages: results.map(() => ({ role: "tool", callId: "", isError: false, content: [] })),
    toolChoice: choice === "auto" || choice === "none" ? choice : { tool: "finish_round" },
  });
  const { text, calls = [] } = tinyReply(request);
  const served = calls.map(({ tool, arguments: args }, index) => ({
    tool,
    arguments: args as JsonObject,
    id: `call-${request.seed}-${index}`,
  }));
  return { type: "reply", reply: { ...(text === undefined ? {} : { text }), calls: served } };
}

const FAILURES: readonly Behaviour[] = [
  { type: "error", status: 500 },
  { type: "error", status: 503 },
  { type: "error", status: 408 },
  { type: "error", status: 409 },
  { type: "error", status: 429, headers: { "retry-after-ms": "5" } },
  { type: "reset" },
  { type: "raw", body: "<html>Login</html>" },
  { type: "raw", headers: { "content-encoding": "gzip" }, body: "garbage" },
  { type: "raw", body: '{"error": {"message": "upstream", "code": 502}}' },
  { type: "reply", reply: { text: "" } },
  { type: "hang" },
];

/** A fifth of the requests fail, in ways of every kind; the others are answered, some after a break. */
function unreliable(): (request: SeenRequest) => Behaviour {
  const asked = new Map<string, number>();
  return (request) => {
    // By place and attempt, not by the order of arrival, which only the clock decides.
    const place = JSON.stringify(request.body["seed"]);
    const attempt = asked.get(place) ?? 0;
    asked.set(place, attempt + 1);
    const random = randomAt("unreliable", place, attempt);
    if (random.next() >= 0.2) return answer(request);
    const how: readonly ReplyBreak["how"][] = ["cut", "close", "stall"];
    const whole = answer(request);
    return random.next() < 0.5 || whole.type !== "reply"
      ? random.pick(FAILURES)
      : { ...whole, breaks: { how: random.pick(how), afterBytes: random.int(250) } };
  };
}

function visible(run: Run): unknown {
  const { best, told, failures, population, usage } = run;
  const branches = run.branches.valueSeq().toArray();
  return JSON.parse(JSON.stringify({ best, told, failures, population, usage, branches }));
}

describe("a run in which a fifth of all requests fail", () => {
  test("ends with the population of a run without a failure", { timeout: 120_000 }, async () => {
    const play = async (behaviour: (request: SeenRequest) => Behaviour) => {
      // Long enough for a busy machine that answers, short enough for a server that never will.
      const deadlines = { firstByteTimeoutMs: 1_000, idleTimeoutMs: 1_000 };
      await using b = await bench(behaviour, { maxRetries: 12, ...deadlines });
      const run = await tinyRun(memoryJournal(), { ...RUN, model: b.model });
      return { run, requests: b.server.requests.length, notices: b.notices };
    };
    const calm = await play(answer);
    const rough = await play(unreliable());
    expect(visible(rough.run)).toEqual(visible(calm.run));
    expect(calm.run.failures).toBe(0);
    expect(rough.requests).toBeGreaterThan(calm.requests * 1.1);
    expect(new Set(rough.notices.map(({ type }) => type))).toContain("retried");
  });
});

describe("a server that takes 60 requests in each window", () => {
  test("eight episodes at a time: none fails, and few requests are sent in vain", async () => {
    const windowMs = 1_000;
    const play = async (behaviour: (request: SeenRequest) => Behaviour) => {
      await using b = await bench(behaviour);
      const began = performance.now();
      const run = await tinyRun(memoryJournal(), { ...RUN, proposals: 24, parallel: 8, model: b.model });
      return { run, tookMs: performance.now() - began, requests: b.server.requests.length };
    };
    const free = await play(answer);
    let [opened, used, passed] = [0, 0, 0];
    const limited = await play((request) => {
      const now = performance.now();
      if (now >= opened + windowMs) [opened, used] = [now, 0];
      const headers = { "retry-after-ms": String(Math.ceil(opened + windowMs - now)) };
      if (used >= 60) return { type: "error", status: 429, headers };
      used++;
      passed++;
      return answer(request);
    });
    expect(limited.run.failures).toBe(0);
    expect(visible(limited.run)).toEqual(visible(free.run));
    expect(passed).toBe(free.requests);
    const boundMs = Math.floor((passed - 1) / 60) * windowMs;
    expect(boundMs).toBeGreaterThanOrEqual(2 * windowMs);
    expect(limited.tookMs).toBeGreaterThanOrEqual(boundMs);
    // A refused request costs the server work: few were sent in vain.
    expect(limited.requests - passed).toBeLessThan(passed);
  });
});

describe("a key", () => {
  const CANARY = "sk-canary-8f2c1e7a90b34d56";

  test("is in nothing that is written, told or thrown", async () => {
    const seen: string[] = [];
    const echoing: Behaviour = {
      type: "error",
      status: 500,
      body: { error: { message: `you sent ${CANARY}`, param: CANARY } },
    };
    const journal = memoryJournal();
    await using b = await bench((request) => (request.number % 5 === 0 ? echoing : answer(request)), {
      apiKey: CANARY,
      onNotice: ({ message }) => seen.push(message),
    });
    await tinyRun(journal, { ...RUN, proposals: 2, model: b.model });
    expect(b.server.requests[0]?.headers["authorization"]).toBe(`Bearer ${CANARY}`);
    for (const status of [400, 401, 404, 429, 500]) {
      const body = { error: { message: `Incorrect API key provided: ${CANARY}`, param: CANARY } };
      await using c = await bench([{ type: "error", status, body, headers: { "retry-after": "9999" } }], {
        apiKey: CANARY,
        maxRetries: 0,
      });
      const thrown: unknown = await c.model.reply(ask(), running).catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(Error);
      for (let at = thrown; at instanceof Error; at = at.cause) {
        seen.push(String(at.stack), JSON.stringify(at, Object.getOwnPropertyNames(at)));
      }
    }
    const blobs = await Promise.all(
      journal.events.flatMap((event) => (event.type === "turn-ended" ? [journal.readBlob(event.reply)] : [])),
    );
    const everything = [...seen, ...blobs.map((bytes) => Buffer.from(bytes).toString("utf8"))];
    everything.push(JSON.stringify(journal.events), JSON.stringify(b.model), JSON.stringify(b.notices));
    expect(everything.filter((text) => text.includes("canary-8f2c"))).toEqual([]);
    expect(seen.some((text) => text.includes("[secret]"))).toBe(true);
  });
});
