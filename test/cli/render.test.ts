import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleNotebook } from "../../src/testing/conformance/renderer.ts";
import { runCli } from "../support/cli.ts";

let root = "";
let file = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-render-"));
  file = join(root, "some.ipynb");
  const cells = Array.from({ length: 6 }, (_, i) => ({ source: `v${i} = ${i}`, output: `got ${i}\n` }));
  await writeFile(file, JSON.stringify(sampleNotebook(cells)));
  await writeFile(join(root, "broken.ipynb"), '{"cells": [');
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("nbevolve render", () => {
  test("prints what a model would see, with the tokens of each section and the cache breakpoints", async () => {
    const { code, stdout } = await runCli(["render", file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/--- 0 system: \d+ tokens\nYou improve a Jupyter notebook/);
    expect(stdout).toContain("Cell c7:\n```python\nv5 = 5\n```\nOutput of c7:\n```\ngot 5\n```");
    expect(stdout).toMatch(
      /--- 3 user: \d+ tokens, cache breakpoint after it\nDefined in the kernel: v0, v1, .*\n\n# Round/,
    );
    const [total, ...parts] = (/--- (\d+) tokens in all: (.*)\n$/.exec(stdout) ?? []).slice(1);
    const counts = (parts[0] ?? "").split(", ").map((part) => part.split(" "));
    expect(counts.map(([part]) => part)).toEqual(["instructions", "task", "view", "round", "tools"]);
    expect(counts.reduce((sum, [, tokens]) => sum + Number(tokens), 0)).toBe(Number(total));
    const sections = [...stdout.matchAll(/^--- \d+ \w+: (\d+) tokens/gm)];
    const sent = sections.reduce((sum, [, tokens]) => sum + Number(tokens), 0);
    expect(Number(total) - sent).toBe(Number(counts.at(-1)?.[1]));
    expect(Number(total) - sent).toBeGreaterThan(100);
  });

  test("as another renderer shows it, within a budget, as JSON", async () => {
    const { stdout } = await runCli([
      "render",
      file,
      "--renderer",
      "positional",
      "--budget",
      "200",
      "--json",
    ]);
    const prompt: { messages: { role: string }[]; breakpoints: number[] } = JSON.parse(stdout);
    expect(prompt.messages.map(({ role }) => role)).toEqual(["system", "user", "user"]);
    expect(JSON.stringify(prompt)).toContain("c2 clean 1L, 1 outputs: v0 = 0");
  });

  test("as a model of the lean harness sees it: fewer tools, and less of everything", async () => {
    const [full, lean] = await Promise.all(
      ["full", "lean"].map(async (harness) => {
        const { stdout } = await runCli(["render", "circles-square-26", "--harness", harness]);
        const [, total, ...parts] = /--- (\d+) tokens in all: .*?(\d+)$/m.exec(stdout) ?? [];
        return { stdout, total: Number(total), tools: Number(parts[0]) };
      }),
    );
    expect(full?.stdout).toMatch(/^2\. Act/m);
    expect(lean?.stdout).not.toMatch(/^2\. Act/m);
    expect(lean?.tools).toBeLessThan((full?.tools ?? 0) / 1.5);
    expect(lean?.total).toBeLessThan(1600);
    expect(full?.stdout).toMatch(/^Round 1 of 1 on this branch\. Goal: maximize the score\.$/m);
    expect(lean?.stdout).toMatch(/^The next cell is code that computes a better `\w+`\.$/m);
  });

  test.each([
    ["a renderer that is not there", ["--renderer", "mine"], "some.ipynb", /no renderer "mine"; there are/],
    ["a notebook that is cut", [], "broken.ipynb", /broken\.ipynb is not a notebook/],
    ["a file that is not there", [], "none.ipynb", /none\.ipynb cannot be read/],
  ])("%s is named", async (_, flags, name, message) => {
    const { code, stdout, stderr } = await runCli(["render", join(root, name), ...flags]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});

test("nbevolve bench names the benchmarks there are, and inputs that are missing", async () => {
  const unknown = await runCli(["bench", "speed"]);
  expect(unknown.stderr).toMatch(/no benchmark "speed"/);
  expect(unknown.code).toBe(2);
  const without = await runCli(["bench", "context", "--inputs", root]);
  expect(without.stderr).toMatch(/name their folder with --inputs/);
});
