import { expect, test } from "vitest";
import { strategiesReport, summarise } from "../../benchmarks/strategies/index.ts";

test("the tables have the medians over seeds, the best first, and when each run got there", () => {
  const weak = summarise("weak", [
    [1, 1, 1, 1],
    [1, 1, 3, 3],
    [1, 2, 2, 2],
  ]);
  const strong = summarise("strong", [
    [1, 1, 5, 5],
    [2, 2, 2, 2],
  ]);
  expect([weak.median, weak.medianQuarter, weak.medianHalf, weak.medianMean]).toEqual([2, 1, 1, 1.75]);
  expect(strong.median).toBe(3.5);
  const lines = strategiesReport([weak, strong]).trim().split("\n");
  expect(lines.slice(2, 4)).toEqual([
    "| strong | 3.500000 | 1.500000 | 1.500000 | 2.500000 | 5.000000, 2.000000 |",
    "| weak | 2.000000 | 1.000000 | 1.000000 | 1.750000 | 1.000000, 3.000000, 2.000000 |",
  ]);
  expect(lines.slice(7)).toEqual(["| strong | 3, never |", "| weak | never, never, never |"]);
});
