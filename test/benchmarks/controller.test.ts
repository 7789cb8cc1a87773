// The pace of every strategy that ships, with a figure for each size of the history that was reached and for no other.
import { expect, test } from "vitest";
import { measurePaces } from "../../benchmarks/controller/measure.ts";
import { SHIPPED_STRATEGIES } from "../../strategies/index.ts";

test.each([[[5]], [[5, 20]]])("every shipped strategy is measured at %j branches", (sizes) => {
  const paces = measurePaces(sizes);
  const names = SHIPPED_STRATEGIES.map(({ declaration }) => declaration.name);
  expect(paces.map(({ strategy }) => strategy)).toEqual([...names, "map-elites (cvt)"]);
  for (const { askUs, tellUs } of paces) {
    expect([askUs.length, tellUs.length]).toEqual([sizes.length, sizes.length]);
    expect([...askUs, ...tellUs].every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
  }
});
