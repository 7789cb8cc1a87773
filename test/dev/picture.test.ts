// The README's picture: every motion in it is one that a browser plays.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

interface Step {
  readonly proposal: number;
  readonly score: number;
  readonly circles: readonly (readonly number[])[];
}

interface Picture {
  readonly drawRun: (steps: readonly Step[], proposals: number, bestKnown: number) => string;
}

const { drawRun }: Picture = await import(
  fileURLToPath(new URL("../../src/dev/picture.mjs", import.meta.url))
);

test("each motion has as many times as values, from 0 to 1, and none goes back", () => {
  const circles = [
    [0.25, 0.25, 0.2],
    [0.75, 0.75, 0.2],
  ];
  const steps = [0, 1, 2, 3, 40].map((proposal) => ({ proposal, score: 2 + proposal / 100, circles }));
  const motions = [...drawRun(steps, 40, 2.4).matchAll(/values="([^"]*)" keyTimes="([^"]*)"/g)];
  expect(motions).toHaveLength(6);
  for (const [, values = "", keyTimes = ""] of motions) {
    const times = keyTimes.split(";").map(Number);
    expect(times).toHaveLength(values.split(";").length);
    expect([times[0], times.at(-1)]).toEqual([0, 1]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});
