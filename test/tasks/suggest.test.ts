import * as fc from "fast-check";
import { expect, it } from "vitest";
import { didYouMean, editDistance, nearest } from "../../src/core/nearest-word.ts";

it("counts edits, swaps included", () => {
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("setpu", "setup")).toBe(1);
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("kitten", "sitting", 2)).toBe(Infinity);
  expect(editDistance("setpu", "setup", 1)).toBe(1);
  // Two million letters are not compared with each other.
  expect(editDistance("a".repeat(2_000_000), "b".repeat(1_999_000), 2)).toBe(Infinity);
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(editDistance(one, other)).toBe(editDistance(other, one));
      expect(editDistance(one, other) === 0).toBe(one === other);
    }),
  );
});

it("suggests the nearest known name, and none for what is far or right", () => {
  const known = ["setup", "verifier", "holdout"];
  expect(["Setup", "set_up", "verfier", "verifers", "holdot"].map((word) => nearest(word, known))).toEqual([
    "setup",
    "setup",
    "verifier",
    "verifier",
    "holdout",
  ]);
  expect(["setup", "step", "very", ""].map((word) => nearest(word, known))).toEqual([null, null, null, null]);
  expect(didYouMean("holdot", known)).toBe('; did you mean "holdout"?');
});

it("suggests the only name that has the word as a part, and none of several", () => {
  const known = ["costUsd", "kernel-memory", "kernelFork", "isOn"];
  const hinted = ["usd", "Cost", "memory", "kernel", "on", "us", "", "costUsd"].map((word) =>
    didYouMean(word, known),
  );
  const [usd, cost, memory, ...others] = hinted;
  expect([usd, cost]).toEqual(['; did you mean "costUsd"?', '; did you mean "costUsd"?']);
  expect(memory).toBe('; did you mean "kernel-memory"?');
  expect(others).toEqual(["", "", "", "", ""]);
});
