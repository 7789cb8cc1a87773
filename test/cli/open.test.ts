// A branch's notebook in JupyterLab: a program of the name `jupyter`, a real process, tells how it was started and how it ended.
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli, startCli } from "../support/cli.ts";
import { testPython } from "../support/python.ts";

const OLD_RUN = fileURLToPath(new URL("../fixtures/runs/version-1/", import.meta.url));

let root = "";
/** Holds no Jupyter, and nothing else. */
let bin = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-open-"));
  await cp(OLD_RUN, join(root, "my run"), { recursive: true });
  await mkdir(join(root, "my run", "branches"));
  for (const name of ["best.ipynb", "branches/b1.ipynb"]) await writeFile(join(root, "my run", name), "{}");
  bin = join(root, "bin");
  await mkdir(bin);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A folder with a `jupyter` of this body; `$1` is `lab`. */
async function stub(name: string, body: string): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  const script = `#!/bin/sh\n[ "$2" = --version ] && echo 4.4.1 && exit 0\n${body}\n`;
  await writeFile(join(folder, "jupyter"), script);
  await chmod(join(folder, "jupyter"), 0o755);
  return folder;
}

const withPath = (folder: string) => ({
  PATH: folder === bin ? bin : `${folder}:/usr/bin:/bin`,
  NBEVOLVE_CACHE: join(root, "no-cache"),
});

describe("nbevolve open", () => {
  test("starts JupyterLab with the notebook, and ends as it does", async () => {
    const folder = await stub("records", `for word; do echo "[$word]"; done > "${root}/words"; exit 7`);
    const best = await runCli(["open", "my run"], withPath(folder), root);
    expect(best.code, best.stderr).toBe(7);
    expect(await readFile(join(root, "words"), "utf8")).toBe("[lab]\n[my run/best.ipynb]\n");
    expect(best.stderr).toMatch(/^jupyter lab 'my run\/best\.ipynb' {2}\(Ctrl-C ends it; /);
    const branch = await runCli(["open", "my run", "b1"], withPath(folder), root);
    expect(branch.code).toBe(7);
    expect(await readFile(join(root, "words"), "utf8")).toContain("[my run/branches/b1.ipynb]");
    await rm(join(root, "words"));
    const printed = await runCli(["open", "my run", "--print"], withPath(folder), root);
    expect([printed.code, printed.stdout]).toEqual([0, "jupyter lab 'my run/best.ipynb'\n"]);
    expect(existsSync(join(root, "words"))).toBe(false);
  });

  test.each([
    ["SIGINT", 0],
    ["SIGTERM", 143],
  ] as const)("%s ends it, and this with it", async (signal, code) => {
    const body = `trap 'echo ended > "${root}/${signal}"; exit 0' TERM; echo started; while kill -0 $PPID; do sleep 0.05; done`;
    const started = startCli(["open", "my run"], withPath(await stub(`waits-${signal}`, body)), root);
    started.process.stdout?.once("data", () => started.process.kill(signal));
    expect(await started.ended).toMatchObject({ code, stdout: "started\n" });
    expect(await readFile(join(root, signal), "utf8")).toBe("ended\n");
  });

  test("says what to do where there is none, where a file is gone, and for what is no branch", async () => {
    const none = await runCli(["open", "my run"], withPath(bin), root);
    expect([none.code, none.stderr]).toEqual([
      3,
      "my run/best.ipynb: there is no JupyterLab here: install it with pip install jupyterlab, and open it, or open the file in another program\n",
    ]);
    const inRuns = await runCli(["open", "my run"], { ...withPath(bin), NBEVOLVE_PYTHON: testPython }, root);
    expect(inRuns.code).toBe(3);
    await rm(join(root, "my run", "branches", "b1.ipynb"));
    const gone = await runCli(["open", "my run", "b1"], withPath(bin), root);
    expect([gone.code, gone.stderr]).toEqual([
      2,
      expect.stringMatching(/is gone, .* npx nbevolve export 'my run' --branch b1=b1\.ipynb$/m),
    ]);
    expect((await runCli(["open", "my run", "b9"], withPath(bin), root)).stderr).toMatch(/has no branch b9/);
  });
});
