import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventIndex, TYPE_NAMES } from "../../src/dashboard/data/event-index.ts";
import { describeEvent } from "../../src/dashboard/log/describe-event.ts";
import { eventPages } from "../../src/dashboard/log/pages.ts";
import type { PlacedEvent } from "../../src/dashboard/source.ts";

const types = fc.constantFrom(...TYPE_NAMES);

describe("the index of events", () => {
  it("finds the places of any types, as far as one looks", () => {
    fc.assert(
      fc.property(fc.array(types, { maxLength: 3000 }), fc.array(types), fc.nat(3000), (all, some, most) => {
        const index = eventIndex();
        for (const type of all) index.add(type);
        const wanted = new Set(some);
        const found = [...all.keys()].filter((at) => at < most && wanted.has(all[at] ?? "paused"));
        expect(index.placesOf(wanted, most)).toEqual(found);
        expect(index.size).toBe(all.length);
        for (const type of some) expect(index.countOf(type)).toBe(all.filter((one) => one === type).length);
      }),
    );
  });
});

describe("pages of events", () => {
  const eventAt = (seq: number): PlacedEvent => ({ seq, sent: [seq, { type: "paused" }] });

  it("are read once each, however often a place is asked for, and again once there is more", async () => {
    let total = 300;
    const asked: string[] = [];
    const source = {
      readEvents: async (from: number, to: number) => {
        asked.push(`${from}-${to}`);
        return Array.from({ length: to - from }, (_, at) => eventAt(from + at));
      },
    };
    const pages = eventPages(
      source,
      () => total,
      () => {},
    );
    for (let again = 0; again < 5; again += 1) expect(pages.at(290)).toBeUndefined();
    await pages.load(290);
    expect(pages.at(290)).toEqual(eventAt(290));
    expect(asked).toEqual(["256-300"]);
    total = 310;
    expect(pages.at(305)).toBeUndefined();
    await pages.load(305);
    expect(pages.at(305)).toEqual(eventAt(305));
    expect(asked).toEqual(["256-300", "256-310"]);
    expect([...pages.held()]).toHaveLength(54);
  });

  it("are held in a bounded number", async () => {
    const source = { readEvents: async (from: number) => [eventAt(from)] };
    const pages = eventPages(
      source,
      () => 1e6,
      () => {},
    );
    for (let page = 0; page < 200; page += 1) await pages.load(page * 256);
    expect([...pages.held()].length).toBeLessThanOrEqual(80);
    expect(pages.isHeld(199 * 256)).toBe(true);
    expect(pages.isHeld(0)).toBe(false);
  });

  it("say why they cannot be read", async () => {
    const said: (string | null)[] = [];
    const source = {
      readEvents: async () => {
        throw new Error("the server is gone");
      },
    };
    const pages = eventPages(
      source,
      () => 10,
      (problem) => said.push(problem),
    );
    await pages.load(3);
    expect(said).toEqual(["the server is gone"]);
  });
});

describe("an event in words", () => {
  it.each([
    [{ type: "paused" }, ""],
    [{ type: "run-stopped", reason: "target" }, "target"],
    [
      { type: "steered", command: "c1", note: "try less", branch: "b3", proposals: 2 },
      "for 2 proposals below b3: try less",
    ],
    [
      {
        type: "proposal-made",
        proposal: { id: "p1", number: 1, operator: "cross", parents: ["b1", "b2"], island: 0 },
      },
      "cross b1 + b2",
    ],
  ] as const)("of %j: %s", (event, words) => {
    expect(describeEvent(event)).toBe(words);
  });
});
