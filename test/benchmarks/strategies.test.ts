import { expect, test } from "vitest";
import { strategiesReport, summary } from "../../benchmarks/strategies.ts";

test("the table has the medians over seeds, the best first", () => {
  const weak = summary("weak", [
    { best: 1, at: 4 },
    { best: 3, at: 1 },
    { best: 2, at: 9 },
  ]);
  const strong = summary("strong", [
    { best: 5, at: 2 },
    { best: 2, at: 3 },
  ]);
  expect([weak.median, weak.foundAt, strong.median, strong.foundAt]).toEqual([2, 4, 3.5, 2.5]);
  const rows = strategiesReport([weak, strong]).trim().split("\n").slice(2);
  expect(rows).toEqual([
    "| strong | 3.500000 | 5.000000, 2.000000 | 2.5 |",
    "| weak | 2.000000 | 1.000000, 3.000000, 2.000000 | 4 |",
  ]);
});
