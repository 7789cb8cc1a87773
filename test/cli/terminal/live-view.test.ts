import { describe, expect, test } from "vitest";
import { liveView, type ViewClock } from "../../../src/cli/terminal/live-view.ts";

/** A clock that is moved by hand. */
function handClock() {
  let now = 0;
  const acts = new Map<() => void, number>();
  const pace: ViewClock = {
    now: () => now,
    repeat(act, everyMs) {
      acts.set(act, everyMs);
      return () => void acts.delete(act);
    },
  };
  return {
    pace,
    acts,
    /** Whole seconds, one after the other. */
    pass: (seconds: number): void => {
      for (let i = 0; i < seconds; i++) {
        now += 1000;
        for (const [act, everyMs] of acts) if (now % everyMs < 1000) act();
      }
    },
  };
}

function piped(status: () => readonly string[]) {
  const written: string[] = [];
  const hand = handClock();
  const out = { isTTY: false, columns: 80, rows: 24, write: (text: string) => written.push(text) };
  return { ...hand, written, view: liveView(status, out, hand.pace) };
}

describe("progress that is piped", () => {
  test("says the status in one line after each silent minute, and at no other time", () => {
    const { view, written, pass } = piped(() => ["best b0: 1", "  p1 improve b0: turn 3, 62 s"]);
    view.line("p1 has begun");
    pass(59);
    expect(written).toEqual(["p1 has begun\n"]);
    pass(6);
    expect(written.slice(1)).toEqual(["best b0: 1 | p1 improve b0: turn 3, 62 s\n"]);
    pass(600);
    expect(written.length - 1).toBeGreaterThanOrEqual(9);
    expect(written.length - 1).toBeLessThanOrEqual(11);
  });

  test("says nothing more where lines come at least once a minute, nor after its end", () => {
    const { view, written, pass, acts } = piped(() => ["status"]);
    for (let i = 0; i < 20; i++) {
      view.line(`b${i}`);
      pass(50);
    }
    expect(written).toEqual(Array.from({ length: 20 }, (_, i) => `b${i}\n`));
    view.close();
    pass(600);
    expect(written).toHaveLength(20);
    expect(acts.size).toBe(0);
  });
});

describe("a status on a terminal", () => {
  /** What is written by two redraws in a row. */
  function redrawTwice(rows: number, lines: readonly string[]) {
    const written: string[] = [];
    const { pace, pass } = handClock();
    const out = { isTTY: true, columns: 80, rows, write: (text: string) => written.push(text) };
    liveView(() => lines, out, pace);
    pass(2);
    const [first = "", second = ""] = written;
    return { first, second };
  }

  test.each([
    [24, 3],
    [24, 23],
    [24, 24],
    [10, 60],
    [2, 5],
  ])("on %i rows, %i lines: all that is drawn can be erased", (rows, count) => {
    const lines = Array.from({ length: count }, (_, at) => `line ${at}`);
    const { first, second } = redrawTwice(rows, lines);
    const drawn = first.split("\n").length - 1;
    expect(drawn).toBe(Math.min(count, rows - 1));
    expect(second.startsWith(`\r\u001B[${drawn}A\u001B[0J`)).toBe(true);
    if (drawn < count && drawn > 1) expect(first).toContain(`... and ${count - drawn + 1} more`);
  });
});
