import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { liveView, type ViewClock } from "../../../src/cli/terminal/live-view.ts";
import { countColumns, encodeText } from "../../../src/cli/terminal/screen.ts";

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

function piped(status: (columns: number) => readonly string[]) {
  const written: string[] = [];
  const hand = handClock();
  const out = { isTTY: false, columns: 80, rows: 24, write: (text: string) => written.push(text) };
  return { ...hand, written, view: liveView(status, out, hand.pace) };
}

describe("progress that is piped", () => {
  test("says the status in one line once a minute, whatever else is said, and nothing after its end", () => {
    const { view, written, pass, acts } = piped(() => ["best b0: 1", "  p1 improve b0: turn 3, 62 s"]);
    view.line("p1 has begun");
    pass(59);
    expect(written).toEqual(["p1 has begun\n"]);
    pass(6);
    expect(written.slice(1)).toEqual(["best b0: 1 | p1 improve b0: turn 3, 62 s\n"]);
    for (let i = 0; i < 12; i++) {
      view.line(`b${i}`);
      pass(50);
    }
    expect(written.filter((line) => line.startsWith("best"))).toHaveLength(11);
    view.close();
    const all = written.length;
    pass(600);
    expect(written).toHaveLength(all);
    expect(acts.size).toBe(0);
  });

  test("has all columns", () => {
    const asked: number[] = [];
    const { pass } = piped((columns) => {
      asked.push(columns);
      return ["status"];
    });
    pass(60);
    expect(asked).toEqual([Infinity]);
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

  test("is erased whole on a terminal that was made narrower meanwhile", () => {
    const written: string[] = [];
    const { pace, pass } = handClock();
    const out = { isTTY: true, columns: 80, rows: 24, write: (text: string) => written.push(text) };
    liveView(() => ["x".repeat(70), "漢".repeat(35), "short"], out, pace);
    pass(1);
    out.columns = 40;
    pass(1);
    expect(written[1]?.startsWith("\r\u001B[5A\u001B[0J")).toBe(true);
  });

  /** In place of what begins a command to the terminal; no text has it. */
  const CSI = "\uFDD0";

  /** What a person sees of what was written, on so many columns and rows. */
  function screenOf(written: string, columns: number, rows: number): readonly string[] {
    let lines = [""];
    let [row, column] = [0, 0];
    const down = (): void => {
      row += 1;
      column = 0;
      if (lines[row] === undefined) lines.push("");
    };
    for (const [piece] of written.replaceAll("\u001B[", CSI).matchAll(/\uFDD0\d*[A-Za-z]|[\s\S]/gu)) {
      const [, count, letter] = /^\uFDD0(\d*)([A-Za-z])$/.exec(piece) ?? [];
      if (letter === "A") row = Math.max(Math.max(0, lines.length - rows), row - Number(count));
      else if (letter === "J") lines = [...lines.slice(0, row), (lines[row] ?? "").slice(0, column)];
      else if (letter !== undefined) continue;
      else if (piece === "\r") column = 0;
      else if (piece === "\n") down();
      else {
        const width = countColumns(piece);
        if (column + width > columns) down();
        lines[row] = (lines[row] ?? "") + piece;
        column += width;
      }
    }
    return lines;
  }

  const words = fc
    .array(fc.constantFrom("best b3: 2.6", " · ", "漢字", "é", "😀", "p1 improve", "\t", "x"), {
      maxLength: 30,
    })
    .map((parts) => parts.join(""));

  test("leaves nothing of an earlier status, whatever stands above it and however narrow the terminal", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 21, max: 100 }),
        fc.integer({ min: 3, max: 30 }),
        fc.array(
          fc.tuple(fc.array(words, { maxLength: 4 }), fc.array(words, { minLength: 1, maxLength: 40 })),
        ),
        (columns, rows, frames) => {
          const written: string[] = [];
          const { pace, pass } = handClock();
          const out = { isTTY: true, columns, rows, write: (text: string) => written.push(text) };
          let now: readonly string[] = ["starting, 0 s"];
          const view = liveView(() => now, out, pace);
          pass(1);
          const above: string[] = [];
          for (const [said, status] of frames) {
            for (const line of said) view.line(line);
            above.push(...said);
            now = status;
            pass(1);
          }
          view.close();
          const shown = screenOf(written.join(""), columns, rows).join("");
          const expected = above.map((line) => encodeText(line)).join("");
          expect(shown).toBe(expected.replaceAll("\n", ""));
        },
      ),
      { numRuns: 200 },
    );
  });
});
