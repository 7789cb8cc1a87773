// The search tools on their own: their linear programs against a solver's, that nothing is ever made worse, that polish
// is exact, that answers of many sizes are refined, and that they know no task.
// Long: every move searches real problems with several seeds; offline-search.test.ts plays the model whole.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BENCHMARKS } from "../../../benchmarks/index.ts";
import { loadTask } from "../../../src/tasks/load-task.ts";
import { pythonServer } from "./offline-python.ts";

const python = pythonServer();
afterAll(() => python.end());
const packages = fileURLToPath(new URL("../../../src/models/offline/python", import.meta.url));
const offline = fileURLToPath(new URL("../../../src/models/offline", import.meta.url));

async function run(source: string): Promise<void> {
  const { ok, text } = await python.run(source);
  expect(ok, text).toBe(true);
}

/** A task's setup and verifier under a name, with its first submission; without its plots. */
async function setUp(
  name: string,
  task: string,
  parameters: Readonly<Record<string, number>>,
): Promise<void> {
  const { founder, verifier } = await loadTask(task, { parameters });
  const cells = founder.cells.flatMap((cell) => (cell.cell_type === "code" ? [cell.source] : []));
  await run(`${name}, judge_${name} = {}, {}`);
  await run(`exec(${JSON.stringify(cells.join("\n").replace(/^draw\(.*$/gm, ""))}, ${name})`);
  await run(`${name}["problem"].draw = len\nexec(${JSON.stringify(verifier.source)}, judge_${name})`);
}

beforeAll(async () => {
  await run(
    `import sys\nsys.path.insert(0, ${JSON.stringify(packages)})\nfrom nbevolve_search import Search, polish`,
  );
  await run("import numpy as np");
  await setUp("circles", "circles-square-32", { n: 5 });
  await setUp("overlap", "erdos-overlap", { n: 8 });
  await setUp("first", "autocorrelation-1", { n: 24 });
  await setUp("second", "autocorrelation-2", { n: 9 });
  await setUp("third", "autocorrelation-3", { n: 9 });
});

test("linear programs in a box come to what HiGHS comes to", async () => {
  await run(`
from scipy import optimize
from nbevolve_search.program import box_program

worst = 0.0
for seed in range(60):
    rng = np.random.default_rng(seed)
    n, m, e = rng.integers(1, 12), rng.integers(0, 25), rng.integers(0, 2)
    gain, rows, slack = rng.normal(size=n), rng.normal(size=(m, n)), rng.uniform(-0.3, 1, m)
    low, high = -rng.random(n) * rng.integers(0, 2, n), rng.random(n)
    equal = rng.normal(size=(e, n))
    missing, price = equal @ (low + 0.4 * (high - low)), 10 ** rng.uniform(-1, 3)
    p, left, need = box_program(gain, rows, slack, low, high, price, equal, missing)
    solved = optimize.linprog(
        np.append(-gain, price), A_ub=np.hstack([-rows, -np.ones((m, 1))]) if m else None, b_ub=slack if m else None,
        A_eq=np.hstack([equal, np.zeros((e, 1))]) if e else None, b_eq=missing if e else None,
        bounds=[*zip(low, high), (0, None)], method="highs")
    broken = max(0.0, -(slack + rows @ p).min(initial=0) - left, abs(equal @ p - missing).max(initial=0))
    worst = max(worst, abs(gain @ p - price * left + solved.fun) / (1 + abs(solved.fun)), broken)
`);
  expect(await python.evaluate<number>("worst")).toBeLessThan(1e-6);
});

describe("no move", () => {
  test.each([
    "kick",
    "jitter",
    "relocate",
    "scatter",
    "swap",
    "restart",
    "evolve",
    "symmetrise",
    "anneal",
    "reheat",
    "refine",
  ])("%s makes a submission worse, or promises what retracing does not give", async (move) => {
    await run(`
found = []
for name, judge in (("circles", judge_circles), ("overlap", judge_overlap)):
    space = eval(name)
    sign = 1 if hasattr(space["problem"], "maximize") else -1
    for seed in range(2):
        search = Search(space["problem"])
        report = search.explore(space["submission"], getattr(search, "${move}"), seed, tries=3)
        said = dict(part.split("=") for part in report.split()[1:])
        tries = [] if said["helped"] == "none" else [int(k) for k in said["helped"].split(",")]
        search = Search(space["problem"])
        new = search.retrace(space["submission"], getattr(search, "${move}"), seed, tries)
        before, after = (judge["verify"](answer) for answer in (space["submission"], new))
        found.append((after.get("valid", True), sign * (after["score"] - before["score"]), abs(after["score"] - float(said["end"]))))
`);
    const found = await python.evaluate<readonly [boolean, number, number][]>("found");
    for (const [valid, gain, difference] of found) {
      expect(valid).toBe(true);
      expect(gain).toBeGreaterThanOrEqual(-1e-15);
      expect(difference).toBeLessThan(1e-9);
    }
  });
});

