// An episode out of its events and blobs: nothing of a run is lost, and nothing of a stranger's run throws.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shownReply, shownResults } from "../../src/dashboard/episode/turn-values.ts";
import { turnsOf } from "../../src/dashboard/episode/turns-of.ts";
import type { PlacedEvent } from "../../src/dashboard/source.ts";
import { proposalOf } from "../../src/core/run/proposal-of.ts";
import type { RunEvent } from "../../src/contracts/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { tinyRun } from "../support/tiny-run.ts";

async function eventsOfRun(): Promise<readonly PlacedEvent[]> {
  const journal = memoryJournal();
  await tinyRun(journal, { proposals: 6, rounds: 2 });
  const placed: PlacedEvent[] = [];
  for await (const event of journal.read(0))
    placed.push({ seq: placed.length, sent: [1000 * placed.length, event] });
  return placed;
}

const typesOf = (events: readonly PlacedEvent[], type: RunEvent["type"]) =>
  events.filter(({ sent: [, event] }) => event.type === type);

describe("an episode", () => {
  test("has every turn, round and restore of its events, cut off anywhere", async () => {
    const all = await eventsOfRun();
    const proposals = new Set(all.flatMap(({ sent: [, event] }) => proposalOf(event) ?? []));
    expect(proposals.size).toBe(6);
    for (const proposal of proposals) {
      const own = all.filter(({ sent: [, event] }) => proposalOf(event) === proposal);
      for (let until = 0; until <= own.length; until++) {
        const events = own.slice(0, until);
        const { made, rounds, restores, outcome, latestMs } = turnsOf(events);
        const turns = rounds.flatMap((round) => round.turns);
        expect(made !== null).toBe(typesOf(events, "proposal-made").length === 1);
        expect(outcome !== null).toBe(typesOf(events, "episode-ended").length === 1);
        expect(restores).toHaveLength(typesOf(events, "kernel-restored").length);
        expect(turns).toHaveLength(typesOf(events, "turn-ended").length);
        expect(turns.filter(({ done }) => done !== null)).toHaveLength(typesOf(events, "calls-ended").length);
        expect(rounds.filter(({ ended }) => ended !== null)).toHaveLength(
          typesOf(events, "round-ended").length,
        );
        expect(turns.every(({ replyMs }) => replyMs !== null && replyMs > 0)).toBe(true);
        expect(latestMs).toBe(events.at(-1)?.sent[0] ?? null);
      }
    }
  });

  test("whose times are not known has none", async () => {
    const events = (await eventsOfRun()).map(({ seq, sent: [, event] }): PlacedEvent => ({
      seq,
      sent: [null, event],
    }));
    const { rounds, latestMs } = turnsOf(events.filter(({ sent: [, event] }) => proposalOf(event) === "p1"));
    expect(latestMs).toBe(null);
    expect(rounds.flatMap(({ turns }) => turns.map(({ replyMs, callsMs }) => replyMs ?? callsMs))).toEqual(
      rounds.flatMap(({ turns }) => turns.map(() => null)),
    );
  });
});

describe("what a model said", () => {
  test("is shown with its code by itself", () => {
    const calls = [{ id: "1", tool: "run_code", arguments: { source: "print(1)", comment: "a try" } }];
    expect(shownReply({ text: "so", calls, stop: "calls" })).toEqual({
      text: "so",
      calls: [{ tool: "run_code", code: "print(1)", rest: '{\n  "comment": "a try"\n}' }],
      stop: "calls",
      unread: "",
    });
  });

  test("and what its calls gave may be anything", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const given of [
          value,
          { results: value },
          { results: [value] },
          { calls: value },
          { calls: [value] },
        ]) {
          const [reply, results] = [shownReply(given), shownResults(given)];
          expect(JSON.stringify([reply, results])).not.toMatch(/\\ud[89a-f]/);
        }
      }),
    );
  });

  test("is cut where it is long, and only pictures are pictures", () => {
    const text = "x".repeat(1_000_000);
    expect(shownReply({ text })?.text).toMatch(/^x{200000}\n\.\.\. and 800000 more characters$/);
    const content = [
      { type: "image", mime: "image/svg+xml", base64: "PHN2Zz4=" },
      { type: "image", mime: 'image/png" onload="x', base64: "AA==" },
      { type: "image", mime: "image/png", base64: "AA==" },
    ];
    expect(shownResults({ results: [{ content }] })?.results[0]?.images).toEqual([
      "data:image/png;base64,AA==",
    ]);
  });
});
