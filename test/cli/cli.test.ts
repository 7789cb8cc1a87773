import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelServer, type ModelServer } from "../../src/testing/model-server.ts";
import { runCli, startCli } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { numbersServer } from "../support/numbers-server.ts";
import { noneRemain } from "../support/processes.ts";

let root = "";
let task = "";
let server: ModelServer;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-cli-"));
  task = join(root, "numbers.ipynb");
  await writeFile(
    task,
    numbersNotebook([["holdout", "def verify(submission):\n    return min(submission)"]]),
  );
  server = await numbersServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const run = (dir: string, ...more: string[]): string[] => {
  const model = ["--model", "openai:served", "--base-url", server.baseURL];
  return ["run", task, ...model, "--seed", "1", "--order", "as-proposed", "--dir", join(root, dir), ...more];
};

describe("nbevolve run, resume, show", () => {
  test("--json: one object on standard output, everything else on standard error; the same run again is the same", async () => {
    const [first, second] = [
      await runCli(run("a", "--proposals", "3", "--json")),
      await runCli(run("b", "--proposals", "3", "--json")),
    ];
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout.trim().split("\n")).toHaveLength(1);
    const [one, two] = [JSON.parse(first.stdout), JSON.parse(second.stdout)];
    expect(Object.keys(one)).toEqual(
      expect.arrayContaining(["dir", "best", "proposals", "episodes", "failures", "usage", "seconds"]),
    );
    expect(one.best.metrics.score).toBe(one.best.fitness);
    expect({ ...two.best, path: "" }).toEqual({ ...one.best, path: "" });
    expect(one.holdout.valid).toBe(true);
    expect(JSON.parse(await readFile(one.best.path, "utf8")).nbformat).toBe(4);
    expect(first.stderr).toMatch(/^b0 +founder +0\.01/m);
    expect(first.stderr).toMatch(/^b\d +improve b0 +0\.\d+ {2}<- best$/m);
  });

  test("for people: the score, the verdict, the notebook to open and how to go on; resume goes on to its total", async () => {
    const first = await runCli(run("people", "--proposals", "2"));
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).not.toContain("verdict");
    expect(first.stdout).toMatch(/^2 episodes, 0 failed, \d+ s; all 2 proposals were used$/m);
    expect(first.stdout).toMatch(
      /^best b\d: score 0\.\d{9,}; the first notebook had 0\.\d+(; reproduced)?\n {2}sum [\d.]+\nholdout: /m,
    );
    expect(first.stdout).toMatch(/^holdout: score: 0\.\d+$/m);
    expect(first.stdout).toMatch(/best notebook, .*people\/best\.ipynb/);
    const more = await runCli(["resume", join(root, "people"), "--proposals", "4"]);
    expect(more.code, more.stderr).toBe(0);
    expect(more.stdout).toMatch(/^4 episodes/m);
    expect(more.stderr).not.toMatch(/founder/);
    const shown = await runCli(["show", join(root, "people")]);
    expect(shown.stdout).toMatch(
      /^[^\n]+: maximize the score; model \S+, strategy tournament, seed \d+\nbegun [^\n]+4 proposals\nbest b/,
    );
    expect(shown.stdout).toMatch(/^b0 {2}founder +0\.01/m);
    expect(shown.stdout).toMatch(/^ {2}b1 {2}improve +0\.\d+/m);
    expect(shown.stdout).toMatch(/^finished: [^\n]+; go on with: npx nbevolve resume \S+ --proposals 8$/m);
    expect(shown.stdout).toMatch(/<- best/);
    const json = JSON.parse((await runCli(["show", join(root, "people"), "--json"])).stdout);
    expect(json.branches).toHaveLength(5);
    expect(json).toMatchObject({ task: { name: "numbers", direction: "maximize" }, state: "finished" });
    expect(json.branches).toContainEqual(json.best);
    const branch = await runCli(["show", join(root, "people"), "b1"]);
    expect(branch.stdout).toMatch(/^b1: improve of b0, generation 1$/m);
    expect(branch.stdout).toMatch(/rng = random\.Random/);
    expect(branch.stdout).not.toMatch(/def verify/);
    expect(branch.stdout).toMatch(/^notebook, for JupyterLab: .*branches\/b1\.ipynb$/m);
    expect(branch.stdout).toMatch(/^--- c1 task 1L /m);
    const full = await runCli(["show", join(root, "people"), "b1", "--full"]);
    expect(full.stdout).toMatch(/^--- c1 \(task, round 0\)$/m);
    const fewer = await runCli(["resume", join(root, "people"), "--proposals", "1"]);
    expect(fewer.stdout).toMatch(/4 proposals had been made already, and 1 in all were asked for$/m);
  });

  test("a start that is refused leaves nothing behind, and what was there as it was", async () => {
    const notebook = JSON.parse(numbersNotebook());
    notebook.cells[3].source = "x = 1\nsubmission = [0.1, y]";
    const file = join(root, "refused.ipynb");
    await writeFile(file, JSON.stringify(notebook));
    const there = join(root, "there");
    await mkdir(there);
    await writeFile(join(there, "mine.txt"), "mine");
    for (const dir of [join(root, "new", "one"), there]) {
      const done = await runCli(["run", file, "--dir", dir]);
      expect(done.code, done.stderr).toBe(2);
      expect(done.stderr).toMatch(
        /cell 4 \(first solution, .*\), line 2, raised NameError: name 'y' is not defined/,
      );
      expect(done.stderr).not.toMatch(/run directory/);
    }
    expect(existsSync(join(root, "new"))).toBe(false);
    expect(await readdir(there)).toEqual(["mine.txt"]);
    const unknown = await runCli(["run", task, "--strategy", "magic", "--dir", join(root, "new")]);
    expect(unknown.code).toBe(2);
    expect(existsSync(join(root, "new"))).toBe(false);
  });

  test("a parameter is overridden, for kernel and verifier alike", async () => {
    const done = await runCli(run("param", "--proposals", "1", "--param", "radius=10", "--json"));
    expect(done.code, done.stderr).toBe(0);
    const best = JSON.parse(done.stdout).best.path;
    const verified = await runCli(["verify", task, best, "--param", "radius=10", "--json"]);
    expect(JSON.parse(verified.stdout).verdict.fitness).toBe(JSON.parse(done.stdout).best.fitness);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s stops it cleanly, says how to go on, and leaves no process", async (signal, code) => {
    const dir = join(root, `stop-${signal}`);
    let asked = 0;
    const stop: { now: () => void } = { now: () => undefined };
    await using slow = await numbersServer(() => {
      asked += 1;
      if (asked === 3) stop.now();
    });
    const started = startCli([...run(`stop-${signal}`, "--proposals", "4"), "--base-url", slow.baseURL]);
    stop.now = () => void started.process.kill(signal);
    const stopped = await started.ended;
    expect(stopped.code, stopped.stderr).toBe(code);
    expect(stopped.stderr).toMatch(/Go on with: npx nbevolve resume .*stop-SIG/);
    await noneRemain([dir]);
    const resumed = await runCli(["resume", dir, "--base-url", slow.baseURL, "--json"]);
    expect(JSON.parse(resumed.stdout).episodes).toBe(4);
  });
});