test("polish finds the last bits, from nearby, and leaves alone what is there", async () => {
  await run(`
search = Search(circles["problem"])
good = search.retrace(circles["submission"], search.restart, 3, range(12))
best = judge_circles["verify"](polish(circles["problem"], good))["score"]
gains = []
for seed in range(5):
    z = circles["problem"].variables(good) + 1e-6 * np.random.default_rng(seed).normal(size=15)
    near = circles["problem"].submission(z)
    gains.append((judge_circles["verify"](near)["score"], judge_circles["verify"](polish(circles["problem"], near))["score"]))
again = judge_circles["verify"](polish(circles["problem"], polish(circles["problem"], good)))["score"]
`);
  const best = await python.evaluate<number>("best");
  expect(await python.evaluate<number>("again")).toBeGreaterThanOrEqual(best);
  for (const [before, after] of await python.evaluate<readonly [number, number][]>("gains")) {
    expect(after).toBeGreaterThan(before);
    expect(Math.abs(after - best)).toBeLessThan(1e-14);
  }
});

test("where a problem means nothing, soft constraints lead back, and nothing is submitted", async () => {
  await run(`
lost = 0
for space in (first, third):
    problem, search = space["problem"], Search(space["problem"])
    z = np.append(np.zeros(problem.m), 1.5)
    loss, slope = search.loss(*search.levelled(z, search.levels(problem.start(np.random.default_rng(0))), 0.1), 0.1)
    lost += loss > 1e9 and not slope.any() and np.isnan(search.repaired(z)).all() and np.isfinite(search.harden(z + 0.1, 1e-3)).all()
`);
  expect(await python.evaluate("int(lost)")).toBe(2);
});

test("a task's own pull is its jacobian's, and its slopes are those of differences", async () => {
  await run(`
off = []
for space in (overlap, first, second, third):
    problem, search = space["problem"], Search(space["problem"])
    for seed in range(5):
        rng = np.random.default_rng(seed)
        z = problem.start(rng) * rng.uniform(0.5, 1.5)
        slopes, weights = problem.jacobian(z), rng.normal(size=len(problem.constraints(z)))
        off.append(np.abs(weights @ slopes - problem.pull(z, weights)).max())
        off.append(1e-7 * np.abs(slopes - search.differences(search.slack, z)).max())
`);
  expect(await python.evaluate<number>("float(max(off))")).toBeLessThan(1e-12);
});

test("the level of an epigraph form is the best for soft constraints, and there is none where it is no plain summand", async () => {
  await run(`
gaps, moved = [], []
for space in (overlap, first, third):
    search = Search(space["problem"])
    for seed in range(8):
        rng = np.random.default_rng(seed)
        z, weight = search.restart(space["problem"].bounds[0], rng), 10 ** rng.uniform(-3, 4)
        best, slack = search.levelled(z, search.levels(z), weight)
        loss, slope = search.loss(best, slack, weight)
        moved.append(np.abs(best - z)[:-1].max() + np.abs(slack - search.slack(best)).max())
        gaps.append(abs(slope[-1]))
none = [Search(space["problem"]).levels(space["problem"].start(np.random.default_rng(1))) for space in (circles, second)]
`);
  expect(await python.evaluate<number>("float(max(gaps))")).toBeLessThan(1e-9);
  expect(await python.evaluate<number>("float(max(moved))")).toBeLessThan(1e-9);
  expect(await python.evaluate("none")).toEqual([null, null]);
});

test("constraints that become hard step by step end in better places than exact ones from the same starts", async () => {
  await run(`
search = Search(first["problem"])
soft, exact = [], []
for seed in range(6):
    z = first["problem"].start(np.random.default_rng(seed))
    soft.append(float(search.value(search.repaired(search.harden(z, 0.01)))))
    exact.append(float(search.value(search.repaired(search.climb(z)))))
`);
  expect(await python.evaluate("bool(np.median(soft) > np.median(exact))")).toBe(true);
});

test("an annealing begins at the submission's size or a finer one, the same for a seed", async () => {
  await run(`
sizes = []
for seed in range(12):
    search = Search(overlap["problem"])
    sizes.append([len(search.resize(overlap["submission"], seed)) - 1 for _ in range(2)])
search = Search(circles["problem"])
same = len(search.resize(circles["submission"], 3))
`);
  const sizes = await python.evaluate<readonly (readonly [number, number])[]>("sizes");
  expect(new Set(sizes.map(([size]) => size))).toEqual(new Set([8, 16, 32, 64]));
  for (const [one, other] of sizes) expect(one).toBe(other);
  expect(await python.evaluate("same")).toBe(15);
});

test("answers of many sizes grow, and a restart goes all the way to the submission's size", async () => {
  await run(`
search = Search(overlap["problem"])
small = search.retrace(overlap["submission"], search.restart, 1, range(6))
search = Search(overlap["problem"])
twice = search.retrace(small, search.refine, 1, range(6))
search = Search(overlap["problem"])
said = search.explore(twice, search.restart, 2, tries=4)
`);
  expect(await python.evaluate("[len(small), len(twice)]")).toEqual([8, 16]);
  expect(
    await python.evaluate(
      "judge_overlap['verify'](twice)['score'] < judge_overlap['verify'](small)['score']",
    ),
  ).toBe(true);
  expect(await python.evaluate("len(search.problem.bounds[0])")).toBe(17);
});

test("neither they nor the offline model know a task, or hold a construction", () => {
  const files = [`${packages}/nbevolve_search`, offline, `${offline}/python`].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(py|ts)$/.test(name))
      .map((name) => readFileSync(`${folder}/${name}`, "utf8")),
  );
  expect(files.length).toBeGreaterThan(10);
  for (const text of files) {
    for (const { name } of BENCHMARKS) expect(text).not.toContain(name);
    expect(text).not.toMatch(/\d\.\d{6}/); // a number that somebody computed
    expect(text).not.toMatch(/(-?\d[\d.e-]*,\s*){8}/); // a table
  }
});
