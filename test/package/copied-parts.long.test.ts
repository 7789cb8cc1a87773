// A shipped strategy or renderer, copied into a project and with only its import paths changed, is the same one.
// Long: the packed package is installed into a project, and every strategy and renderer is copied there.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as renderers from "../../renderers/index.ts";
import type { Renderer, Strategy } from "../../src/contracts/index.ts";
import { randomAt } from "../../src/core/random.ts";
import { sampleNotebook, sampleInput } from "../../src/testing/conformance/renderer.ts";
import { simulate } from "../../src/testing/conformance/strategy.ts";
import * as strategies from "../../strategies/index.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const execute = promisify(execFile);

const NOT_EXHIBITS = ["index.ts", "shipped.ts"];
const shipped = async (room: string): Promise<readonly string[]> =>
  (await readdir(join(root, room))).filter((name) => name.endsWith(".ts") && !NOT_EXHIBITS.includes(name));
const strategyFiles = await shipped("strategies");
const rendererFiles = await shipped("renderers");

let dir = "";
beforeAll(async () => {
  await execute(process.execPath, [join(root, "src/dev/ensure.mjs")], { cwd: root });
  dir = await mkdtemp(join(tmpdir(), "nbevolve-copied-"));
  await mkdir(join(dir, "node_modules"));
  await symlink(root, join(dir, "node_modules/nbevolve"), "dir");
  await symlink(join(root, "node_modules/immutable"), join(dir, "node_modules/immutable"), "dir");
  await writeFile(join(dir, "package.json"), '{ "private": true, "type": "module" }\n');
  for (const name of strategyFiles) await copy("strategies", name);
  for (const name of rendererFiles) await copy("renderers", name);
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    rootDir: ".",
    outDir: "built",
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  const include = ["strategies", "renderers"];
  await writeFile(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
  await execute(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", dir]);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Types come from `nbevolve`, everything else from the room's own entry. */
async function copy(room: string, name: string): Promise<void> {
  const source = await readFile(join(root, room, name), "utf8");
  const text = source
    .replace(/from "\.[^"]*\/contracts\/index\.ts"/g, 'from "nbevolve"')
    .replace(/from "\.[^"]*"/g, `from "nbevolve/${room}"`);
  await mkdir(join(dir, room), { recursive: true });
  await writeFile(join(dir, room, name), text);
}

/** What the copied module exports under names that `entry` has too, with the entry's own beside it. */
async function exportsOf(
  room: string,
  name: string,
  entry: object,
): Promise<readonly (readonly [unknown, unknown])[]> {
  const path = join(dir, "built", room, name.replace(/ts$/, "js"));
  const copied: object = await import(pathToFileURL(path).href);
  const own = new Map<string, unknown>(Object.entries(entry));
  return Object.entries(copied).flatMap(([key, value]) =>
    own.has(key) ? [[value, own.get(key)] as const] : [],
  );
}

function isDeclared(value: unknown): value is strategies.DeclaredStrategy {
  return typeof value === "function" && "declaration" in value;
}

describe.each(strategyFiles)("a copy of strategies/%s", (name) => {
  const fates = Array.from({ length: 300 }, (_, at) => {
    const random = randomAt("fates", at);
    return random.next() < 0.2 ? null : random.int(50);
  });
  const played = (strategy: Strategy): unknown => [
    strategy.name,
    strategy.settings,
    simulate(strategy, fates, 3, 1, true),
  ];

  test("asks and keeps what the shipped one does", async () => {
    const pairs = await exportsOf("strategies", name, strategies);
    const factories = pairs.filter(([copied]) => isDeclared(copied));
    expect(factories).toHaveLength(1);
    for (const [copied, own] of factories) {
      if (!isDeclared(copied) || !isDeclared(own)) throw new Error("no strategy");
      const context = strategies.strategyContext([]);
      const shown = (strategy: Strategy): string => JSON.stringify(played(strategy));
      expect(shown(copied.fromSettings({}, context))).toBe(shown(own.fromSettings({}, context)));
    }
  });
});

function isRenderer(value: unknown): value is Renderer {
  return typeof value === "object" && value !== null && "append" in value && "prompt" in value;
}

describe.each(rendererFiles)("a copy of renderers/%s", (name) => {
  const cells = Array.from({ length: 20 }, (_, at) => ({
    source: `value_${at} = ${at}\nprint(value_${at})`,
    output: `${"line\n".repeat(at)}${at}\n`,
  }));
  const prompts = (renderer: Renderer): unknown =>
    [3, 8, 20].map((count) => {
      const input = sampleInput(sampleNotebook(cells.slice(0, count)), { budgetTokens: 800 });
      const log = renderer.append(renderer.open(input), { type: "round-started", header: "go" }, input);
      return renderer.prompt(renderer.append(log, { type: "round-ended" }, input), input);
    });

  test("writes the prompts that the shipped one does", async () => {
    const pairs = await exportsOf("renderers", name, renderers);
    expect(pairs).toHaveLength(1);
    for (const pair of pairs) {
      const made: readonly unknown[] = pair.map((factory) =>
        typeof factory === "function" ? factory() : null,
      );
      const [copied, own] = made.filter(isRenderer);
      if (copied === undefined || own === undefined) throw new Error("no renderer");
      expect(prompts(copied)).toEqual(prompts(own));
    }
  });
});
