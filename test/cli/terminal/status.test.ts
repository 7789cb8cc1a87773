// The status of a run: what it tells, in how many columns, and the time left.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countColumns } from "../../../src/cli/terminal/screen.ts";
import { describeWork, printedValue } from "../../../src/cli/terminal/at-work-text.ts";
import { bar, wrapParts } from "../../../src/cli/terminal/layout.ts";
import { followEvent, noProgress, type RunProgress } from "../../../src/cli/terminal/progress.ts";
import { statusLines, type RunStatus } from "../../../src/cli/terminal/status.ts";
import { secondsLeft, timeLeftText } from "../../../src/cli/terminal/time-left.ts";
import type { AtWork } from "../../../src/loop/at-work.ts";
import { memoryJournal } from "../../../src/testing/memory-journal.ts";
import type { RunEvent, Task } from "../../../src/contracts/index.ts";
import { tinyRun } from "../../support/tiny-run.ts";
import { tinyTask } from "../../support/tiny-task.ts";

async function eventsOf(proposals: number): Promise<readonly RunEvent[]> {
  const journal = memoryJournal();
  await tinyRun(journal, { proposals, parallel: 1 });
  return journal.events;
}

/** The progress just after an event of this type, counted from 1. */
function upTo(events: readonly RunEvent[], type: RunEvent["type"], count: number, task?: Task): RunProgress {
  let progress = noProgress;
  let seen = 0;
  for (const event of events) {
    ({ progress } = followEvent(progress, event, 0, task));
    if (event.type === type) seen += 1;
    if (seen === count) return progress;
  }
  throw new Error(`there are not ${count} of ${type}`);
}

const budget = { proposals: 4, targetFitness: null };
function statusOf(progress: RunProgress, handle: Partial<RunStatus["handle"]> = {}): RunStatus {
  const none = { before: null, task: null, budget, budgetSeconds: 60, atWork: new Map(), reproducing: null };
  return { handle: { ...none, ...handle }, progress, seconds: 60, now: 12_000, unpause: "go", after: null };
}

const cell: AtWork = {
  at: "cell",
  title: "explore kick: moves elements a little",
  source: "search()",
  printed: "try=1 best=2.61\ntry=2 best=2.635983084917\n",
  since: 0,
};

describe("the status", () => {
  test("tells of an open episode which cell runs, the best that it printed, and the seconds", async () => {
    const progress = upTo(await eventsOf(2), "turn-ended", 1);
    const lines = statusLines(statusOf(progress, { atWork: new Map([["p1", cell]]) }), 99);
    expect(lines.at(-1)).toMatch(
      /^ {2}p1 improve b0: turn 1: explore kick: moves elements .*, best 2\.63598308 so far, 12 s$/,
    );
    expect(lines[1]).toMatch(/^░{20} 0\/4 proposals · time left unknown · \d+ tokens · 1:00$/);
  });

  test("tells where the run stands to its goals, how long nothing was better, and the time left", async () => {
    const events = await eventsOf(2);
    const task: Task = { ...tinyTask, bestKnown: 1e6 };
    const progress = { ...upTo(events, "episode-ended", 2, task), toldAt: 0 };
    const target = { ...budget, targetFitness: 2e6 };
    const [line = "", totals = ""] = statusLines(statusOf(progress, { task, budget: target }), Infinity);
    expect(line).toMatch(
      / · short of the best known 1000000 by \d+ · short of the target 2000\d{3}.* by \d+ · /,
    );
    expect(line).toMatch(/ · no improvement for 2 proposals$/);
    expect(totals).toMatch(/^2\/4 proposals · up to 50 s left · /);
    const reached = { ...budget, targetFitness: -1e9 };
    expect(statusLines(statusOf(progress, { task, budget: reached }), Infinity)[1]).toMatch(
      /^2\/4 proposals · the target is reached: what has begun is finished · /,
    );
  });

  test("says how many proposals a run may make, unless it may make as many as it likes", async () => {
    const progress = upTo(await eventsOf(1), "episode-ended", 1);
    const many = { ...budget, proposals: 1_000_000, seconds: 120 };
    const [, totals, limits] = statusLines(statusOf(progress, { budget: many }), 99);
    expect(totals).toMatch(/^█{10}░{10} 1 proposals · about 60 s left · /);
    expect(limits).toBe("  budget: 60 of 120 s");
  });

  test("says what goes on after the last episode", async () => {
    const events = await eventsOf(1);
    const open = upTo(events, "proposal-told", 1);
    const reproducing = { branch: "b1", since: 2000 };
    expect(statusLines(statusOf(open, { reproducing }), 99).join("\n")).toContain(
      "b1 is reproduced, from top to bottom in a fresh kernel: 10 s",
    );
    const over = upTo(events, "run-stopped", 1);
    expect(statusLines(statusOf(over), 99).at(-1)).toContain("its kernels are being closed");
    expect(statusLines({ ...statusOf(over), after: "it is judged" }, 99).at(-1)).toBe("  it is judged");
    expect(statusLines(statusOf(noProgress), 99)).toEqual(["starting, 60 s"]);
  });

  test("loses none of its facts on a narrow terminal, and breaks between them only", async () => {
    const progress = upTo(await eventsOf(3), "turn-ended", 1);
    const task: Task = { ...tinyTask, bestKnown: 2.6359830849176 };
    const status = statusOf(progress, { task, atWork: new Map([["p1", cell]]) });
    const facts = (lines: readonly string[]): readonly string[] =>
      lines.slice(0, -1).flatMap((line) =>
        line
          .trim()
          .replace(/^[█░]+ /, "")
          .split(" · "),
      );
    const wide = facts(statusLines(status, 500));
    for (let columns = 50; columns < 120; columns++) {
      const lines = statusLines(status, columns);
      expect(facts(lines)).toEqual(wide);
      expect(Math.max(...lines.map(countColumns))).toBeLessThanOrEqual(columns);
      expect(lines.at(-1)).toMatch(/best 2\.63598308( so far)?, 12 s$/);
    }
  });
});

