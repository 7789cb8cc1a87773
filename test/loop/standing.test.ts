// Failures in a row leave the prompt of a lean harness; the journal keeps them.
import { describe, expect, test } from "vitest";
import { memoryJournal } from "../../src/testing/index.ts";
import type { Harness, ModelReply, ModelRequest } from "../../src/contracts/index.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { contentOf } from "../../src/core/conversation.ts";
import { tinyRun } from "../support/tiny-run.ts";

const cell = (source: string): Pick<ModelReply, "text" | "calls"> => ({
  text: "",
  calls: [{ id: source, tool: "run_code", arguments: { source } }],
});
const words = (request: ModelRequest | undefined): string =>
  (request?.messages ?? []).map((message) => contentOf(message).text).join("\n");

async function play(harness: Harness, replies: readonly Pick<ModelReply, "text" | "calls">[]) {
  const model = scriptedModel(replies);
  const journal = memoryJournal();
  const run = await tinyRun(journal, { model, harness, proposals: 1, parallel: 1 });
  return { run, journal, requests: model.requests };
}

describe("a lean harness", () => {
  const replies = [
    cell("x = 2"),
    cell("raise KeyError"),
    cell("raise ValueError"),
    cell("x = 7"),
    cell("x = 8"),
  ];

  test("leaves failures out, tells of them in a line, asks more boldly, then goes on as before", async () => {
    const { run, requests, journal } = await play("lean", [...replies, { text: "Done.", calls: [] }]);
    expect(words(requests[2])).not.toContain("raise KeyError");
    expect(words(requests[2])).toContain("c4: KeyError");
    expect(requests[2]?.temperature).toBeUndefined();
    const anew = words(requests[3]);
    expect(anew).not.toContain("raise KeyError");
    expect(anew).toContain("Already tried, and taken back: ");
    expect(anew).toContain("c4: KeyError");
    expect(anew).toContain("c5: ValueError");
    expect(anew).toContain("in another way than what was tried.");
    expect(requests[3]?.temperature).toBe(1);
    expect(requests[4]?.temperature).toBeUndefined();
    expect(words(requests[4])).toContain("x = 7");
    expect(run.best.score.fitness).toBe(8);
    expect(journal.events.filter(({ type }) => type === "calls-ended")).toHaveLength(6);
  });

  test("is told what came to nothing, and closes when the same comes three times", async () => {
    const { requests, run } = await play(
      "lean",
      Array.from({ length: 6 }, () => cell("x = 1")),
    );
    expect(requests.map(({ temperature }) => temperature)).toEqual([undefined, undefined, 1]);
    expect(words(requests[2])).toContain("c3: score: 1");
    expect(run.best.notebook).toBeDefined();
  });

  test("a full one keeps everything", async () => {
    const { requests } = await play("full", [{ text: "A plan.", calls: [] }, ...replies]);
    expect(words(requests[4])).toContain("raise KeyError");
    expect(requests.every(({ temperature }) => temperature === undefined)).toBe(true);
  });
});
