import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as habits from "./habits.ts";
import { flagsWithoutCode } from "./option-habits.ts";

type Rule = (sources: habits.Sources) => string[];

const sources = (files: Readonly<Record<string, string>>): habits.Sources => new Map(Object.entries(files));

const manyFiles = (folder: string, count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${folder}/f${at}.ts`, ""]));

/** Every TypeScript file that is no test. */
function checkout(): habits.Sources {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const files = ["src", "strategies", "renderers", "benchmarks"].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
  );
  return new Map(files.map((file) => [file, readFileSync(`${root}${file}`, "utf8")]));
}

describe("this checkout", () => {
  const code = checkout();

  test.each<[string, Rule]>([
    ["no folder is crowded", habits.crowdedFolders],
    ["no file is too long", habits.longFiles],
    ["a type name is declared once", habits.typesDeclaredTwice],
    ["no function is named by a bare participle", habits.bareParticiples],
    ["no comment begins with Of", habits.docsBeginningWithOf],
    ["defaults are sentences", habits.terseDefaults],
    ["one reader bounds the lines of processes", habits.linesPastTheReader],
    ["every file says what it owns", habits.filesWithoutOpening],
    ["one place of the command line writes", habits.writesPastTheScreen],
    ["commands to paste are quoted by one function", habits.commandsByHand],
    ["durations are on the monotonic clock", habits.durationsByTheWall],
    ["no files import each other in a circle", habits.importCircles],
    ["what cells can write is reached by descriptors", habits.pathsAmongCells],
    ["a user's text is read as what it is", habits.textsReadAsUtf8],
    ["an option is named as a person and as a program give it", flagsWithoutCode],
  ])("keeps the habit that %s", (_, rule) => {
    expect(code.size).toBeGreaterThan(100);
    expect(rule(code)).toEqual([]);
  });
});

describe("the habits", () => {
  test.each<[string, Rule, Record<string, string>, RegExp]>([
    ["a crowded folder", habits.crowdedFolders, manyFiles("src/loop", 17), /src\/loop has 17 files/],
    ["a long file", habits.longFiles, { "a.ts": "x;\n".repeat(301) }, /a\.ts has 301 lines/],
    [
      "a write past the encoder",
      habits.writesPastTheScreen,
      { "src/cli/a.ts": "process.stderr.write(text);" },
      /src\/cli\/a\.ts:1/,
    ],
    [
      "a print past the encoder",
      habits.writesPastTheScreen,
      { "src/cli/a.ts": 'import { stdin, stdout } from "node:process";' },
      /src\/cli\/a\.ts:1/,
    ],
    [
      "lines without a bound",
      habits.linesPastTheReader,
      { "src/run/a.ts": 'import { createInterface } from "node:readline";' },
      /src\/run\/a\.ts:1/,
    ],
    [
      "a flag alone",
      flagsWithoutCode,
      { "src/run/a.ts": 'say(`take ${nameOption("--env A", "env")} or --read B`);' },
      /src\/run\/a\.ts names --read/,
    ],
    [
      "a command with a path put in",
      habits.commandsByHand,
      { "src/a.ts": "say(`go on with: nbevolve resume ${dir}`);" },
      /src\/a\.ts:1/,
    ],
    [
      "a command without its directory",
      habits.commandsByHand,
      { "src/a.ts": 'say("paused; nbevolve unpause goes on");' },
      /src\/a\.ts:1/,
    ],
    [
      "a duration by the clock on the wall",
      habits.durationsByTheWall,
      { "src/loop/a.ts": "const began = Date.now();" },
      /src\/loop\/a\.ts:1/,
    ],
    [
      "a limit that cannot be late",
      habits.durationsByTheWall,
      { "src/kernels/a.ts": "fetch(url, { signal: AbortSignal.timeout(5) });" },
      /src\/kernels\/a\.ts:1/,
    ],
    [
      "a type of two files",
      habits.typesDeclaredTwice,
      { "a.ts": "export interface Step {}", "b.ts": "type Step = number;" },
      /Step is declared in a\.ts and b\.ts/,
    ],
    [
      "a class and a type of one name",
      habits.typesDeclaredTwice,
      { "a.ts": "export abstract class Step {}", "b.ts": "type Step<T> = T;" },
      /Step is declared/,
    ],
    [
      "a participle",
      habits.bareParticiples,
      { "a.ts": "export async function asked() {}" },
      /function asked/,
    ],
    [
      "one that waits",
      habits.bareParticiples,
      { "a.ts": "const adapting = (model: M): M => model;" },
      /adapting/,
    ],
    ["an irregular one", habits.bareParticiples, { "a.ts": "const kept = async <T>(a: T) => a;" }, /kept/],
    [
      "a comment with Of",
      habits.docsBeginningWithOf,
      { "a.ts": "/** Of a run. */\nconst a = 1;" },
      /a\.ts:1 has/,
    ],
    ["one over lines", habits.docsBeginningWithOf, { "a.ts": "\n/**\n * Of a run.\n */" }, /a\.ts:2 has/],
    ["a bare default", habits.terseDefaults, { "strategies/a.ts": "/** From 1; 3. */" }, /Default 5/],
    [
      "a default in brackets",
      habits.terseDefaults,
      { "src/cli/a.ts": '"so many (default: 5)"' },
      /Default 5/,
    ],
    [
      "a file that says nothing",
      habits.filesWithoutOpening,
      { "a.ts": "export {};" },
      /a\.ts does not begin/,
    ],
    [
      "a path among cells",
      habits.pathsAmongCells,
      { "src/kernels/a.ts": 'import { rm } from "node:fs/promises";' },
      /kernels\/a\.ts imports node:fs: use src\/machine\/files\/porter\.ts/,
    ],
    [
      "a user's text as UTF-8, whatever it is",
      habits.textsReadAsUtf8,
      { "src/tasks/a.ts": 'return await readFile(resolve(file), "utf8");' },
      /tasks\/a\.ts reads a file as UTF-8: use decodeText/,
    ],
    [
      "one that is loaded later",
      habits.pathsAmongCells,
      { "src/verifiers/a.ts": 'const { cpSync } = await import("fs");' },
      /verifiers\/a\.ts imports node:fs/,
    ],
    [
      "a folder of ours that is none any more",
      habits.pathsAmongCells,
      { "src/run/control.ts": "" },
      /control\.ts opens no path any more/,
    ],
    [
      "a circle of types",
      habits.importCircles,
      { "a/b.ts": 'import type { C } from "../c.ts";', "c.ts": 'export * from "./a/b.ts";' },
      /^a\/b\.ts <-> c\.ts import each other$/,
    ],
  ])("find %s", (_name, rule, files, problem) => {
    expect(rule(sources(files))).toEqual([expect.stringMatching(problem)]);
  });

  test.each<[string, Rule, Record<string, string>]>([
    ["a folder of public names", habits.crowdedFolders, manyFiles("strategies", 40)],
    ["sixteen files and a folder", habits.crowdedFolders, { ...manyFiles("src/a", 16), "src/a/b/c.ts": "" }],
    [
      "a command's name beside a path",
      habits.commandsByHand,
      { "src/a.ts": "say(`${dir}: run nbevolve doctor; ${ownCommand('resume', dir)}`);" },
    ],
    ["a date that is written down", habits.durationsByTheWall, { "src/store/lock.ts": "new Date()" }],
    ["300 lines", habits.longFiles, { "a.ts": "x;\n".repeat(300) }],
    [
      "overloads, uses and words in comments",
      habits.typesDeclaredTwice,
      {
        "a.ts": "interface Step {}\ninterface Step { a: 1 }",
        "b.ts": "// type Step\nlet a: Step;\nfunction f() {\n  type Step = 1;\n}",
      },
    ],
    [
      "verbs and their objects",
      habits.bareParticiples,
      {
        "a.ts":
          'const keptCells = () => 1;\nfunction feed() {}\nconst told = 1;\nconst s = "function asked()";',
      },
    ],
    ["Often", habits.docsBeginningWithOf, { "a.ts": "/** Often called. Of use. */ // Of" }],
    [
      "a path elsewhere, and the porter",
      habits.pathsAmongCells,
      {
        "src/store/a.ts": 'import { rm } from "node:fs/promises";',
        "src/kernels/a.ts": 'import { Porter } from "../machine/files/porter.ts";',
      },
    ],
    [
      "a user's text, decoded",
      habits.textsReadAsUtf8,
      { "src/tasks/a.ts": "decodeText(await readFile(file))", "benchmarks/a.ts": 'readFile(own, "utf8")' },
    ],
    [
      "an option in both ways",
      flagsWithoutCode,
      {
        "src/run/a.ts":
          "say(nameOption(`--env ${name}`, list(a)), nameOption('--a', 'x: \"y\"')); // --b\ncount--of;",
        "src/cli/a.ts": 'say("--env");',
      },
    ],
    ["a sentence", habits.terseDefaults, { "strategies/a.ts": "/** From 1. Default 3. */\nf(a, 5);" }],
    [
      "an opening",
      habits.filesWithoutOpening,
      {
        "a.ts": "// Owns: a. Never b.\n",
        "b/index.ts": "/** What b exports. */",
        "main.ts": "#!/usr/bin/env node\n// Owns: a.",
      },
    ],
    [
      "a diamond",
      habits.importCircles,
      {
        "a.ts": 'import "./b.ts"; import "./c.ts";',
        "b.ts": 'import "./d.ts";',
        "c.ts": 'import "./d.ts";',
        "d.ts": "",
      },
    ],
  ])("accept %s", (_name, rule, files) => {
    expect(rule(sources(files))).toEqual([]);
  });

  test("tell two circles apart, and see one within a longer way", () => {
    const graph = new Map([
      ["a", ["b"]],
      ["b", ["c", "a"]],
      ["c", ["d"]],
      ["d", ["e"]],
      ["e", ["d", "f"]],
      ["f", ["f"]],
    ]);
    expect(habits.circlesIn(graph).map((circle) => circle.toSorted())).toEqual([
      ["f"],
      ["d", "e"],
      ["a", "b"],
    ]);
  });
});
