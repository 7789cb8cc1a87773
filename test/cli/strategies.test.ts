// Strategies by name, by settings of a journal, and from files of the user's own.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parametersFrom } from "../../src/cli/flags/flag-values.ts";
import { strategyNamed } from "../../src/run/parts/named-parts.ts";
import { SHIPPED_STRATEGIES } from "../../strategies/index.ts";
import { describeStrategy } from "../../src/testing/conformance/strategy.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { runCli } from "../support/cli.ts";
import { readExample } from "../support/guide-examples.ts";
import { tinyRun } from "../support/tiny-run.ts";

const guide = await readFile(
  fileURLToPath(new URL("../../docs/guides/strategies.md", import.meta.url)),
  "utf8",
);
const example = await readExample("strategies", "mine.mjs");

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "nbevolve-strategies-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, text);
  return path;
}

describe("by name", () => {
  const names = SHIPPED_STRATEGIES.map(({ declaration }) => declaration.name);
  test.each(names)("%s is made again from the settings that its journal keeps", async (name) => {
    const { settings } = await strategyNamed(name);
    const kept = JSON.parse(JSON.stringify(settings));
    expect((await strategyNamed(name, kept)).settings).toEqual(settings);
    expect(guide).toContain(`| \`${name}\``);
  });

  test("nested ones are made again too", async () => {
    const given = {
      of: { name: "islands", count: 2, of: { name: "map-elites", centroids: 5, crossover: 0.9 } },
      rate: 3,
    };
    const { settings } = await strategyNamed("islands", given);
    expect(settings).toMatchObject(given);
    expect((await strategyNamed("islands", JSON.parse(JSON.stringify(settings)))).settings).toEqual(settings);
    const pool = await strategyNamed("adaptive", { of: ["puct", { name: "pareto", capacity: 7 }] });
    expect(pool.settings["of"]).toMatchObject([{ name: "puct" }, { name: "pareto", capacity: 7 }]);
  });

  test("niches are the task's descriptors, where it has any", async () => {
    const descriptors = [{ metric: "radius", min: 0, max: 1, bins: 4 }];
    expect((await strategyNamed("map-elites", {}, descriptors)).settings["axes"]).toEqual(descriptors);
    expect((await strategyNamed("islands", { of: "novelty" }, descriptors)).settings["of"]).toMatchObject({
      axes: descriptors,
    });
  });

  test.each([
    ["magic", {}, /no strategy "magic"; there are tournament, .*\.\/mine\.mjs/],
    ["tornament", {}, /no strategy "tornament"; did you mean "tournament"\?; there are/],
    [
      "islands",
      { islandCount: 3 },
      /strategy islands has no setting "islandCount"\. It has, .*of=tournament, count=4, .*most=2 \* count/,
    ],
    ["islands", { of: "magic" }, /no strategy "magic"/],
    ["tournament", { size: "3" }, /tournament: size is "3"; it must be a whole number of 1 or more/],
    [
      "map-elites",
      { axes: [{ metric: "a" }] },
      /map-elites: axes is \[\{"metric":"a"\}\]; it must be a list/,
    ],
  ])("%s with %j is refused", async (name, settings, message) => {
    await expect(strategyNamed(name, settings)).rejects.toThrow(message);
  });

  test("--set reads JSON where it is JSON", () => {
    expect(parametersFrom(["of=puct", "count=3"], "--set")).toEqual({ of: "puct", count: 3 });
    expect(() => parametersFrom(["count"], "--set")).toThrow("--set count: write it as name=value");
  });
});

describe("from a file: the guide's example", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nbevolve-example-"));
  const path = join(folder, "mine.mjs");
  await writeFile(path, example);
  const strategy = await strategyNamed(path, { luck: 0.5 });
  afterAll(() => rm(folder, { recursive: true }));
  describeStrategy(() => strategy);

  test("is short, takes settings, and runs", async () => {
    expect(example.trim().split("\n").length).toBeLessThan(40);
    expect(strategy.settings).toEqual({ luck: 0.5, memory: 5 });
    const run = await tinyRun(memoryJournal(), { strategy, proposals: 8 });
    expect(run.told).toBe(8);
    expect(run.best.score.fitness).toBeGreaterThan(1);
  });
});

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  [
    "throws",
    "ask() {\n    throw new Error('no idea');\n  },",
    /strategy "wrong" threw in ask\(\): no idea \(.*throws\.mjs:6:\d+\)/,
  ],
  ["nan", "ask: () => NaN,", /strategy "wrong" asked for NaN, which is no move \(nan\.mjs:5\)/],
  [
    "nan-island",
    "ask: () => ({ operator: 'improve', parents: ['b0'], island: NaN }),",
    /asked for the island NaN \(nan-island\.mjs:5\)/,
  ],
  [
    "unknown-parent",
    "ask: () => ({ operator: 'improve', parents: ['b99'], island: 0 }),",
    /asked for an unknown parent "b99" \(unknown-parent\.mjs:5\)/,
  ],
  ["async", "async ask() {\n    return null;\n  },", /answered ask\(\) with a promise: .* \(async\.mjs:5\)/],
  ["nothing", "ask() {},", /asked for undefined, which is no move \(nothing\.mjs:5\)/],
];

test.each(WRONG)("one that is wrong (%s) is named with its line", async (name, ask, message) => {
  const text = `export default {\n  name: "wrong",\n  settings: {},\n  start: (founder) => founder,\n  ${ask}\n  tell: (population) => population,\n};\n`;
  const strategy = await strategyNamed(await file(`${name}.mjs`, text));
  await expect(tinyRun(memoryJournal(), { strategy })).rejects.toThrow(message);
});

