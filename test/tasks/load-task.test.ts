import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPython } from "../../src/machine/python/find-python.ts";
import type { Task } from "../../src/contracts/index.ts";
import { defineTask } from "../../src/tasks/define-task.ts";
import { benchmarkNames, loadTask } from "../../src/tasks/load-task.ts";
import { packageRoot, rootAbove } from "../../src/shipped.ts";
import { problemsOf, VERIFY } from "./notebooks.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/tasks/${name}.ipynb`, import.meta.url));
const example = fileURLToPath(new URL("../../docs/examples/points.ipynb", import.meta.url));

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nbevolve-tasks-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("packageRoot", () => {
  it("is the folder of our own package.json, seen from sources and from a build", async () => {
    const manifest: unknown = JSON.parse(await readFile(join(packageRoot(), "package.json"), "utf8"));
    expect(manifest).toMatchObject({ name: "nbevolve" });
    const dist = join(folder, "pkg", "dist", "src", "tasks");
    await mkdir(dist, { recursive: true });
    await writeFile(join(folder, "pkg", "package.json"), '{"name": "nbevolve"}');
    await writeFile(join(folder, "pkg", "dist", "package.json"), '{"type": "module"}');
    expect(rootAbove(dist)).toBe(join(folder, "pkg"));
    expect(() => rootAbove(folder)).toThrow(/no package\.json of nbevolve at or above .*; install/);
  });
});

describe("loadTask", () => {
  it("loads the fixtures, named after their files", async () => {
    expect(await loadTask(fixture("bare"))).toMatchObject({
      name: "bare",
      direction: "maximize",
      parameters: {},
    });
    const parabola = await loadTask(fixture("parabola"), { parameters: { goal: 5 } });
    expect(parabola).toMatchObject({ direction: "minimize", target: 1e-6, parameters: { goal: 5 } });
    expect(parabola.founder.cells[2]?.source).toBe("# Parameters\ngoal = 5.0");
    const points = await loadTask(example);
    expect(points.founder.cells).toHaveLength(5);
    expect(points.holdout?.cell).toMatch(/^7 \(holdout/);
  });

  it("names a task.ipynb after its folder", async () => {
    const file = join(folder, "tall", "task.ipynb");
    await mkdir(dirname(file));
    await writeFile(file, await readFile(fixture("bare")));
    expect((await loadTask(file)).name).toBe("tall");
  });

  it("finds the tasks that ship with nbevolve by name", async () => {
    const place = join(folder, "shipped");
    for (const name of ["b", "a"]) {
      await mkdir(join(place, name), { recursive: true });
      await writeFile(join(place, name, "task.ipynb"), "{}");
    }
    await mkdir(join(place, "not-a-task"));
    expect(await benchmarkNames(place)).toEqual(["a", "b"]);
    expect(await benchmarkNames(join(folder, "nowhere"))).toEqual([]);
    for (const name of await benchmarkNames()) expect((await loadTask(name)).name).toBe(name);
  });

  it("refuses what is not there, and says what is", async () => {
    await expect(loadTask("no-such-benchmark")).rejects.toMatchObject({
      code: "bad-task",
      message: expect.stringMatching(
        /^no benchmark is called "no-such-benchmark" \(.*\.\/no-such-benchmark\.ipynb/,
      ),
    });
    await expect(loadTask("./gone.ipynb")).rejects.toMatchObject({
      code: "bad-task",
      message: expect.stringMatching(/^\.\/gone\.ipynb cannot be read: there is no such file/),
    });
    await expect(loadTask("task.py")).rejects.toMatchObject({
      code: "bad-task",
      message: expect.stringMatching(/^task\.py is no notebook\. .*your-own-task\.md/),
    });
    await writeFile(join(folder, "mine.ipynb"), "{}");
    await expect(loadTask(join(folder, "mine.py"))).rejects.toMatchObject({
      message: expect.stringMatching(/did you mean .*mine\.ipynb\?$/),
    });
    await expect(loadTask(`${folder}/`)).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be read: it is a folder/),
    });
    const cut = join(folder, "cut.ipynb");
    await writeFile(cut, '{"cells": [');
    await expect(loadTask(cut)).rejects.toMatchObject({ code: "bad-notebook" });
  });
});

it("with other parameters nothing is known of a benchmark's best score", async () => {
  expect(await loadTask("circles-square-26")).toMatchObject({ bestKnown: 2.6359830849176, resolution: 1e-5 });
  expect(await loadTask("circles-square-26", { parameters: { n: 7 } })).not.toHaveProperty("bestKnown");
});

describe("defineTask", () => {
  it("gives the task that the notebook gives", async () => {
    const points = await loadTask(example);
    const source = (i: number): string => points.founder.cells[i]?.source ?? "";
    const [parameters, alone] = [
      `${source(1)}\n\n`,
      (text: string): string => text.replace(parameters, "").trimEnd(),
    ];
    const made = defineTask({
      name: "points",
      statement: points.statement,
      parameters: { n: 7 },
      setup: source(2),
      founder: source(4),
      verifier: alone(points.verifier.source),
      holdout: alone(points.holdout?.source ?? ""),
      descriptors: [{ metric: "on_edge", min: 0, max: 1, bins: 8 }],
      limits: { cellTimeoutMs: 60_000 },
    });
    const withoutNotes = (task: Task): unknown => ({
      ...task,
      places: {},
      verifier: task.verifier.source,
      holdout: task.holdout?.source,
      founder: task.founder.cells
        .filter((cell) => cell.metadata.nbevolve?.role !== "note")
        .map((cell) => cell.source),
    });
    expect(withoutNotes(made)).toEqual(withoutNotes(points));
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });

  it("needs three things and checks them as it checks a notebook", () => {
    const least = { statement: "Find it.", founder: ["a = 1", "submission = a"], verifier: VERIFY };
    expect(defineTask(least)).toMatchObject({ name: "task", founder: { cells: [{}, {}, {}] } });
    expect(problemsOf(() => defineTask({ ...least, founder: [], submission: "=" }))).toHaveLength(2);
    expect(problemsOf(() => defineTask({ ...least, parameters: { "my-n": 1 } }))).toEqual([
      'parameter "my-n": is no Python name; use letters, digits and _',
    ]);
  });
});

describe("the fixtures", () => {
  it("run from top to bottom in Python, and their verifiers judge what they find", async () => {
    const { python } = await findPython();
    const program = [
      "import json, sys",
      "for task in json.load(sys.stdin):",
      "    names = {}",
      "    for source in task['cells']: exec(source, names)",
      "    judge = {}",
      "    exec(task['verifier'], judge)",
      "    print(json.dumps(judge['verify'](names[task['submission']])))",
    ].join("\n");
    const tasks = await Promise.all(
      [fixture("bare"), fixture("parabola"), example].map((file) => loadTask(file)),
    );
    const input = tasks.map(({ founder, verifier, submission }) => ({
      cells: founder.cells.filter((cell) => cell.cell_type === "code").map((cell) => cell.source),
      verifier: verifier.source,
      submission,
    }));
    const run = promisify(execFile)(python, ["-I", "-c", program]);
    run.child.stdin?.end(JSON.stringify(input));
    const scores: unknown[] = (await run).stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(scores).toEqual([
      Math.sin(5),
      49,
      {
        score: expect.closeTo(0.1917, 3),
        on_edge: 0,
        message: expect.stringMatching(/^the closest points are \d and \d$/),
      },
    ]);
  });
});
