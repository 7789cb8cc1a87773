import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ROOMS, roomOf, violations } from "./rules.ts";
import { codeOnly, importsOf, withoutComments } from "./source-text.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** Paths from the top of the checkout, with forward slashes. */
function filesIn(folders: readonly string[], ending: RegExp): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => ending.test(name))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
  );
}

const sources = filesIn(["src", "strategies", "renderers", "benchmarks"], /\.tsx?$/);
const tests = filesIn(["test"], /\.ts$/).filter((file) => !file.startsWith("test/architecture/"));

/** Each place in the file's code that matches, in words. */
function found(file: string, pattern: RegExp): string[] {
  return [...codeOnly(read(file)).matchAll(pattern)].map(([text]) => `${file} has "${text}"`);
}

describe("this checkout", () => {
  test("imports only in the directions that the rooms allow", () => {
    expect(sources.flatMap((file) => violations(file, read(file)))).toEqual([]);
  });

  test("has sources in every room that has a rule", () => {
    const rooms = new Set(sources.map(roomOf));
    expect(Object.keys(ROOMS).filter((room) => !rooms.has(room))).toEqual([]);
  });

  test("lists every package that the published code imports", () => {
    const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(read("package.json"));
    const listed = ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {}),
    );
    // What the page imports is bundled into it.
    const missing = sources
      .filter((file) => roomOf(file) !== "dashboard")
      .flatMap((file) =>
        importsOf(read(file))
          .map(({ from }) => /^(?:@[^/]+\/)?[^/.][^/]*/.exec(from)?.[0])
          .filter((name) => name !== undefined && !name.startsWith("node:") && !listed.includes(name))
          .map((name) => `${file} imports ${name}, which package.json does not list for users`),
      );
    expect(missing).toEqual([]);
  });

  test("mocks no module and has no `any`", () => {
    expect(
      [...sources, ...tests].flatMap((file) =>
        found(file, /\bvi\.(?:do)?[mM]ock\(|: any\b|<any>|\bas any\b/g),
      ),
    ).toEqual([]);
  });

  test("explains every cast through `unknown` in the line before it", () => {
    const unexplained = [...sources, ...tests].flatMap((file) => {
      const lines = read(file).split("\n");
      return lines.flatMap((line, at) =>
        codeOnly(line).includes("as unknown as") && !/^\s*(?:\/\/|\*)/.test(lines[at - 1] ?? "")
          ? [`${file}:${at + 1} casts through unknown, and no comment says why that holds`]
          : [],
      );
    });
    expect(unexplained).toEqual([]);
  });

  test("leaves out no test", () => {
    expect(
      tests.flatMap((file) => found(file, /\b(?:test|it|describe)\.(?:only|skip|todo|fails)\(/g)),
    ).toEqual([]);
  });

  test("says of each long test why it is long, in its opening comment", () => {
    const long = tests.filter((file) => file.endsWith(".long.test.ts"));
    expect(long.length).toBeGreaterThan(0);
    expect(long.filter((file) => !/^(?:\/\/ .*\n)*\/\/ Long: \S/.test(read(file)))).toEqual([]);
  });

  test("has no file under test or docs that git ignores: a fresh clone would lack it", () => {
    const args = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "test", "docs"];
    const ignored = execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\0");
    expect(ignored.filter((file) => file !== "" && !/__pycache__|\.pyc$/.test(file))).toEqual([]);
  });

  test("names no folder of one machine and no package registry", () => {
    const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
    const text = tracked.filter((file) =>
      /\.(?:ts|mjs|js|json|md|py|txt|yml|yaml|cfg|toml|ipynb)$|^\.ci\//.test(file),
    );
    const here = `${dirname(join(root, "x"))}/`;
    // Put together here, so that this file does not find itself.
    const hosts = ["npmjs", "pypi", "pythonhosted"].map((name) => `${name}\\.org`).join("|");
    const pattern = new RegExp(`${["/root", "/home/\\w+", "/Users/\\w+"].join("/|")}/|${hosts}`);
    const wrong = text.filter((file) => pattern.test(read(file)) || read(file).includes(here));
    expect(wrong).toEqual([]);
  });
});

