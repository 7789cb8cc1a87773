// The files of the guide to the library and the lines of the README, as written, from the installed tarball: they compile in a
// strict project and do what the text says.
// Long: the package is packed and installed in an empty project, and the offline model searches.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { readExamples } from "../support/guide-examples.ts";
import { testSandbox } from "../support/sandbox.ts";
import { packedProject, STRICT, type PackedProject } from "./packed-project.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const ENVIRONMENT = { ...process.env, NBEVOLVE_SANDBOX: testSandbox };

/** First guesses of a newcomer in TypeScript. */
const GUESSES = `import { offline, readRun, startRun, type RunBranch, type StreamEvent } from "nbevolve";
const run = startRun({ task: "circles-square-26", model: offline() });
const places: number[] = [];
for await (const event of run.events()) {
  places.push(event.seq);
  if (event.type === "episode-ended" && event.outcome.ok) console.log(event.proposal.length, event.outcome.branch.id);
  if (event.type === "round-ended" && event.score.valid) console.log(event.proposal.length, event.score.fitness.toFixed(2));
}
const end = run.on("round-ended", (event: StreamEvent<"round-ended">) => console.log(event.seq));
end();
run.on("best", (best: RunBranch) => best.score.toFixed(3));
// @ts-expect-error there is no such event
run.on("bests", () => undefined);
const result = await run.done;
const best: RunBranch | null = result.best ?? run.best;
console.log(best?.score, best?.fitness, best?.branch, best?.metrics["score"], best?.path);
console.log((await best?.notebook())?.cells.length, await best?.submission());
const record = await readRun(result.dir);
console.log(record.best.score === record.branches[0]?.score, record.task.name, record.state === "live");
`;

describe("the guide to the library", () => {
  let project: PackedProject;
  let examples: ReadonlyMap<string, string>;
  const run = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await project.run(process.execPath, args, ENVIRONMENT)).stdout.trim().split("\n");

  beforeAll(async () => {
    project = await packedProject();
    examples = await readExamples("library");
    for (const [file, source] of examples) {
      // The offline model's shortest proposals show the same in a fraction of the time.
      const short = source
        .replace("offline()", "offline({ explorations: 1, tries: 1 })")
        .replace("proposals: 20", "proposals: 2");
      await project.write(file, short);
    }
  });

  test("has lines that compile with the guide's own configuration and in a strict project, as have the README and a newcomer's guesses", async () => {
    const readme = /```ts\n([\s\S]*?)```/.exec(await readFile(join(root, "README.md"), "utf8"))?.[1] ?? "";
    await project.write("readme.mts", readme);
    await project.write("guesses.mts", GUESSES);
    const sources = [...examples.keys()].filter((file) => file.endsWith(".mjs"));
    expect(examples.has("tsconfig.json")).toBe(true);
    const guide = await readFile(join(root, "docs/guides/library.md"), "utf8");
    const [, wanted = ""] = /^npm install -D (.+)$/m.exec(guide) ?? [];
    await project.install(...wanted.split(" "));
    const tsc = join(project.dir, "node_modules/typescript/bin/tsc");
    const compiled = (await run(tsc, "--listFilesOnly")).map((file) => basename(file));
    expect(compiled).toEqual(expect.arrayContaining(sources.concat("readme.mts", "guesses.mts")));
    expect(await run(tsc)).toEqual([""]);
    const { typeRoots: _, ...compilerOptions } = STRICT;
    const stricter = { extends: "./tsconfig.json", compilerOptions };
    await project.write("tsconfig.strict.json", JSON.stringify(stricter));
    expect(await run(tsc, "-p", "tsconfig.strict.json")).toEqual([""]);
  });

  test("starts a run and listens to it, reads it, and goes on with it", async () => {
    const watched = await run("watch.mjs");
    expect(watched.slice(0, -2).join("\n")).toMatch(
      /^b0: 2\.0\d+ in \d+ cells(\nb\d: 2\.\d+ in \d+ cells)+$/,
    );
    expect(watched.at(-2)).toBe("2 episodes, 0 failed, ended by its budget");
    const [, score, path] = /^best (2\.\d+), for JupyterLab: (.*)$/.exec(watched.at(-1) ?? "") ?? [];
    expect(existsSync(path ?? "")).toBe(true);
    const read = await run("read.mjs");
    expect(read[0]).toBe("circles-square-26: maximize, offline, seed 1, finished");
    expect(read[1]).toMatch(/^b0 = founder of nothing: 2\.0/);
    expect(read.at(-1)).toMatch(new RegExp(`^best: ${score}, \\[\\[`));
    expect((await run("resume.mjs")).join()).toMatch(/^best b\d, stopped by its budget$/);
    expect(await run("read.mjs")).toHaveLength(read.length + 1);
  });

  test("runs a task that is written in code, and tells of each episode", async () => {
    const lines = await run("own-task.mjs");
    expect(lines.slice(0, -1).toSorted()).toEqual([
      expect.stringMatching(/^p1: 0\.\d+$/),
      expect.stringMatching(/^p2: 0\.\d+$/),
    ]);
    expect(lines.at(-1)).toMatch(/^best 0\.[1-5]\d*$/);
  });

  test("runs a strategy of one's own", async () => {
    expect((await run("greedy-run.mjs")).join()).toMatch(/^best 2\.\d+$/);
  });
});
