// What `nbevolve verify` says of submissions to a benchmark: strict, relaxed, repaired, and what is violated.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verdictText } from "../../src/cli/commands/verify.ts";
import { runCli } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { testSandbox } from "../support/sandbox.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-verify-test-"));
});
afterAll(() => rm(root, { recursive: true }));

test("a strict score is all three but the repaired", () => {
  const metrics = { score: 2, strict: 2, relaxed: 2 };
  expect(verdictText({ valid: true, fitness: 2, metrics, message: "" })).toBe(
    "score    2\nstrict   2\nrelaxed  2",
  );
});

test("a verifier that tells none of them has its one line", () => {
  expect(verdictText({ valid: true, fitness: 2, metrics: { score: 2, sum: 3 }, message: "" })).toBe(
    "score: 2 sum=3",
  );
});

test("a repaired submission: what it is worth, and which constraint is violated by how much", async () => {
  const file = join(root, "touching.json");
  const overlap = 2 ** -30;
  const circles = [
    [0.25, 0.5, 0.25],
    [0.75, 0.5, 0.25 + overlap],
  ];
  await writeFile(file, JSON.stringify(circles));
  const args = ["verify", "circles-square-26", file, "--param", "n=2"];
  const { code, stdout } = await runCli([...args, "--json"]);
  expect(code).toBe(0);
  const { verdict } = JSON.parse(stdout);
  expect(verdictText(verdict).split("\n")).toEqual([
    "score          0.5",
    "strict         no: violated by 9.31e-10",
    expect.stringMatching(/^relaxed {8}0\.50000000093\d+$/),
    "repaired       0.5, costs 9.31e-10",
    "violated       circles 0 and 1 overlap by 9.31e-10: repaired, which costs 9.31e-10",
    "on_edge        2",
    "radius_spread  0",
  ]);
  expect(verdict).toMatchObject({
    valid: true,
    metrics: { score: 0.5, repaired: 0.5, relaxed: 0.5 + overlap, violation: overlap },
    message: expect.stringContaining("circles 0 and 1 overlap by 9.31e-10"),
  });
});

test("a task gets of its user what it needs when its user says so, by the flags that it is refused with", async () => {
  const notebook = JSON.parse(
    numbersNotebook([["setup", "own = open(data).read() + os.environ['MY_SETTING']"]]),
  );
  notebook.cells[1].source = `radius = 1\ndata = ${JSON.stringify(join(root, "my data.txt"))}`;
  notebook.metadata.nbevolve.needs = { env: ["MY_SETTING"], read: ["data"] };
  const file = join(root, "theirs.ipynb");
  await writeFile(file, JSON.stringify(notebook));
  await writeFile(join(root, "my data.txt"), "of mine");
  const env = { MY_SETTING: "mine" };
  const refused = await runCli(["verify", file, file], env);
  expect(refused.code, refused.stderr).toBe(2);
  const [, flags = ""] = /add (.*)$/m.exec(refused.stderr) ?? [];
  expect(flags).toBe(
    testSandbox === "on" ? `--env MY_SETTING --read '${join(root, "my data.txt")}'` : "--env MY_SETTING",
  );
  const words = [...flags.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  const taken = await runCli(["verify", file, file, ...words], env);
  expect([taken.code, taken.stderr]).toEqual([0, ""]);
  expect(taken.stdout).toMatch(/^score: 0\.01/);
});

test("a refused one names the constraint and its size too", async () => {
  const file = join(root, "overlapping.json");
  await writeFile(file, JSON.stringify(Array.from({ length: 26 }, () => [0.5, 0.5, 0.25])));
  const { code, stdout } = await runCli(["verify", "circles-square-26", file]);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^score {5}invalid\nstrict {4}no: violated by 0\.500\n.*\nviolated {2}circles 0 and 1 overlap by 0\.5;/,
  );
});

test.each([
  [
    "[1,\n NaN]",
    "is not JSON: it holds NaN, which Python writes, but JSON has finite numbers only. A submission file",
  ],
  ['{"a": -Infinity}', "is not JSON: it holds Infinity, which Python writes"],
])("what Python writes and JSON has not is named, in one line: %j", async (text, words) => {
  const file = join(root, "special.json");
  await writeFile(file, text);
  const { code, stderr } = await runCli(["verify", "circles-square-26", file]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
});

test("the tasks are listed", async () => {
  const { stdout } = await runCli(["tasks"]);
  expect(stdout).toMatch(/^name +direction +published +best known\ncircles-square-26 +maximize +2\.63/);
});
