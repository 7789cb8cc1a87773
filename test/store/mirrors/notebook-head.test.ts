// What the head of a branch's notebook says, of any journal.
import { expect, test } from "vitest";
import { emptyNotebook } from "../../../src/core/notebook/notebook.ts";
import { loadTask } from "../../../src/tasks/load-task.ts";
import { NotebookHeads } from "../../../src/store/mirrors/notebook-head.ts";
import { episodeEnded, sampleBranch } from "../../../src/testing/conformance/journal-samples.ts";

const heads = (): NotebookHeads =>
  new NotebookHeads({ readBlob: async () => new TextEncoder().encode("{}") });

/** Branch `b<number>` as the journal brings it, with these parents. */
function see(into: NotebookHeads, number: number, parents: readonly string[]): void {
  for (const event of episodeEnded(number, number).events) {
    if (event.type !== "episode-ended" || !event.outcome.ok) continue;
    const branch = { ...event.outcome.branch, parents };
    into.see({ ...event, outcome: { ...event.outcome, branch } }, "2026-11-30T18:42:00.000Z");
  }
}

test.each([
  { name: "its own parent", parents: { 1: ["b1"] }, of: 1, ancestors: undefined },
  { name: "each other's parents", parents: { 1: ["b2"], 2: ["b1"] }, of: 2, ancestors: "b1 (1), b2 (2)" },
  { name: "of an unknown parent", parents: { 1: ["b7"] }, of: 1, ancestors: "b7 (NaN), b1 (1)" },
])("branches that are $name", async ({ parents, of, ancestors }) => {
  const into = heads();
  for (const [number, its] of Object.entries(parents)) see(into, Number(number), its);
  const { facts } = await into.headOf(sampleBranch(of, of).branch, emptyNotebook());
  expect(Object.fromEntries(facts)["ancestors"]).toBe(ancestors);
  expect(Object.fromEntries(facts)["made"]).toContain("2026-11-30 18:42 UTC");
});

/** How the head of the founder says that a task like a benchmark, but for this, is checked. */
async function checkText(other: object): Promise<string | undefined> {
  const task = { ...(await loadTask("circles-square-26")), ...other };
  const into = new NotebookHeads({ readBlob: async () => new TextEncoder().encode(JSON.stringify(task)) });
  const branch = { ...sampleBranch(0, 0).branch, id: "b0" };
  const settings = { model: "offline" };
  into.see({ type: "run-started", version: 2, seed: 1, task: "0", settings, founder: branch }, "");
  const { facts } = await into.headOf(branch, emptyNotebook());
  return Object.fromEntries(facts)["check it"];
}

const injected = (source: unknown): unknown => ({
  cells: [{ source: "decoy = 1" }, { metadata: { tags: ["injected-parameters"] }, source }, null],
});
const parameters = { n: 27, name: "a b`", decoy: 2 };
const params = " --param n=27 --param 'name=\"a b\\u0060\"'";

test.each([
  ["a benchmark", {}, ""],
  [
    "one with other parameters",
    { parameters, founder: injected("# P\nn = 27\nname = 'a b`'\nx = 1") },
    params,
  ],
  ["one of a broken journal", { parameters: 1, founder: injected(["n = 1"]) }, ""],
  ["one whose founder is none", { parameters, founder: 3 }, ""],
])("the command that verifies %s brings its parameters", async (_, other, words) => {
  const command = `, or \`npx nbevolve verify circles-square-26 best.ipynb${words}\``;
  expect(await checkText(other)).toBe(`\`npx nbevolve reproduce . b0\` in the run directory${command}`);
});

test.each([
  ["a task of one's own", { name: "growth" }],
  ["one named like a benchmark", { verifier: { source: "def verify(s): return 1\n", cell: "" } }],
  ["one whose name is a path", { name: "../tasks/circles-square-26" }],
])("%s is not checked by the name of a benchmark", async (_, other) => {
  expect(await checkText(other)).toBe("`npx nbevolve reproduce . b0` in the run directory");
});
