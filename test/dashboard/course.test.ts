import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { courseMaker, placeAt, scoreRange } from "../../src/dashboard/run/course.ts";
import { scoreCourse } from "../../src/history/score-course.ts";
import { madeEpisodes, madeHistories, madeHistory } from "./made-run.ts";

describe("the course of a run", () => {
  it("is the same whether it grew with the run or was made at once, at every moment, back and forth", () => {
    fc.assert(
      fc.property(madeEpisodes, fc.array(fc.nat(400), { maxLength: 20 }), (episodes, jumps) => {
        const histories = madeHistories(episodes);
        const grow = courseMaker();
        const visits = [...histories.keys(), ...jumps.map((jump) => jump % histories.length)];
        for (const at of visits) {
          const history = histories[at];
          if (history === undefined) continue;
          const { along, best, score, improved } = grow(history);
          const whole = courseMaker()(history);
          expect({ along, best, score, improved }).toEqual({
            along: whole.along,
            best: whole.best,
            score: whole.score,
            improved: whole.improved,
          });
        }
      }),
    );
  });

  it("has the best so far that the terminal's own course has", () => {
    fc.assert(
      fc.property(madeEpisodes, (episodes) => {
        const history = madeHistory(episodes);
        const course = courseMaker()(history);
        expect(course.best).toEqual(scoreCourse(history).map(({ best }) => best.score.metrics["score"]));
        expect(course.score.filter((one) => one === null)).toHaveLength(history.failures);
      }),
    );
  });

  it("never goes back along any axis", () => {
    fc.assert(
      fc.property(madeEpisodes, (episodes) => {
        const { along, best } = courseMaker()(madeHistory(episodes));
        for (const values of Object.values(along)) {
          expect(values).toHaveLength(best.length);
          for (const [at, value] of (values ?? []).entries())
            expect(value).toBeGreaterThanOrEqual(values?.[at - 1] ?? 0);
        }
      }),
    );
  });
});

describe("the range of a plot", () => {
  it("holds the best so far and the goals, and does not bend to one hopeless branch", () => {
    const score = [1, ...Array.from({ length: 99 }, (_, at) => 2 + at / 100), -1e9];
    const best = score.map((_, at) => 2 + Math.min(at, 98) / 100);
    const [low, high] = scoreRange({ best, score }, [4]);
    expect(low).toBeGreaterThan(0);
    expect(high).toBeGreaterThan(4);
    expect(high).toBeLessThan(5);
  });

  it.each([
    { best: [], score: [] },
    { best: [NaN], score: [null] },
    { best: [Infinity], score: [-Infinity] },
    { best: [0], score: [0] },
    { best: [1e300], score: [-1e300] },
  ])("is finite and not empty for $best and $score", (course) => {
    const [low, high] = scoreRange(course, []);
    expect(high).toBeGreaterThan(low);
    expect(Number.isFinite(high - low)).toBe(true);
  });
});

describe("the place of a value", () => {
  it("is the first that is at least so much", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 })),
        fc.integer({ min: -10, max: 10 }),
        (values, wanted) => {
          const sorted = values.toSorted((a, b) => a - b);
          const found = sorted.findIndex((value) => value >= wanted);
          expect(placeAt(sorted, wanted)).toBe(found < 0 ? sorted.length : found);
        },
      ),
    );
  });
});
