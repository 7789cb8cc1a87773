// Every benchmark's notebook: listed, loads, valid, its founder exactly feasible, its problem true to finite differences
// and to the verifier, its plot drawn.
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { BENCHMARKS, benchmarkPath } from "../../benchmarks/index.ts";
import { benchmarkNames, loadTask } from "../../src/tasks/load-task.ts";
import { pythonServer } from "../models/offline/offline-python.ts";

const python = pythonServer();
afterAll(() => python.end());
await python.run(`
import json, nbformat

def slopes(f, z, step=1e-6):
    import numpy as np
    return np.stack([(f(z + d) - f(z - d)) / (2 * step) for d in step * np.eye(len(z))], axis=-1)
`);

/** Runs a notebook's source under \`namespace\` and fails with what it printed. */
async function runIn(namespace: string, source: string): Promise<void> {
  const { ok, text } = await python.run(`exec(${JSON.stringify(source)}, ${namespace})`);
  expect(ok, text).toBe(true);
}

test("the list has every notebook, and every notebook is in it", async () => {
  expect(BENCHMARKS.map(({ name }) => name).toSorted()).toEqual(await benchmarkNames());
});

describe.each(BENCHMARKS)("$name", ({ name, direction, published, bestKnown }) => {
  test("loads, small, valid nbformat 4.5, with the listed direction", async () => {
    const task = await loadTask(name);
    expect(task).toMatchObject({ name, direction, submission: "submission", bestKnown });
    expect(direction === "maximize" ? bestKnown >= published : bestKnown <= published).toBe(true);
    const path = benchmarkPath(name);
    expect(readFileSync(path).length).toBeLessThan(20_000);
    const read = `nbformat.validate(nbformat.read(${JSON.stringify(path)}, as_version=nbformat.NO_CONVERT))`;
    expect(await python.evaluate(read)).toBe(null);
    expect(task.statement).toMatch(/^# /);
    expect(task.statement).toContain("References: ");
  });

  test("its founder draws itself and is exactly feasible, short of what is known", async () => {
    const task = await loadTask(name);
    await python.run("notebook, judge = {}, {}");
    for (const cell of task.founder.cells.filter(({ cell_type }) => cell_type === "code"))
      await runIn("notebook", cell.source);
    await runIn("judge", task.verifier.source);
    expect(await python.evaluate("callable(notebook['draw'])")).toBe(true);
    const verdict: { score: number; strict: number } = await python.evaluate(
      'judge["verify"](notebook["submission"])',
    );
    expect(verdict.strict).toBe(verdict.score);
    for (const { metric } of task.descriptors) expect(verdict).toHaveProperty(metric, expect.any(Number));
    expect(direction === "maximize" ? verdict.score < bestKnown : verdict.score > bestKnown).toBe(true);
  });

  test("its problem, if it has one, is true: slopes, variables, submissions", async () => {
    if (!(await python.evaluate<boolean>("'problem' in notebook"))) return;
    const { text } = await python.run(`
problem, np = notebook["problem"], __import__("numpy")
value = getattr(problem, "${direction}")
low, high = problem.bounds
rng = np.random.default_rng(7)
report = {"slopes": 0.0, "bounds": True, "value": 0.0, "again": 0.0}
for z in (problem.start(rng), problem.variables(notebook["submission"])):
    report["bounds"] &= z.shape == low.shape and bool((z >= low - 1e-12).all() and (z <= high + 1e-12).all())
    z = z + rng.normal(0, 1e-3, len(z)) * (high - low)
    for f, slope in (("constraints", "jacobian"), ("${direction}", "gradient")):
        if hasattr(problem, f) and hasattr(problem, slope):
            given = getattr(problem, slope)(z)
            given = given.toarray() if hasattr(given, "toarray") else given
            report["slopes"] = max(report["slopes"], float(abs(given - slopes(getattr(problem, f), z)).max()))
z = problem.variables(notebook["submission"])
report["feasible"] = float(problem.constraints(z).min()) if hasattr(problem, "constraints") else 0.0
report["value"] = float(value(z))
report["score"] = judge["verify"](problem.submission(z))["score"]
report["again"] = float(value(problem.variables(problem.submission(z))))
print(json.dumps(report))
`);
    const report = JSON.parse(text.split("\n").at(-2) ?? "");
    expect(report).toMatchObject({ bounds: true });
    expect(report.slopes).toBeLessThan(1e-4);
    expect(report.feasible).toBeGreaterThan(-1e-12);
    expect(report.score).toBeCloseTo(report.value, 12);
    expect(report.again).toBeCloseTo(report.value, 12);
  });
});
