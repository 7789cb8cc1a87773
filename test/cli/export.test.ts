// Branches as files: each in a process of its own, as a user has them, from a run that is finished, live or was interrupted.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { numbersServer } from "../support/numbers-server.ts";
import { testPython } from "../support/python.ts";

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';
const OLD_RUN = fileURLToPath(new URL("../fixtures/runs/version-1/", import.meta.url));

let root = "";
/** What `export` wrote of the live run, from its second request. */
let whileLive = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-export-"));
  const notebook = JSON.parse(numbersNotebook());
  const shows = `from IPython.display import Image, SVG\nimport base64\ndisplay(SVG('${SVG}'))\ndisplay(Image(base64.b64decode('${PNG}')))`;
  notebook.cells[3].source = `%matplotlib inline\nsubmission = [0.1, 0.1]\n${shows}`;
  await writeFile(join(root, "drawn.ipynb"), JSON.stringify(notebook));
  await writeFile(join(root, "plain.ipynb"), numbersNotebook());
  await using server = await numbersServer(async (number) => {
    if (number === 4) whileLive = (await cli("export", "run", "--branch", "b0=live.py")).stdout;
  });
  for (const [task, dir, proposals] of [
    ["drawn.ipynb", "run", "2"],
    ["plain.ipynb", "plain", "1"],
  ] as const) {
    const model = ["--model", "openai:served", "--base-url", server.baseURL, "--parallel", "1"];
    const done = await cli("run", task, "--dir", dir, "--proposals", proposals, "--seed", "1", ...model);
    expect(done.code, done.stderr).toBe(0);
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));
const cli = (...args: readonly string[]) => runCli(args, {}, root);
const at = (name: string): string => join(root, name);

/** Runs the script as a user does, in a folder of its own. */
async function runScript(script: string): Promise<string> {
  const cwd = await mkdtemp(at("alone-"));
  return new Promise((resolve, reject) => {
    execFile(testPython, [at(script)], { cwd, env: { PATH: process.env["PATH"] } }, (problem, stdout) =>
      problem === null ? resolve(stdout) : reject(problem),
    );
  });
}

/** Of every file below: its content, or for the database's own files that it is there. */
async function contentOf(dir: string): Promise<readonly string[]> {
  const names = (await readdir(dir, { recursive: true })).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const isFile = (await stat(join(dir, name))).isFile();
      const hash = isFile ? createHash("sha256").update(await readFile(join(dir, name))) : null;
      return `${name} ${/-(?:shm|wal)$/.test(name) ? "" : (hash?.digest("hex") ?? "")}`;
    }),
  );
}

const scoreIn = async (...args: readonly string[]): Promise<number> => {
  const { stdout, stderr } = await cli("verify", ...args, "--json");
  return JSON.parse(stdout === "" ? stderr : stdout).verdict.metrics.score;
};

describe("nbevolve export", () => {
  test("writes what the ending says, and the script's last line is the submission as it was judged", async () => {
    const before = await contentOf(at("run"));
    const files = ["best.json", "best.py", "best.png", "best.svg", "best.ipynb"];
    const done = await cli(
      ...["export", "run", ...files.flatMap((file) => ["--best", file])],
      ...["--branch", "b1=one=1.py", "--branch", "b1=b1.json"],
    );
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/^best\.json: b\d, score 0\.\d+; the submission, exactly as it was judged$/m);
    expect(await contentOf(at("run"))).toEqual(before);

    const { best, branches } = JSON.parse((await cli("show", "run", "--json")).stdout);
    const scoreOf = (id: string): number =>
      branches.find(({ branch }: { branch: string }) => branch === id).metrics.score;
    for (const [id, script, submission] of [
      [best.branch, "best.py", "best.json"],
      ["b1", "one=1.py", "b1.json"],
    ]) {
      const last = (await runScript(script)).trimEnd().split("\n").at(-1) ?? "";
      expect(`${last}\n`).toBe(await readFile(at(submission), "utf8"));
      expect(await scoreIn("drawn.ipynb", submission)).toBe(scoreOf(id));
    }
    expect(await readFile(at("best.png"), "base64")).toBe(PNG);
    expect(await readFile(at("best.svg"), "utf8")).toContain("<svg");
    const notebook = JSON.parse(await readFile(at("best.ipynb"), "utf8"));
    expect(notebook.cells[0].source[0]).toMatch(/^# drawn: 0\.\d+\n/);
    expect(await readFile(at("run/best.ipynb"), "utf8")).toBe(await readFile(at("best.ipynb"), "utf8"));
  });

  test("reads a live run and an interrupted one", async () => {
    expect(whileLive).toBe("live.py: b0, score 0.0100000000; a script that runs by itself\n");
    expect((await runScript("live.py")).trimEnd().split("\n").at(-1)).toBe("[0.1,0.1]");
    await cp(OLD_RUN, at("old"), { recursive: true });
    const old = await cli("export", "old", "--best", "old.json", "--branch", "b1=old-b1.py");
    expect(old.code, old.stderr).toBe(0);
    expect(JSON.parse(await readFile(at("old.json"), "utf8"))).toHaveLength(2);
  });

  test("writes over nothing, unless it is told to, and leaves nothing where it fails", async () => {
    await writeFile(at("mine.json"), "mine");
    const before = await readdir(root);
    const refused = await cli("export", "run", "--best", "new.json", "--best", "mine.json");
    expect([refused.code, refused.stderr]).toEqual([
      2,
      "nbevolve: mine.json cannot be written: it is there already; --force writes over it\n",
    ]);
    expect([await readFile(at("mine.json"), "utf8"), await readdir(root)]).toEqual(["mine", before]);
    expect((await cli("export", "run", "--best", "mine.json", "--force")).code).toBe(0);
    expect(await readFile(at("mine.json"), "utf8")).toMatch(/^\[/);
  });

  test.each([
    [["--best", "a.png"], 1, /^a\.png is not written: no cell of b\d draws a picture as PNG$/m],
    [["--best", "a.svg"], 1, /no cell of b\d draws a picture as SVG$/m],
    [[], 2, /say what to write: --best FILE or --branch ID=FILE, with \.json the submission/],
    [["--best", "a.html"], 2, /a\.html: its name must end in what is to be written: \.json /],
    [["--best", "no/where.json"], 2, /no\/where\.json cannot be written: ENOENT/],
    [["--branch", "b1"], 2, /--branch b1: write it as ID=FILE/],
    [["--branch", "b9=a.py", "--best", "b.py"], 2, /plain has no branch b9; it has b0/],
    [["--best", "a.py", "--branch", "b0=./a.py"], 2, /\.\/a\.py is to be written twice/],
  ])("says what is wrong with %j", async (args, code, words) => {
    const done = await cli("export", "plain", ...args);
    expect([done.code, done.stderr]).toEqual([code, expect.stringMatching(words)]);
    for (const name of ["a.png", "a.svg", "a.py", "b.py"]) expect(await readdir(root)).not.toContain(name);
  });
});