test("render shows a task as a model sees it: without its judges, with its submission", async () => {
  const done = await runCli(["render", task]);
  expect(done.code, done.stderr).toBe(0);
  expect(done.stdout).toMatch(/The submission is the Python expression `submission`/);
  expect(done.stdout).toMatch(/submission = \[0\.1, 0\.1\]/);
  expect(done.stdout).not.toMatch(/def verify/);
  expect(done.stdout).toContain("# Task\nFind `submission = [a, b]` in the circle");
});

test("a run in which every episode failed exits with 1", async () => {
  await using broken = await modelServer({ behaviour: [{ type: "error", status: 400 }] });
  const model = ["--model", "openai:served", "--base-url", broken.baseURL, "--proposals", "1"];
  const done = await runCli(["run", task, ...model, "--dir", join(root, "broken"), "--json"]);
  expect(JSON.parse(done.stdout)).toMatchObject({ episodes: 1, failures: 1, best: { branch: "b0" } });
  expect(done.code).toBe(1);
});

test("a target that was set and not reached is exit code 4; one that is reached ends the run", async () => {
  const notebook = JSON.parse(numbersNotebook());
  for (const [target, code, stopped] of [
    [0.499999, 4, "budget"],
    [0.2, 0, "target"],
  ] as const) {
    notebook.metadata.nbevolve.target = target;
    const file = join(root, `target-${code}.ipynb`);
    await writeFile(file, JSON.stringify(notebook));
    const args = [
      "--model",
      "openai:served",
      "--base-url",
      server.baseURL,
      "--seed",
      "1",
      "--proposals",
      "2",
      "--json",
    ];
    const done = await runCli(["run", file, ...args, "--dir", join(root, `target-${code}`)]);
    expect(done.code, done.stderr).toBe(code);
    expect(JSON.parse(done.stdout).stopped).toBe(stopped);
  }
});