test("an asynchronous tell is found where it is told", async () => {
  const text = `export default {\n  name: "late",\n  settings: {},\n  start: (founder) => founder,\n  ask: ({ id }) => ({ operator: "improve", parents: [id], island: 0 }),\n  async tell(population) {\n    return population;\n  },\n};\n`;
  const strategy = await strategyNamed(await file("late.mjs", text));
  await expect(tinyRun(memoryJournal(), { strategy })).rejects.toThrow(
    /strategy "late" answered tell\(\) with a promise: .* \(late\.mjs:6\)/,
  );
});

test.each([
  ["none.mjs", "export const x = 1;", /exports no strategy\. Export it as default, or as `strategy`/],
  [
    "half.mjs",
    "export default { name: 'h', start() {} };",
    /`settings` must be an object.*`ask` must be a function; `tell`/,
  ],
  [
    "factory.mjs",
    "export default () => {\n  throw new Error('bad luck');\n};",
    /cannot be made: bad luck \(.*factory\.mjs:2:\d+\)/,
  ],
])("a file that is no strategy is refused: %s", async (name, text, message) => {
  await expect(strategyNamed(await file(name, text))).rejects.toThrow(message);
});

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const stripsTypes = major > 22 || (major === 22 && minor >= 18);
const UNLOADABLE: readonly (readonly [string, string, RegExp])[] = [
  [
    "broken.mjs",
    "\n\nexport default {",
    /broken\.mjs cannot be loaded: Unexpected .*\(\/.*broken\.mjs:\d+\)/,
  ],
  [
    "broken.cjs",
    "const a = 1;\nconst b = ;",
    /broken\.cjs cannot be loaded: Unexpected token ';' \(\/.*broken\.cjs:2\)/,
  ],
  ["empty.cjs", "const a = 1;", /exports no strategy\. Export it as default, or as `strategy`/],
  [
    "alone.mjs",
    'import { share } from "nbevolve/strategies";',
    /alone\.mjs cannot be loaded: it imports nbevolve, which is not installed where the file lies: npm install nbevolve in \/.*, or move the file into a project that has it/,
  ],
  ...(stripsTypes
    ? []
    : ([["mine.ts", "export default {};", /mine\.ts is TypeScript, which Node .* does not run/]] as const)),
];

test.each(UNLOADABLE)("Node itself says why a file does not load: %s", async (name, text, message) => {
  const path = await file(name, text);
  const task = fileURLToPath(new URL("../../docs/examples/points.ipynb", import.meta.url));
  const { code, stderr } = await runCli(["run", task, "--strategy", path, "--dir", join(dir, `run-${name}`)]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});

const METHODS = "start: (founder) => founder, ask: () => null, tell: (population) => population";
test.each([
  [
    "misspelt",
    `export default ({ luck = 1 } = {}) => ({ name: "m", settings: { luck }, ${METHODS} });`,
    { lukc: 0.5 },
    /misspelt\.mjs has no setting "lukc"; did you mean "luck"\?/,
  ],
  [
    "unknown",
    `export default ({ luck = 1 } = {}) => ({ name: "m", settings: { luck, memory: 5 }, ${METHODS} });`,
    { speed: 0.5 },
    /unknown\.mjs has no setting "speed"\. It has luck, memory/,
  ],
  [
    "without",
    `export default () => ({ name: "m", settings: {}, ${METHODS} });`,
    { luck: 0.5 },
    /without\.mjs has no setting "luck"\. It has none; list those that it takes in its `settings`/,
  ],
  [
    "fixed",
    `export default { name: "m", settings: { luck: 1 }, ${METHODS} };`,
    { luck: 0.5 },
    /fixed\.mjs has luck fixed at 1: it is an object\. Export a function that makes it from its settings/,
  ],
])(
  "a setting that a strategy of a file would not heed is refused: %s",
  async (name, text, settings, message) => {
    await expect(strategyNamed(await file(`${name}.mjs`, text), settings)).rejects.toThrow(message);
  },
);

const DECLARED = `Object.assign(() => null, {
  declaration: { name: "m" },
  fromSettings: (settings) => ({ name: "m", settings, ${METHODS} }),
})`;
test.each([
  ["the only declared one", "only.mjs", `export const helper = 1;\nexport const mine = ${DECLARED};`],
  [
    "the kind's name",
    "named.mjs",
    `export default { helper: 1 };\nexport const strategy = { name: "m", settings: {}, ${METHODS} };`,
  ],
  ["CommonJS, as the module", "whole.cjs", `module.exports = { name: "m", settings: {}, ${METHODS} };`],
  [
    "CommonJS, by name",
    "by-name.cjs",
    `const all = {};\nall["strategy"] = { name: "m", settings: {}, ${METHODS} };\nmodule.exports = all;`,
  ],
  [
    "CommonJS, made from a module",
    "made.cjs",
    `exports.__esModule = true;\nexports.default = { name: "m", settings: {}, ${METHODS} };`,
  ],
])("a strategy is found in a file by %s", async (_, name, text) => {
  expect(await strategyNamed(await file(name, text))).toMatchObject({ name: "m" });
});

test("of several declared strategies one must be the default", async () => {
  const text = `export const one = ${DECLARED};\nexport const two = ${DECLARED};`;
  await expect(strategyNamed(await file("several.mjs", text))).rejects.toThrow(
    /several\.mjs exports 2 of them\. Export the one that is meant as default\./,
  );
});

test("a file that is not there is named", async () => {
  await expect(strategyNamed("./not-there.js")).rejects.toThrow(
    /the strategy \.\/not-there\.js cannot be read/,
  );
});