describe("reading imports from text", () => {
  test.each([
    ['import a from "x";', [{ from: "x", typeOnly: false }]],
    ['import * as a from "x";', [{ from: "x", typeOnly: false }]],
    ['import {\n  a,\n  type B,\n} from "./a.ts";', [{ from: "./a.ts", typeOnly: false }]],
    ['import type { A } from "x";', [{ from: "x", typeOnly: true }]],
    ['import { type A, type B } from "x";', [{ from: "x", typeOnly: true }]],
    ['export * from "x";', [{ from: "x", typeOnly: false }]],
    ['export type * from "x";', [{ from: "x", typeOnly: true }]],
    ['export { a, type B } from "x";', [{ from: "x", typeOnly: false }]],
    ['import "x";', [{ from: "x", typeOnly: false }]],
    ['const a = await import("x");', [{ from: "x", typeOnly: false }]],
    [
      'import a from "x"; // and\nimport b from "y";',
      [
        { from: "x", typeOnly: false },
        { from: "y", typeOnly: false },
      ],
    ],
  ])("finds them in %j", (text, expected) => {
    expect(importsOf(text)).toEqual(expected);
  });

  test.each([
    '// import a from "x";',
    '/** `import a from "x"` */',
    '/*\nimport a from "x";\n*/',
    'export const a = "from";\nconst b = "x";',
    "export const a = 1; // from\n",
  ])("finds none in %j", (text) => {
    expect(importsOf(text)).toEqual([]);
  });

  test("tells code from comments, strings, templates and regular expressions", () => {
    const text = "a(/[\"'`/]/, `${b(\"}\")} // no`, 'x//y'); // c\nd / e / f; /* g */ h;";
    expect(codeOnly(text).replaceAll(/\s+/g, " ")).toBe('a("", "", ""); d / e / f; h;');
    expect(withoutComments('a("//x"); // y')).toBe('a("//x");  ');
  });
});

describe("the rules", () => {
  test.each([
    ["src/contracts/a.ts", 'import type { B } from "../core/b.ts";', /contracts may import only nothing/],
    ["src/contracts/a.ts", 'import { b } from "zod";', /contracts may import only these packages: nothing/],
    [
      "src/core/a.ts",
      'import { b } from "../store/b.ts";',
      /core\/a\.ts imports "\.\.\/store\/b\.ts": core may import only contracts/,
    ],
    ["src/core/a.ts", 'import { b } from "node:fs";', /core may import only these packages/],
    ["src/core/a.ts", 'import { b } from "tiktoken";', /core may import only these packages/],
    ["src/core/a.ts", "const now = Date.now();", /core has no clock/],
    ["src/core/a.ts", "const chance = Math.random();", /core has no clock/],
    ["src/core/a.ts", "export async function f() {}", /core has no clock/],
    ["src/loop/a.ts", 'import type { B } from "../../strategies/b.ts";', /loop may import only/],
    ["src/loop/a.ts", 'import { b } from "../models/b.ts";', /loop may import only/],
    ["src/loop/a.ts", 'import { b } from "../kernels/b.ts";', /loop may import only/],
    ["src/loop/a.ts", 'import { b } from "../store/b.ts";', /loop may import only/],
    [
      "strategies/a.ts",
      'import { b } from "../renderers/b.ts";',
      /strategies may import only contracts, core/,
    ],
    ["renderers/a.ts", 'import { b } from "node:os";', /renderers may import only these packages: nothing/],
    ["src/kernels/a.ts", 'import { b } from "../store/b.ts";', /kernels may import only/],
    ["src/testing/a.ts", 'import { b } from "../cli/b.ts";', /testing may not import cli/],
    ["src/run/a.ts", 'import { b } from "../testing/b.ts";', /run may not import testing/],
    ["src/core/a.ts", 'import { b } from "./b.js";', /ending in \.ts/],
    ["src/attic/a.ts", "", /has no rule/],
  ])("refuse %s with %j", (file, text, problem) => {
    expect(violations(file, text)).toEqual([expect.stringMatching(problem)]);
  });

  test.each([
    ["src/contracts/a.ts", 'import type { B } from "@jupyterlab/nbformat";'],
    ["src/core/a.ts", 'import type { B } from "../contracts/b.ts";\nimport seedrandom from "seedrandom";'],
    ["src/core/a.ts", '// Date.now()\nconst text = "await";\nexport const update = text;'],
    ["src/run/a.ts", 'import { b } from "../../strategies/b.ts";\nimport { c } from "node:fs";'],
    ["strategies/a.ts", 'import { b } from "../src/core/b.ts";\nimport { c } from "./c.ts";'],
  ])("accept %s with %j", (file, text) => {
    expect(violations(file, text)).toEqual([]);
  });
});
