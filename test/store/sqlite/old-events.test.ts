// Events that earlier versions wrote, as this version reads them.
import { expect, test } from "vitest";
import { decodeEvent, encodeEvent } from "../../../src/store/sqlite/event-json.ts";
import { everySample } from "../../../src/testing/conformance/journal-samples.ts";

const move = { id: "p1", number: 1, parents: ["b0"], island: 0 };
const failure = { boundary: "model", message: "m" };

test.each([
  [
    { type: "run-started", version: 1, seed: 3 },
    { type: "run-started", version: 2, seed: 3 },
  ],
  [
    { type: "steered", letter: "l1", note: "n", branch: null, proposals: 2 },
    { type: "steered", command: "l1", note: "n", branch: null, proposals: 2 },
  ],
  [
    { type: "proposal-made", proposal: { ...move, operator: "found", notes: [{ letter: "l1", note: "n" }] } },
    {
      type: "proposal-made",
      proposal: { ...move, operator: "draft", notes: [{ command: "l1", note: "n" }] },
    },
  ],
  [
    {
      type: "proposal-made",
      proposal: { ...move, operator: "inject", injected: { letter: "l2", notebook: "h" } },
    },
    {
      type: "proposal-made",
      proposal: { ...move, operator: "inject", injected: { command: "l2", notebook: "h" } },
    },
  ],
  [
    { type: "episode-ended", outcome: { ok: false, proposal: { ...move, operator: "found" }, failure } },
    { type: "episode-ended", outcome: { ok: false, proposal: { ...move, operator: "draft" }, failure } },
  ],
])("%j is read as today's", (old, now) => {
  expect(decodeEvent(JSON.stringify(old), "event 0")).toEqual(now);
});

test("an event of today is read as it was written, to the byte", () => {
  for (const event of everySample().flatMap(({ events }) => events)) {
    const text = encodeEvent(event);
    expect(encodeEvent(decodeEvent(text, "event"))).toBe(text);
  }
});
