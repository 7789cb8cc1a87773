// A first notebook of one's own: made by a command, run as it is, found again among the runs.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BENCHMARKS } from "../../benchmarks/index.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import { runCli } from "../support/cli.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-new-"));
  const lines = Array.from({ length: 30 }, (_, n) => `${n},${n * n},${3 * n - n * n + 1}`);
  await writeFile(join(root, "it's my data.csv"), `a,b,y\n${lines.join("\n")}\n`);
});
afterAll(() => rm(root, { recursive: true, force: true }));
const cli = (...args: readonly string[]) => runCli(args, {}, root);

describe("nbevolve new", () => {
  it.each(["", ...BENCHMARKS.slice(0, 3).map(({ name }) => name)])("makes a task of %j", async (from) => {
    const file = `of-${from}.ipynb`;
    const made = await cli("new", file, ...(from === "" ? [] : ["--from", from]));
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toContain(`\n  npx nbevolve run ${file}\n`);
    const task = await loadTask(join(root, file));
    expect(task.founder.cells.length).toBeGreaterThan(2);
  });

  it("makes one that reads a table, which runs by the line that it prints", async () => {
    const made = await cli("new", "mine.ipynb", "--data", "it's my data.csv");
    expect(made.code, made.stderr).toBe(0);
    const table = join(root, "it's my data.csv");
    expect(made.stdout).toContain(
      `\n  npx nbevolve run mine.ipynb --read '${table.replace("'", "'\\''")}'\n`,
    );
    const run = await cli(
      ..."run mine.ipynb --proposals 1 --seed 1 --dir r1 --json --read".split(" "),
      table,
    );
    expect(run.code, run.stderr).toBe(0);
    const { best } = JSON.parse(run.stdout);
    expect(best.metrics).toMatchObject({ score: expect.any(Number), largest_error: expect.any(Number) });

    const runs = await cli("runs", ".");
    expect(runs.stdout).toMatch(
      /^run +task +best +begun\nr1 +mine +\S+ +1 proposal +finished +\d{4}-.* UTC\n$/,
    );
    const [only, ...others] = JSON.parse((await cli("runs", ".", "--json")).stdout);
    expect([only.task, only.best, others]).toEqual(["mine", { ...best, path: only.best.path }, []]);
  });

  it.each([
    ["texts", "strain,hour,od\nwt,0,0.1\nmutA,1,0.4\nmutB,2,0.9\n", "strain is text or mostly empty"],
    ["a text at the end", "hour,od,strain\n0,0.1,wt\n1,0.4,mutA\n", "predict od."],
    ["semicolons, decimal commas", "hour;od\n0;0,1\n1;0,4\n", "with semicolons between them"],
    ["tabs", "hour\tod\n0\t0.1\n1\t0.4\n", "with tabs between them"],
    ["holes", "hour,od\n0,0.1\n1,\nNA,2\n3\n4,5\n6,7\n\n8,nan\n9,9\n10,9\n", "(4 of the first ones)"],
    [
      "quotes and a mark",
      '\uFEFF"hour, in h","o""d"\r\n"0",1\r\n1,"2"\r\n',
      'hour, in h and o"d are numbers',
    ],
  ] as const)("makes one that runs of a table with %s", async (what, text, words) => {
    const name = what.replaceAll(/\W/g, "-");
    await writeFile(join(root, `${name}.csv`), text);
    const made = await cli("new", `${name}.ipynb`, "--data", `${name}.csv`);
    expect([made.code, made.stdout]).toEqual([0, expect.stringContaining(words)]);
    const judged = await cli(
      "verify",
      `${name}.ipynb`,
      `${name}.ipynb`,
      "--read",
      join(root, `${name}.csv`),
      "--json",
    );
    expect(judged.code, judged.stderr + judged.stdout).toBe(0);
  });

  it("counts the lines that it leaves out", async () => {
    await writeFile(join(root, "gaps.csv"), "hour,od\n0,0.1\n1,\nNA,2\n3\n4,5\n6,7\n\n8,nan\n9,9\n");
    await cli("new", "gaps.ipynb", "--data", "gaps.csv");
    const args = "run gaps.ipynb --proposals 1 --seed 1 --dir gaps --read".split(" ");
    const run = await cli(...args, join(root, "gaps.csv"));
    expect(run.code, run.stderr).toBe(0);
    const best = await readFile(join(root, "gaps", "best.ipynb"), "utf8");
    expect(best).toContain("4 lines with numbers in hour, od");
    expect(best).toContain("4 lines lack a number in one of them and are left out");
  });

  it.each([
    ["", "it is empty"],
    ["a,b\n", "it has one line only"],
    ["a,b\nx,y\n", "no column holds numbers"],
    ["a,b\nx,1\n", 'only the column "b" holds numbers'],
    ["1,2\n3,4\n", "its first line holds numbers; add a line of names"],
    ["a,a\n3,4\n", 'two columns are called "a"'],
    ["a,b\n3,\n,4\n", "no line that was read has a number in each of the columns a, b"],
    ["a,b\n3,\0\n", "it is no text file"],
  ])("makes none of %j", async (text, words) => {
    await writeFile(join(root, "refused.csv"), text);
    const { code, stderr } = await cli("new", "refused.ipynb", "--data", "refused.csv");
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
  });

  it("writes over nothing, and says what is wrong", async () => {
    await writeFile(join(root, "there.ipynb"), "mine");
    const refused = [
      [["there.ipynb"], "there.ipynb cannot be written: it is there already; choose another name"],
      [["x.py"], "x.py would be no notebook: let its name end in .ipynb"],
      [["no/where.ipynb"], "no/where.ipynb cannot be written: "],
      [["new.ipynb", "--from", "hexagon-11"], 'did you mean "hexagons-11"?'],
      [["new.ipynb", "--data", "absent.csv"], "--data absent.csv: there is no such file"],
      [["new.ipynb", "--data", "it's my data.csv", "--from", "hexagons-11"], "leave --from out"],
    ] as const;
    for (const [args, words] of refused) {
      const { code, stderr } = await cli("new", ...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
    }
    expect(await readFile(join(root, "there.ipynb"), "utf8")).toBe("mine");
  });
});

describe("nbevolve tasks", () => {
  it("describes one: its statement, its values, and how to run and copy it", async () => {
    const { stdout } = await cli("tasks", "hexagons-11");
    expect(stdout).toMatch(/^# /);
    expect(stdout).toMatch(
      /^published 3\.930092 \(AlphaEvolve, 2025\), best known 3\.9245\d+ \(the target of a public task family\)$/m,
    );
    expect(stdout).toContain("copy it:  npx nbevolve tasks hexagons-11 --copy my-task.ipynb\n");
    expect((await cli("tasks", "hexagon-11")).stderr).toContain('did you mean "hexagons-11"?');
    const json = JSON.parse((await cli("tasks", "kissing-11", "--json")).stdout);
    expect(json).toMatchObject({ name: "kissing-11", bestKnown: 604, direction: "maximize" });
  });

  it("lists them with what each is about, and copies one", async () => {
    const { stdout } = await cli("tasks");
    expect(stdout).toMatch(/^kissing-11 +maximize +593 +604 +Kissing spheres in dimension 11$/m);
    const copied = await cli("tasks", "kissing-11", "--copy", "kissing.ipynb");
    expect(copied.stdout).toContain("\n  npx nbevolve run kissing.ipynb\n");
    await cli("new", "made.ipynb", "--from", "kissing-11");
    expect(await readFile(join(root, "kissing.ipynb"), "utf8")).toBe(
      await readFile(join(root, "made.ipynb"), "utf8"),
    );
    const { code, stderr } = await cli("tasks", "--copy", "all.ipynb");
    expect([code, stderr]).toEqual([2, expect.stringContaining("--copy copies one benchmark: name it")]);
    const unknown = await cli("tasks", "kissing-12", "--copy", "k.ipynb");
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('did you mean "kissing-11"?'),
    ]);
  });
});

describe("nbevolve runs", () => {
  it("says where there is no folder, and lists none in an empty one", async () => {
    const { code, stderr } = await cli("runs", "absent");
    expect([code, stderr]).toEqual([2, expect.stringContaining("there is no folder absent")]);
    const empty = await mkdtemp(join(root, "empty-"));
    expect((await cli("runs", empty)).stdout).toBe("No runs are here.\n");
  });
});