describe("an improvement is marked", () => {
  const lineOf = async (scores: readonly number[], task: Partial<Task>): Promise<readonly boolean[]> => {
    const [started, ...events] = await eventsOf(scores.length - 1);
    if (started?.type !== "run-started") throw new Error("no run");
    const scored = <B extends { readonly score: object }>(branch: B, at: number): B => {
      const score = scores[at] ?? 0;
      return { ...branch, score: { ...branch.score, fitness: score, metrics: { score } } };
    };
    let { progress } = followEvent(noProgress, { ...started, founder: scored(started.founder, 0) }, 0);
    const marks: boolean[] = [];
    for (const event of events) {
      const given =
        event.type === "episode-ended" && event.outcome.ok
          ? {
              ...event,
              outcome: { ...event.outcome, branch: scored(event.outcome.branch, marks.length + 1) },
            }
          : event;
      const next = followEvent(progress, given, 0, { ...tinyTask, ...task });
      progress = next.progress;
      if (event.type === "episode-ended") marks.push(next.line?.endsWith("<- best") ?? false);
    }
    return marks;
  };

  test.each<[string, readonly number[], Partial<Task>, readonly boolean[]]>([
    ["beyond rounding", [1, 1 + 1e-12, 1.1], {}, [false, true]],
    ["beyond the task's resolution", [2.6, 2.60001, 2.61], { resolution: 1e-5 }, [false, true]],
    ["where small steps add up", [2.6, 2.60002, 2.60004], { resolution: 1e-5 }, [false, true]],
    ["where it comes to the best known", [2.59999, 2.6], { resolution: 1e-5, bestKnown: 2.6 }, [true]],
    ["not where it is worse", [2, 1.5, 1.7], {}, [false, false]],
  ])("%s", async (_, scores, task, marks) => {
    expect(await lineOf(scores, task)).toEqual(marks);
  });
});

