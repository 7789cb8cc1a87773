import { describe, expect, test } from "vitest";
import { LoopWatch } from "../support/loop-watch.ts";

const at = (atMs: number, processorMs: number) => ({ atMs, processorMs });

describe("the watch over the event loop of a test", () => {
  test("tells the longest turn, the last one too", () => {
    const watch = new LoopWatch(at(1000, 500));
    watch.turn(at(1020, 505));
    watch.turn(at(1320, 800));
    watch.turn(at(1340, 801));
    expect(watch.end(at(1345, 802))).toBe(295);
    const other = new LoopWatch(at(0, 0));
    other.turn(at(20, 1));
    expect(other.end(at(420, 390))).toBe(389);
  });

  test("counts no time in which other programs had the processor, nor what other threads computed", () => {
    const watch = new LoopWatch(at(0, 0));
    watch.turn(at(20, 10));
    watch.turn(at(5020, 30));
    watch.turn(at(5040, 800));
    expect(watch.end(at(5050, 801))).toBe(20);
  });

  test("leaves out a test that lets no turn of the loop pass", () => {
    expect(new LoopWatch(at(0, 0)).end(at(900, 900))).toBe(0);
  });
});
