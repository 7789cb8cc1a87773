// How a score stands to a goal, and what a run's target may be said to be.
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  bestKnownOf,
  fitnessOfTarget,
  isImprovement,
  showChange,
  showNumber,
  standingText,
  standingTo,
  targetOf,
  targetOfFitness,
  type Goal,
} from "../../src/history/index.ts";

const size = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
const value = fc.oneof(
  size,
  size.map((number) => -number),
);
const goal = fc.record<Goal>({
  value,
  direction: fc.constantFrom("maximize", "minimize"),
  resolution: fc.constantFrom(1e-9, 1e-5, 0.01),
});

describe("a score", () => {
  it("is better, equal or short, and as far apart as it is", () => {
    fc.assert(
      fc.property(goal, fc.double({ min: -0.1, max: 0.1, noNaN: true }), (one, part) => {
        const score = one.value + part * Math.abs(one.value);
        const gain = one.direction === "maximize" ? part : -part;
        // Beside the edges: there rounding decides.
        fc.pre(Math.abs(gain - one.resolution) > 1e-12 && Math.abs(gain + 1e-9) > 1e-12);
        const { how, by } = standingTo(score, one);
        expect(how).toBe(gain > one.resolution ? "better" : gain < -1e-9 ? "short" : "equal");
        expect(by).toBe(Math.abs(score - one.value));
      }),
    );
  });

  it.each([
    [2.635983084917597, "maximize", 1e-5, "equals the best known 2.6359830849176"],
    [2.63599, "maximize", 1e-5, "equals the best known 2.6359830849176"],
    [2.6360183, "maximize", 1e-5, "better than the best known 2.6359830849176 by 0.000035"],
    [2.635971, "maximize", 1e-5, "short of the best known 2.6359830849176 by 0.000012"],
    [2.63, "minimize", 1e-9, "better than the best known 2.6359830849176 by 0.006"],
  ] as const)("%d (%s, %d) %s", (score, direction, resolution, words) => {
    expect(standingText(score, { value: 2.6359830849176, direction, resolution })).toBe(words);
  });

  it("reaches the target exactly when it is not short of it", () => {
    fc.assert(
      fc.property(goal, fc.double({ min: -1, max: 1, noNaN: true }), (one, part) => {
        const score = one.value + part * 1e-8 * Math.abs(one.value);
        const gain = one.direction === "maximize" ? part : -part;
        fc.pre(Math.abs(gain + 0.1) > 1e-3);
        const fitness = one.direction === "maximize" ? score : -score;
        const reached = fitness >= fitnessOfTarget(one.value, one.direction);
        expect(reached).toBe(standingTo(score, one).how !== "short");
      }),
    );
  });

  it("is an improvement only where it is more than rounding", () => {
    expect(isImprovement(2.635983084917598, 2.635983084917597)).toBe(false);
    expect(isImprovement(-0.002562673960750676, -0.002562673960809273)).toBe(false);
    expect(isImprovement(2.6359831, 2.635983)).toBe(true);
    expect(isImprovement(1e-12, 0)).toBe(true);
    expect(isImprovement(1, 2)).toBe(false);
    expect(isImprovement(2.63598, 2.63597, 1e-5)).toBe(false);
    expect(isImprovement(2.636, 2.63597, 1e-5)).toBe(true);
  });
});

test("a task without a best known score has none", () => {
  expect(bestKnownOf({ direction: "minimize" })).toBeNull();
  expect(bestKnownOf({ direction: "minimize", bestKnown: 0 })).toEqual({
    value: 0,
    direction: "minimize",
    resolution: 1e-9,
  });
});

describe("the target of a run", () => {
  const task = { name: "t", target: 3, bestKnown: 5 };
  it.each([
    [undefined, 3],
    [null, null],
    [0, 0],
    ["best-known", 5],
  ])("said to be %s is %s", (said, target) => {
    expect(targetOf(task, said)).toBe(target);
  });

  it("cannot be best-known where nothing is known, nor anything else", () => {
    expect(() => targetOf({ name: "t", target: null }, "best-known")).toThrow(
      "target is best-known, and the task t says no best known score",
    );
    // `none` is the command line's word.
    for (const word of ["high", "none"])
      expect(() => targetOf(task, word)).toThrow(
        `target is "${word}"; it must be a number, "best-known", or null for none`,
      );
  });
});

test("the target is read from the least fitness that reaches it", () => {
  const target = fc.double({ noNaN: true, min: -1e12, max: 1e12 }).filter((one) => Math.abs(one) > 1e-12);
  fc.assert(
    fc.property(target, fc.constantFrom("maximize" as const, "minimize" as const), (one, direction) => {
      const read = targetOfFitness(fitnessOfTarget(one, direction), direction);
      expect(Math.abs(read - one)).toBeLessThanOrEqual(1e-14 * Math.abs(one));
    }),
  );
  expect(targetOfFitness(fitnessOfTarget(2.6359830849176, "maximize"), "maximize")).toBe(2.6359830849176);
  expect(targetOfFitness(fitnessOfTarget(12.889, "minimize"), "minimize")).toBe(12.889);
});

test("a goal has the name that it is given", () => {
  const goal = { value: 2.6, direction: "maximize", resolution: 0 } as const;
  expect(standingText(2.5, goal, "the target")).toBe("short of the target 2.6 by 0.1");
});

describe("a number for people", () => {
  it.each([
    [593, "593"],
    [0, "0"],
    [-2, "-2"],
    [2.0799999999999996, "2.08000000"],
    [2.635983084917597, "2.63598308"],
    [0.036529889880030156, "0.0365298899"],
    [0.00001234, "1.23400000e-5"],
    [-1e20, "-1.00000000e+20"],
  ])("%d is %s", (number, text) => {
    expect(showNumber(number)).toBe(text);
  });

  it("is the number to nine digits", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(Math.abs(Number(showNumber(number)) - number)).toBeLessThanOrEqual(5.1e-9 * Math.abs(number));
      }),
    );
  });
});

test("two numbers are told apart, with as few digits as a person reads", () => {
  const cases = [
    [
      ["2.6144350953170403", "2.624693420408155"],
      ["2.61443510", "2.62469342"],
    ],
    [
      ["2.635983084917591", "2.635983084917596"],
      ["2.635983084917591", "2.635983084917596"],
    ],
    [
      ["inf", "3.25"],
      ["inf", "3.25"],
    ],
    [
      ["0.0312", "2.5e-28"],
      ["0.0312000000", "2.50000000e-28"],
    ],
  ] as const;
  for (const [[before, after], shown] of cases) expect(showChange(before, after)).toEqual(shown);
});
