// A task that needs a package, as its user has it: refused with the flags, installed from an index, seen by cells and verifier, and
// there again for every later command without a flag.
// Long: a package is fetched, an environment is made, and a run, a resume and three checks are played.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { openRunStore } from "../../src/store/index.ts";
import { readRunStarted } from "../../src/run/run-settings.ts";
import { runCli } from "../support/cli.ts";
import { testPython } from "../support/python.ts";

const TASK = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { nbevolve: { packages: ["TOOLZ"] } },
  cells: [
    { cell_type: "markdown", id: "a", metadata: {}, source: "`submission` is a list of two numbers." },
    code("b", "import toolz\nsubmission = list(toolz.take(2, [0.5, 0.25, 0.125]))"),
    code(
      "c",
      "import toolz\n\ndef verify(submission):\n    return sum(toolz.take(2, submission))",
      "verifier",
    ),
  ],
};

function code(id: string, source: string, tag?: string) {
  const metadata = tag === undefined ? {} : { tags: [tag] };
  return { cell_type: "code", id, metadata, source, outputs: [], execution_count: null };
}

/** Null where the index cannot be reached, or has none. */
async function fetchable(name: string): Promise<string | null> {
  const args = ["-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--retries", "1", name];
  const folder = await mkdtemp(join(tmpdir(), "nbevolve-fetched-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return promisify(execFile)(testPython, [...args, "--timeout", "15", "--dest", folder]).then(
    () => name,
    () => null,
  );
}

test("a task's package is installed when its user says so, and stays", async ({ skip }) => {
  skip((await fetchable("toolz")) === null, "no package index can be reached from here");
  const folder = await mkdtemp(join(tmpdir(), "nbevolve-packages-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "task.ipynb"), JSON.stringify(TASK));
  const cli = async (...words: readonly string[]) => {
    const { code: exit, stdout, stderr } = await runCli(words, {}, folder);
    return { exit, stdout, stderr };
  };
  const run = ["run", "task.ipynb", "--dir", "r", "--proposals", "1", "--seed", "1"];
  // On a machine that had it installed before, no word is needed.
  const refused = await cli(...run);
  if (refused.exit !== 0) expect(refused.stderr).toContain("add --with toolz (in code: `packages`)");
  if (refused.exit !== 0) expect(await cli(...run, "--with", "toolz")).toMatchObject({ exit: 0 });
  {
    await using store = await openRunStore(join(folder, "r"), { mode: "read" });
    const settings = (await readRunStarted(store))?.settings;
    expect(settings).toMatchObject({ packages: [expect.stringMatching(/^toolz==\d/)] });
  }
  expect(await cli("resume", "r", "--proposals", "2")).toMatchObject({ exit: 0 });
  expect(await cli("reproduce", "r")).toMatchObject({ exit: 0 });
  expect(await cli("replay", "r", "--execute")).toMatchObject({ exit: 0 });
  expect(await cli("verify", "task.ipynb", "r/best.ipynb")).toMatchObject({ exit: 0 });
});
