import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "../support/cli.ts";

/** The packages that a command imported, as V8 lists the scripts that it compiled. */
async function packagesLoaded(args: readonly string[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "nbevolve-loaded-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { code, stderr } = await runCli(args, { NODE_V8_COVERAGE: folder });
  expect(code, stderr).toBe(0);
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
  );
  const reports: readonly { readonly result: readonly { readonly url: string }[] }[] = texts.map((text) =>
    JSON.parse(text),
  );
  const names = reports.flatMap(({ result }) =>
    result.map(({ url }) => /.*\/node_modules\/((?:@[^/]+\/)?[^./][^/]*)\//.exec(url)?.[1]),
  );
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

test.each([[["--version"]], [["--help"]], [["help"]]])(
  "%j loads nothing but the reader of flags",
  async (args) => {
    expect(await packagesLoaded(args)).toEqual(["commander"]);
  },
);

test.each([["show"], ["steer"], ["tasks"], ["render"], ["replay"], ["verify"], ["doctor"], ["models"]])(
  "%s loads no client of kernels before it opens one",
  async (command) => {
    const loaded = await packagesLoaded([command, "--help"]);
    expect(loaded).toContain("commander");
    expect(loaded).not.toContain("@jupyterlab/services");
  },
);

test("help <command> tells as much as <command> --help, of a subcommand too", async () => {
  for (const command of ["run", "steer", "models check"].map((words) => words.split(" "))) {
    const [long, short] = [await runCli([...command, "--help"]), await runCli(["help", ...command])];
    expect(long.stdout).toMatch(/^Usage: nbevolve .*\n[^]*^Options:$/m);
    expect(short).toEqual(long);
  }
});
