// The offline model at work: its cells run in real Python processes on real tasks.
// Long: each test is a whole search, most of them twice.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadTask } from "../../../src/tasks/load-task.ts";
import { codeOf, playOffline, points, replayed, sourcesOf } from "./offline-desk.ts";

/** Without the plots, which take longer than the rest. */
const circles = [
  ...sourcesOf(await loadTask("circles-square-26", { parameters: { n: 5 } })).map((source) =>
    source.replace(/^draw\(submission\)$/m, ""),
  ),
  "problem.draw = len",
];
const guide = readFileSync(new URL("../../../docs/guides/searchable-problems.md", import.meta.url), "utf8");
const example = /^```python\n([\s\S]*?)^```$/m.exec(guide)?.[1] ?? "";

const sumOfRadii = "sum(r for _, _, r in submission)";

describe("circles, from a grid", () => {
  test("improve in three rounds, the same from the same seed, and again from top to bottom", async () => {
    const first = await playOffline(circles, 3);
    expect(await first.python.evaluate<number>(sumOfRadii)).toBeGreaterThan(1.1);
    expect(await replayed(first.cells)).toBe(first.submission);
    const second = await playOffline(circles, 3);
    expect(second.cells).toEqual(first.cells);
    expect(second.submission).toBe(first.submission);
  });

  test("keep what helped and drop what only looked; the tools come once", async () => {
    const desk = await playOffline(circles, 1, {}, 2);
    const own = codeOf(desk).slice(circles.length);
    expect(own.filter((source) => source.includes("class Search("))).toHaveLength(1);
    expect(own.join("\n")).not.toContain("search.explore(submission, search");
    expect(
      own.filter((source) => source.includes("search.retrace(submission, search")).length,
    ).toBeGreaterThan(0);
    const texts = desk.cells.filter(({ kind }) => kind === "text").map(({ source }) => source);
    expect(texts[0]).toMatch(/^Offline search, without a language model\.\n/);
    expect(texts.at(-1)).toMatch(/^Explored \w+ \(.*\), (60|120) tries with seed \d+: .*\noffline: tally/s);
  });

  test("never leave a submission worse", async () => {
    const best = await playOffline(circles, 1);
    const again = await playOffline([...codeOf(best), "before = submission"], 1, { seed: 9 });
    expect(await again.python.evaluate(`${sumOfRadii} >= sum(r for _, _, r in before)`)).toBe(true);
  });

  test("go on where the view hides everything, and where the tools are gone", async () => {
    const blind = await playOffline(circles, 1, { view: () => "(hidden)" });
    expect(await blind.python.evaluate<number>(sumOfRadii)).toBeGreaterThan(1.1);
    const misled = await playOffline(circles, 1, {
      view: () => "submission = search.retrace(submission, ...)",
    });
    expect(await misled.python.evaluate<number>(sumOfRadii)).toBeGreaterThan(1.1);
    expect(misled.cells.map(({ output }) => output).join("\n")).not.toContain("is not defined");
  });
});

/** The same task under other names: variables permuted, turned round and stretched, minimised, submitted as a dict. */
const disguise = `
packing = problem
order = np.random.default_rng(11).permutation(3 * n)

def hidden(z):
    return (2 - 5 * z)[order]

def plainly(w):
    z = np.empty(3 * n)
    z[order] = w
    return (2 - z) / 5

class problem:
    bounds = hidden(packing.bounds[1]), hidden(packing.bounds[0])
    elements = [np.flatnonzero(np.isin(order, circle)) for circle in packing.elements]

    def start(rng):
        return hidden(packing.start(rng))

    def minimize(w):
        return -7 * packing.maximize(plainly(w))

    def gradient(w):
        return 7 * packing.gradient(plainly(w))[order] / 5

    def constraints(w):
        return packing.constraints(plainly(w))

    def jacobian(w):
        return -packing.jacobian(plainly(w))[:, order] / 5

    def submission(w):
        return {"rows": packing.submission(plainly(w))}

    def variables(answer):
        return hidden(packing.variables(answer["rows"]))

submission = {"rows": submission}
`;

test("a permuted, renamed, minimised copy of the task is solved as well", async () => {
  const plain = await playOffline(circles, 1);
  const desk = await playOffline([...circles, disguise], 1, { direction: "minimize" });
  const found = await desk.python.evaluate<number>(`sum(r for _, _, r in submission["rows"])`);
  expect(found).toBeCloseTo(await plain.python.evaluate<number>(sumOfRadii), 9);
  expect(await replayed(desk.cells)).toBe(desk.submission);
});

describe("points on a square", () => {
  test("reach the known optimum of seven with the problem that the guide declares", async () => {
    const desk = await playOffline([...points, example], 3);
    const found = await desk.python.evaluate<number>("smallest_distance(submission)");
    expect(found).toBeGreaterThan(4 - 2 * Math.sqrt(3) - 1e-9);
    expect(found).toBeLessThan(4 - 2 * Math.sqrt(3) + 1e-9);
    expect(await replayed(desk.cells)).toBe(desk.submission);
  });
});