describe("what a cell prints", () => {
  test.each([
    ["offline: try=3 best=2.61\noffline: try=9 best=2.62\n", "best 2.62000000"],
    ["best so far: 3\r12%\r", "best 3"],
    ["score: 1.5\nscore: 0.5\n", "score 0.500000000"],
    ["best score = 7\nscore 2\n", "best 7"],
    ['{"loss": 1.5e-3}\n', "loss 0.00150000000"],
    ["best 2.6", ""],
    ["best 2.61\nbest 2.6", "best 2.61000000"],
    ["besto 5\nscores 4\n", ""],
    ["nothing of that kind\n", ""],
    ["best 1e999\n", ""],
    ["", ""],
  ])("%j has %j", (printed, value) => {
    expect(printedValue(printed)).toBe(value);
  });

  test("is a word and a number, whatever it is", () => {
    const hostile = fc.constantFrom(
      "best",
      " ",
      "=",
      ":",
      "1",
      "9".repeat(50),
      ".",
      "e",
      "-",
      "\n",
      "\u001B[2J",
      "'",
    );
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 500 }), (parts) => {
        expect(printedValue(parts.join(""))).toMatch(/^([a-z]+ -?[\d.]+(e[+-]\d+)?)?$/);
      }),
    );
  });

  test.each<[AtWork, string]>([
    [cell, "explore kick: moves elements a little"],
    [{ ...cell, title: " ", source: "\n\n  x = 1\ny = 2" }, "x = 1"],
    [{ ...cell, title: "", source: "\n" }, "an empty cell"],
    [{ at: "search", tries: 5000, since: 0 }, "the verifier tries 5,000 submissions"],
    [{ at: "verdict", tries: 1, since: 0 }, "the verifier judges"],
  ])("%j is %s", (work, words) => {
    expect(describeWork(work).doing).toBe(words);
  });
});

describe("the time left", () => {
  test("is right where the pace stays", async () => {
    const events = await eventsOf(6);
    for (let ended = 1; ended <= 6; ended++) {
      const { history } = upTo(events, "proposal-told", ended);
      if (history === null) throw new Error("nothing has begun");
      const pace = {
        before: null,
        budget: { proposals: 6, targetFitness: null },
        seconds: 7 * ended,
        sinceEnd: 0,
      };
      expect(secondsLeft(history, pace)).toBeCloseTo(7 * (6 - ended));
    }
  });

  test("counts what open episodes have behind them, and never less than those have before them that are not begun", async () => {
    const { history } = upTo(await eventsOf(6), "proposal-made", 3);
    if (history === null) throw new Error("nothing has begun");
    const left = (sinceEnd: number): number | null =>
      secondsLeft(history, {
        before: null,
        budget: { proposals: 6, targetFitness: null },
        seconds: 14 + sinceEnd,
        sinceEnd,
      });
    expect([0, 3, 7, 50].map(left)).toEqual([28, 25, 21, 21]);
  });

  test("is not known before anything has ended; a limit in seconds always is", async () => {
    const { history } = upTo(await eventsOf(1), "proposal-made", 1);
    if (history === null) throw new Error("nothing has begun");
    expect(secondsLeft(history, { before: null, budget, seconds: 5, sinceEnd: 5 })).toBe(null);
    const limited = { ...budget, seconds: 100 };
    expect(secondsLeft(history, { before: null, budget: limited, seconds: 5, sinceEnd: 5 })).toBe(95);
  });

  test("counts no earlier session", async () => {
    const events = await eventsOf(4);
    const [before, now] = [
      upTo(events, "proposal-told", 2).history,
      upTo(events, "proposal-told", 3).history,
    ];
    if (now === null) throw new Error("nothing has begun");
    expect(secondsLeft(now, { before, budget, seconds: 10, sinceEnd: 0 })).toBeCloseTo(10);
  });

  test.each([
    [null, "time left unknown"],
    [0, "about 10 s left"],
    [41, "about 50 s left"],
    [200, "about 3 min left"],
    [9000, "about 2.5 h left"],
  ])("%s s are told as %s", (seconds, words) => {
    expect(timeLeftText(seconds, budget)).toBe(words);
  });
});

test("parts are wrapped between them only, as few lines as can be", () => {
  const texts = fc.array(fc.string({ minLength: 1, maxLength: 30, unit: "grapheme-ascii" }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(texts, fc.integer({ min: 40, max: 100 }), (parts, columns) => {
      const lines = wrapParts(parts, columns);
      expect(Math.max(...lines.map(countColumns))).toBeLessThanOrEqual(columns);
      expect(lines.map((line, at) => (at === 0 ? line : line.slice(2))).join(" · ")).toBe(parts.join(" · "));
    }),
  );
});

test.each([
  [0, "░░░░"],
  [0.5, "██░░"],
  [1, "████"],
  [7, "████"],
  [-1, "░░░░"],
])("%d of a bar is %s", (share, shown) => {
  expect(bar(share, 4)).toBe(shown);
});
