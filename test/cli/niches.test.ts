import { expect, test } from "vitest";
import { nichesText } from "../../src/cli/terminal/run-facts.ts";
import { sampleBranch } from "../../src/testing/conformance/strategy.ts";

test("says how many niches have a branch, and the best of each, best first", () => {
  const axes = [
    { metric: "on_edge", min: 0, max: 10, bins: 5 },
    { metric: "spread", min: 0, max: 1, bins: 2 },
  ];
  const at = (number: number, fitness: number, ...descriptor: readonly number[]) => ({
    ...sampleBranch(number, fitness),
    descriptor,
  });
  const branches = [at(0, 1, 0, 0.1), at(1, 3, 1, 0.12345), at(2, 2, 9, 0.6), at(3, 2, 8, 0.7)];
  expect(nichesText(axes, branches)).toEqual([
    "niches by on_edge, spread: 2 of 10 have a branch; the best: b1 at 1, 0.123; b2 at 9, 0.6",
  ]);
  expect(nichesText([], branches)).toEqual([]);
});
