// The offline model at work: its cells run in real Python processes on tasks with and without a `problem`.
import { readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseNotebook } from "../../src/core/notebook/load-notebook.ts";
import { offline } from "../../src/models/index.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import { taskFromNotebook } from "../../src/tasks/task-notebook.ts";
import type { Task } from "../../src/contracts/index.ts";
import { play, replayed, type Desk, type DeskOptions } from "./offline-desk.ts";

const file = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const sources = (task: Task): readonly string[] =>
  task.founder.cells.flatMap((cell) => (cell.cell_type === "code" ? [cell.source] : []));

/** Without the plots, which take longer than the rest. */
const circles = [
  ...sources(await loadTask("circles-square-26", { parameters: { n: 5 } })).map((source) =>
    source.replace(/^draw\(submission\)$/m, ""),
  ),
  "problem.draw = len",
];
const points = sources(
  taskFromNotebook(parseNotebook(file("../fixtures/tasks/points.ipynb"), "points.ipynb"), { name: "points" }),
);
const guide = file("../../docs/guides/searchable-problems.md");
const example = /^```python\n([\s\S]*?)^```$/m.exec(guide)?.[1] ?? "";

async function played(
  founder: readonly string[],
  rounds: number,
  options: DeskOptions = {},
  explorations = 1,
): Promise<Desk> {
  const desk = await play(offline({ explorations }), founder, rounds, options);
  onTestFinished(() => desk.end());
  return desk;
}

const sumOfRadii = "sum(r for _, _, r in submission)";
const codeOf = ({ cells }: Desk): readonly string[] =>
  cells.filter(({ kind }) => kind === "code").map(({ source }) => source);

describe("circles, from a grid", () => {
  test("improve in three rounds, the same from the same seed, and again from top to bottom", async () => {
    const first = await played(circles, 3);
    expect(await first.python.evaluate<number>(sumOfRadii)).toBeGreaterThan(1.1);
    expect(await replayed(first.cells)).toBe(first.submission);
    const second = await played(circles, 3);
    expect(second.cells).toEqual(first.cells);
    expect(second.submission).toBe(first.submission);
  });

  test("keep what helped and drop what only looked; the tools come once", async () => {
    const desk = await played(circles, 1, {}, 2);
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
    const best = await played(circles, 1);
    const again = await played([...codeOf(best), "before = submission"], 1, { seed: 9 });
    expect(await again.python.evaluate(`${sumOfRadii} >= sum(r for _, _, r in before)`)).toBe(true);
  });

  test("go on where the view hides everything, and where the tools are gone", async () => {
    const blind = await played(circles, 1, { view: () => "(hidden)" });
    expect(await blind.python.evaluate<number>(sumOfRadii)).toBeGreaterThan(1.1);
    const misled = await played(circles, 1, { view: () => "submission = search.retrace(submission, ...)" });
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
  const plain = await played(circles, 1);
  const desk = await played([...circles, disguise], 1, { direction: "minimize" });
  const found = await desk.python.evaluate<number>(`sum(r for _, _, r in submission["rows"])`);
  expect(found).toBeCloseTo(await plain.python.evaluate<number>(sumOfRadii), 9);
  expect(await replayed(desk.cells)).toBe(desk.submission);
});

describe("points on a square", () => {
  test("reach the known optimum of seven with the problem that the guide declares", async () => {
    const desk = await played([...points, example], 3);
    const found = await desk.python.evaluate<number>("smallest_distance(submission)");
    expect(found).toBeGreaterThan(4 - 2 * Math.sqrt(3) - 1e-9);
    expect(found).toBeLessThan(4 - 2 * Math.sqrt(3) + 1e-9);
    expect(await replayed(desk.cells)).toBe(desk.submission);
  });

  test("improve without a problem too, by asking the verifier, and say that this is slow", async () => {
    const score = "smallest_distance(submission)";
    const desk = await played([...points, "founder = submission"], 4, { score });
    expect(
      await desk.python.evaluate(`smallest_distance(submission) > 1.2 * smallest_distance(founder)`),
    ).toBe(true);
    expect(await replayed(desk.cells)).toBe(desk.submission);
    expect(desk.cells.at(-1)?.source).toMatch(/^offline: no problem declared\n.*searchable problems/s);
    expect(codeOf(desk).filter((source) => source.includes("class Search("))).toEqual([]);
    expect(codeOf(desk).filter((source) => source.includes("def nudged"))).toHaveLength(1);
  });

  test("are made worse where that is the goal", async () => {
    const score = "smallest_distance(submission)";
    const desk = await played([...points, "founder = submission"], 2, { score, direction: "minimize" });
    expect(await desk.python.evaluate(`smallest_distance(submission) < smallest_distance(founder)`)).toBe(
      true,
    );
  });
});

describe("what cannot be searched", () => {
  test("a submission without numbers is left alone, and the summary says why", async () => {
    const desk = await played(["submission = {'answer': 'words', 'count': 3}"], 1, { score: "1.0" });
    expect(desk.submission).toBe("{'answer': 'words', 'count': 3}");
    expect(desk.cells.at(-1)?.source).toMatch(/cannot be changed .* holds no floats/);
    expect(codeOf(desk)).toHaveLength(1);
  });

  test("a problem that lacks something is named in the summary", async () => {
    const broken =
      "import numpy as np\nclass problem:\n    bounds = np.zeros(2), np.ones(2)\nsubmission = [0.5, 0.5]";
    const desk = await played([broken], 1);
    expect(desk.cells.at(-1)?.source).toMatch(/failed: AttributeError: .*variables/);
    expect(desk.submission).toBe("[0.5, 0.5]");
  });
});

test("a problem of bounds alone, without slopes, is searched", async () => {
  const bowl = `
import numpy as np

class problem:
    bounds = np.full(4, -3.0), np.full(4, 2.0)

    def start(rng):
        return rng.uniform(-3, 2, 4)

    def minimize(z):
        return float(((z - [1, 2, -1, 0.5]) ** 2).sum() + 0.5 * np.sin(5 * z).sum())

    def submission(z):
        return z.tolist()

    def variables(submission):
        return np.array(submission)

submission = [0.0, 0.0, 0.0, 0.0]
`;
  const desk = await played([bowl], 2, { direction: "minimize" });
  const grid = "min((x - c) ** 2 + 0.5 * np.sin(5 * x) for x in np.linspace(-3, 2, 20001))";
  const best = await desk.python.evaluate<number>(`float(sum(${grid} for c in [1, 2, -1, 0.5]))`);
  expect(await desk.python.evaluate<number>("problem.minimize(np.array(submission))")).toBeLessThan(
    best + 1e-6,
  );
});
