// The code in docs/guides/environment.md, as a user has it: imported from the built package.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { openEnvironment, TurnReply } from "../../src/environment/index.ts";
import type { Score, Task, Tool, ToolChoice, ToolOutcome } from "../../src/contracts/index.ts";
import { fakeKernels } from "../../src/testing/fake-kernels.ts";
import { readExample } from "../support/guide-examples.ts";
import { numberVerifier, tinyTask } from "../support/tiny-task.ts";

type Runtime = Parameters<typeof openEnvironment>[1];
interface Guide {
  playEpisode(
    task: Task,
    runtime: Runtime,
    policy: (shown: { readonly next: ToolChoice; readonly results: readonly ToolOutcome[] }) => TurnReply,
  ): Promise<readonly Score[]>;
  readonly time: Tool;
  readonly openEnvironment: typeof openEnvironment;
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nbevolve-guide-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function importGuide(): Promise<Guide> {
  const built = pathToFileURL(join(process.env["NBEVOLVE_TEST_BUILD"] ?? "", "src", "index.js")).href;
  const zod = pathToFileURL(createRequire(import.meta.url).resolve("zod")).href;
  const examples = [
    await readExample("environment", "episode.mjs"),
    await readExample("environment", "time.mjs"),
  ];
  const source = [...examples, `export { openEnvironment } from "nbevolve";`]
    .join("\n")
    .replaceAll('"nbevolve"', `"${built}"`)
    .replaceAll('"zod"', `"${zod}"`);
  const file = join(folder, "guide.mjs");
  await writeFile(file, source);
  const guide: Guide = await import(/* @vite-ignore */ pathToFileURL(file).href);
  return guide;
}

test("the guide's episode plays two rounds, and its tool runs a cell", async () => {
  const guide = await importGuide();
  const runtime: Runtime = { openKernels: async () => fakeKernels(), verifier: numberVerifier() };
  let made = 0;
  const call = (tool: string, args: { readonly [name: string]: string }) => ({
    id: `k${(made += 1)}`,
    tool,
    arguments: args,
  });
  const seen: (readonly string[])[] = [];
  const scores = await guide.playEpisode(tinyTask, runtime, ({ next, results }) => {
    seen.push(results.map((result) => result.call.tool));
    if (next === "none") return { text: "Add one to x.", calls: [] };
    const isGrown = results.some((result) => result.call.tool === "run_code");
    const turn = isGrown
      ? call("finish_round", { summary: "x is larger" })
      : call("run_code", { source: "x = x + 1" });
    return { text: "", calls: [turn] };
  });
  expect(seen).toEqual([[], [], ["run_code"], [], [], ["run_code"]]);
  expect(scores.map(({ fitness }) => fitness)).toEqual([1, 2, 3]);

  await using environment = guide.openEnvironment(tinyTask, runtime, { tools: [guide.time] });
  await environment.reset();
  const { results } = await environment.step({ text: "", calls: [call("time", { expression: "x" })] });
  expect(results[0]?.edits[0]).toMatchObject({ type: "cell-added", cell: { id: "c3" } });
  expect(environment.state().notebook.cells.at(-1)?.source).toContain("timeit.timeit(lambda: x");
});
