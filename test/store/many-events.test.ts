import { expect, test } from "vitest";
import { openRunStore } from "../../src/store/index.ts";
import { turnEnded } from "../../src/testing/conformance/journal-samples.ts";
import { planned } from "./planned-run.ts";
import { scratch } from "./scratch.ts";

const EVENTS = 10_000;

test("ten thousand events are opened, read whole, and read from the middle", async () => {
  const dir = scratch();
  {
    await using store = await openRunStore(dir, { mode: "write" });
    const appends = Array.from({ length: EVENTS }, (_, seq) => {
      const { events, blobs } = seq === 0 ? planned(0) : turnEnded(seq, 1);
      return store.append(events, blobs);
    });
    await Promise.all(appends);
  }
  await using store = await openRunStore(dir, { mode: "write" });
  let seen = 0;
  for await (const { seq } of store.readTimed(0)) if (seq === seen) seen++;
  expect(seen).toBe(EVENTS);
  for await (const event of store.read(EVENTS - 1)) expect(event).toEqual(turnEnded(EVENTS - 1, 1).events[0]);
});