describe("nbevolve verify", () => {
  test("a submission file: 0 when valid, 1 with the reason when not", async () => {
    await writeFile(join(root, "good.json"), "[0.6, 0.8]");
    await writeFile(join(root, "bad.json"), "[1, 1]");
    const good = await runCli(["verify", task, join(root, "good.json")]);
    expect([good.code, good.stdout]).toEqual([0, "score: 0.48 sum=1.4\nholdout score: 0.6\n"]);
    const bad = await runCli(["verify", task, join(root, "bad.json")]);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/^score: invalid - .*outside the circle by 1/);
  });

  test("a notebook is run in a fresh kernel", async () => {
    const done = await runCli(["verify", task, task]);
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/^score: 0\.010+\d* sum=0\.2$/m);
  });
});

describe("what is wrong is named, with an exit code that scripts can read", () => {
  test.each([
    ["an unknown benchmark", ["run", "circles-triangle"], 2, /circles-square-26/],
    ["a task that is not there", ["run", "nowhere.ipynb"], 2, /nowhere\.ipynb/],
    [
      "an unknown strategy",
      ["run", "circles-square-26", "--strategy", "magic"],
      2,
      /no strategy "magic"; there are .*tournament/,
    ],
    ["an unknown renderer", ["run", "circles-square-26", "--renderer", "magic"], 2, /no renderer "magic"/],
    ["no proposals", ["run", "circles-square-26", "--proposals", "0"], 2, /1 or more/],
    ["an unknown order", ["run", "circles-square-26", "--order", "random"], 2, /as-finished, as-proposed/],
    ["an unknown parameter", ["run", "circles-square-26", "--param", "m=3"], 2, /m.*n/s],
    ["a parameter without a value", ["run", "circles-square-26", "--param", "n"], 2, /name=value/],
    [
      "an unknown option",
      ["run", "circles-square-26", "--speed", "9"],
      2,
      /^nbevolve: unknown option '--speed'/,
    ],
    ["an unknown command", ["evolve"], 2, /evolve/],
    ["a model without a key", ["run", "circles-square-26", "--model", "gpt-5"], 3, /OPENAI_API_KEY/],
    ["a directory without a run", ["resume", "nowhere"], 2, /no run in .*nowhere/],
    ["a branch that is not there", ["show", "DIR", "b99"], 2, /no branch b99; it has b0/],
    [
      "a file that is not there",
      ["verify", "TASK", "nowhere.json"],
      2,
      /^nbevolve: nowhere\.json cannot be read: there is no such file; give [^\n]*\n$/,
    ],
    ["a Python that is not there", ["verify", "TASK", "TASK"], 3, /NBEVOLVE_PYTHON/],
  ] as const)("%s", async (name, args, code, message) => {
    const at = (arg: string): string => (arg === "DIR" ? join(root, "a") : arg === "TASK" ? task : arg);
    const env: Record<string, string> = name.startsWith("a Python")
      ? { NBEVOLVE_PYTHON: "/nowhere/python" }
      : {};
    const done = await runCli(args.map(at), { OPENAI_BASE_URL: "", ...env }, root);
    expect(done.stdout).toBe("");
    expect(done.stderr).toMatch(message);
    expect(done.stderr).not.toMatch(/\n\s+at /);
    expect(done.code).toBe(code);
  });
});
