// A run's journal as a model: the same run again without a server, and what differs is named.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { randomAt } from "../../../src/core/random.ts";
import type { Run } from "../../../src/core/run/run.ts";
import { readRequest, requestLog } from "../../../src/loop/turn-journal.ts";
import { ModelFailure } from "../../../src/models/signals/failure.ts";
import { recordedRun, requestDifference } from "../../../src/run/checks/recorded-run.ts";
import type { LanguageModel, Message, ModelRequest } from "../../../src/contracts/index.ts";
import { openRunStore } from "../../../src/store/index.ts";
import { memoryJournal } from "../../../src/testing/memory-journal.ts";
import { scriptedModel } from "../../../src/testing/scripted-model.ts";
import { logStructured, plain } from "../../../renderers/index.ts";
import { ask } from "../../models/helpers.ts";
import { tinyReply, tinyRun, type TinyOptions } from "../../support/tiny-run.ts";

const RUN = {
  proposals: 6,
  rounds: 2,
  parallel: 3,
  order: "as-proposed",
  renderer: logStructured(),
} satisfies TinyOptions;

/** Refuses long prompts, and has now and then no reply at all: a function of the request. */
function difficult(): LanguageModel {
  return scriptedModel((request) => {
    if (JSON.stringify(request.messages).length > 3_000) {
      throw new ModelFailure("too-long", "too long", { windowTokens: 3_000 });
    }
    if (randomAt("difficult", request.seed).next() < 0.08)
      throw new ModelFailure("bad-request", "no reply at this place");
    return tinyReply(request);
  });
}

function visible(run: Run): unknown {
  const { best, told, failures, population, usage, windows } = run;
  const branches = run.branches.sortBy(({ number }) => number).valueSeq();
  return JSON.parse(JSON.stringify({ best, told, failures, population, usage, windows, branches }));
}

let dir = "";
let first: Run;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "recorded-run-"));
  await using store = await openRunStore(dir, { mode: "write" });
  first = await tinyRun(store, { ...RUN, model: difficult() });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("recordedRun", () => {
  test("gives the same run again: every request is the recorded one, failures and folded prompts too", async () => {
    expect(first.failures).toBeGreaterThan(0);
    expect(first.notices["too-long"]).toBeGreaterThan(0);
    const again = await tinyRun(memoryJournal(), {
      ...RUN,
      model: await recordedRun(dir, { match: "exact" }),
    });
    expect(visible(again)).toEqual(visible(first));
  });

  test("another request at a recorded place: told once, or the end of the run where it must be exact", async () => {
    const differences: string[] = [];
    const onDifference = (what: string): void => void differences.push(what);
    const other = { ...RUN, renderer: plain() };
    await tinyRun(memoryJournal(), { ...other, model: await recordedRun(dir, { onDifference }) });
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatch(/^p\d, round 1, turn 1: .* in (breakpoints|message \d+ of \d+)/);
    const exact = await recordedRun(dir, { match: "exact" });
    await expect(tinyRun(memoryJournal(), { ...other, model: exact })).rejects.toMatchObject({
      code: "model-refused",
      message: expect.stringContaining("differs from the recorded one"),
    });
  });

  test("a place that the run never came to stops the run, with the remedy", async () => {
    const model = await recordedRun(dir);
    await expect(tinyRun(memoryJournal(), { ...RUN, seed: 8, model })).rejects.toThrow(/that it had/);
    await expect(recordedRun(join(dir, "nothing"))).rejects.toMatchObject({ code: "run-missing" });
  });
});

describe("requests in the journal", () => {
  const said = (index: number): Message => ({
    role: "user",
    content: [{ type: "text", text: `${index} `.repeat(200) }],
  });
  const conversation = (turns: number): ModelRequest =>
    ask({ messages: Array.from({ length: turns * 2 }, (_, index) => said(index)), seed: turns });

  test("come back whole, also after a fold and with other tools", async () => {
    const asked = [
      conversation(1),
      conversation(2),
      { ...conversation(3), messages: [said(0), said(9), said(10)] },
      conversation(4),
      { ...conversation(4), tools: [] },
      { ...conversation(5), tools: [], toolChoice: "none" as const, breakpoints: [1, 3] },
    ];
    const log = requestLog();
    const blobs = asked.map((request) => log.blobOf(request));
    const byHash = new Map(blobs.map(({ hash, bytes }) => [hash, bytes]));
    const reader = { readBlob: async (hash: string) => byHash.get(hash) ?? new Uint8Array() };
    for (const [at, request] of asked.entries())
      expect(await readRequest(reader, blobs[at]?.hash ?? "")).toEqual(request);
  });

  test("take the conversation's length and not its square", () => {
    const bytesOf = (turns: number): number => {
      const log = requestLog();
      const blobs = Array.from({ length: turns }, (_, at) => log.blobOf(conversation(at + 1)));
      return blobs.reduce((sum, { bytes }) => sum + bytes.length, 0);
    };
    const [few, many] = [bytesOf(20), bytesOf(80)];
    expect(many / few).toBeLessThan(5);
    expect(many).toBeLessThan(1.3 * JSON.stringify(conversation(80)).length);
  });
});

test("a mark of a tool that no provider is sent is no difference; what a provider is sent is one", () => {
  const [code] = ask().tools;
  if (code === undefined) throw new Error("the request has a tool");
  const marked = ask({ tools: [{ ...code, codeParameter: "source", closesRound: true }] });
  expect(requestDifference(ask({ tools: [code] }), marked)).toBeNull();
  expect(requestDifference(ask({ tools: [{ ...code, description: "Other." }] }), marked)).toMatch(/^tools: /);
});
