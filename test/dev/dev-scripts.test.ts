import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { processesWith, until } from "../support/processes.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "nbevolve-dev-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** Runs a line of JavaScript with one of our scripts as `script`; what it said and its exit code. */
async function withScript(name: string, line: string): Promise<{ said: string; out: string; code: number }> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", programOf(name, line)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let out = "";
  child.stderr.on("data", (chunk) => (said += String(chunk)));
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  const [code] = await once(child, "close");
  return { said, out, code: Number(code) };
}

const programOf = (name: string, line: string): string =>
  `const script = await import(${JSON.stringify(join(root, "src/dev", name))});\n${line}`;

describe("the dependencies", () => {
  /** Writes packages, a package.json that depends on them, and its lock. */
  async function depend(path: string, names: readonly string[]): Promise<void> {
    for (const name of names) {
      await mkdir(join(path, name), { recursive: true });
      await writeFile(join(path, name, "package.json"), JSON.stringify({ name, version: "1.0.0" }));
    }
    const dependencies = Object.fromEntries(names.map((name) => [name, `file:${name}`]));
    await writeFile(join(path, "package.json"), JSON.stringify({ name: "checkout", dependencies }));
    await run("npm", ["install", "--package-lock-only", "--offline"], { cwd: path });
  }
  /** A checkout with one dependency that needs no network. */
  async function checkout(): Promise<string> {
    const path = await folder();
    await depend(path, ["dep"]);
    return path;
  }
  const ensure = (path: string) =>
    withScript(
      "ensure.mjs",
      `await script.runScript(() => script.ensureDependencies(${JSON.stringify(path)}))`,
    );

  test("are installed once, in one line, and again when the installation was interrupted or the lock changed", async () => {
    const path = await checkout();
    const installing = {
      said: expect.stringMatching(/^Installing the dependencies \(npm ci\) \.\.\. \d+\.\d s\n$/),
    };
    expect(await ensure(path)).toMatchObject({ ...installing, code: 0 });
    expect(existsSync(join(path, "node_modules/dep"))).toBe(true);
    expect(await ensure(path)).toEqual({ said: "", out: "", code: 0 });

    await rm(join(path, "node_modules/.package-lock.json")); // npm writes it last
    expect(await ensure(path)).toMatchObject(installing);

    await depend(path, ["dep", "more"]);
    expect(await ensure(path)).toMatchObject(installing);
    expect(await ensure(path)).toMatchObject({ said: "" });
  });

  test("that cannot be installed end it with npm's own words", async () => {
    const path = await checkout();
    await writeFile(
      join(path, "package.json"),
      '{ "name": "checkout", "dependencies": { "other": "file:other" } }',
    );
    const { said, code } = await ensure(path);
    expect(said).toMatch(/^Installing the dependencies \(npm ci\) \.\.\. failed, .*\n[^]*npm error/);
    expect(code).toBe(1);
  });
});

describe("the build", () => {
  async function checkout(): Promise<string> {
    const path = await folder();
    await mkdir(join(path, "src"));
    await symlink(join(root, "node_modules"), join(path, "node_modules"));
    const options = {
      target: "es2022",
      module: "nodenext",
      rootDir: ".",
      outDir: "dist",
      strict: true,
      types: [],
    };
    await writeFile(join(path, "tsconfig.json"), JSON.stringify({ compilerOptions: options }));
    await writeFile(
      join(path, "tsconfig.build.json"),
      '{ "extends": "./tsconfig.json", "include": ["src"] }',
    );
    await writeFile(join(path, "package.json"), '{ "type": "module" }');
    await writeFile(join(path, "src/one.ts"), "export const one: number = 1;\n");
    await writeFile(join(path, "src/two.ts"), "export const two: number = 2;\n");
    return path;
  }
  const ensure = (path: string) =>
    withScript("ensure.mjs", `await script.runScript(() => script.ensureBuilt(${JSON.stringify(path)}))`);
  const built = async (path: string) =>
    (await readdir(join(path, "dist"), { recursive: true }))
      .filter((name) => name.endsWith(".js"))
      .toSorted();

  test("is made once, and again exactly when a source changed", async () => {
    const path = await checkout();
    const building = { said: expect.stringMatching(/^Building dist \(tsc\) \.\.\. \d+\.\d s\n$/), code: 0 };
    expect(await ensure(path)).toMatchObject(building);
    expect(await built(path)).toEqual(["src/one.js", "src/two.js"]);
    expect(await ensure(path)).toEqual({ said: "", out: "", code: 0 });

    await writeFile(join(path, "src/one.ts"), "export const one: number = 11;\n");
    expect(await ensure(path)).toMatchObject(building);
    expect(await readFile(join(path, "dist/src/one.js"), "utf8")).toContain("11");

    await rm(join(path, "src/two.ts"));
    expect(await ensure(path)).toMatchObject(building);
    expect(await built(path)).toEqual(["src/one.js"]);
  });

  test("that fails shows why and leaves the one before as it was", async () => {
    const path = await checkout();
    await ensure(path);
    await writeFile(join(path, "src/one.ts"), 'export const one: number = "wrong";\n');
    const { said, code } = await ensure(path);
    expect(said).toMatch(/failed, .*\n.*src\/one\.ts.*not assignable/);
    expect(code).toBe(1);
    expect(await readFile(join(path, "dist/src/one.js"), "utf8")).toContain("1");
    expect((await readdir(path)).filter((name) => name.startsWith("dist."))).toEqual([]);
  });

  test("removes what a killed one left, and not what a running one is making", async () => {
    const path = await checkout();
    const gone = spawn("true");
    await once(gone, "close");
    await mkdir(join(path, `dist.new-${gone.pid}`));
    await mkdir(join(path, `dist.new-${process.pid}`));
    await ensure(path);
    expect((await readdir(path)).filter((name) => name.startsWith("dist."))).toEqual([
      `dist.new-${process.pid}`,
    ]);
  });
});

describe("a signal", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s reaches the running command, and the script waits for it",
    async (signal) => {
      const mark = join(await folder(), "mark");
      const line = `await script.runChild("sh", ["-c", "trap 'exit 0' ${signal.slice(3)}; : > ${mark}; while :; do sleep 0.05; done"], {})`;
      const program = programOf(
        "child.mjs",
        line.replace(/^/, "try { ") + " } catch (problem) { process.exitCode = problem.exitCode }",
      );
      const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "ignore" });
      await until(() => existsSync(mark));
      child.kill(signal);
      const [code] = await once(child, "close");
      expect(code).toBe(signal === "SIGINT" ? 130 : 143);
      expect(processesWith(mark)).toEqual([]);
    },
  );
});

describe("the count of npm test", () => {
  /** What a line of script makes of what vitest wrote. */
  const told = async (report: object | null, errors: object[], code: number, made: string) => {
    const place = await folder();
    const paths = { report: join(place, "report.json"), unhandled: join(place, "unhandled.json") };
    if (report) await writeFile(paths.report, JSON.stringify(report));
    if (report) await writeFile(paths.unhandled, JSON.stringify(errors));
    const count = `const count = script.countReport(${JSON.stringify({ ...paths, code })});`;
    return (await withScript("tally.mjs", `${count} console.log(${made})`)).out;
  };
  const counted = (report: object | null, code: number, errors: object[] = []) =>
    told(report, errors, code, "script.lastLine([{ passed: 1, failed: 0, skipped: 0 }, count])");
  const report = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };

  test("adds tests and gates", async () => {
    expect(await counted(report, 0)).toBe("6 passed, 0 failed\n");
    expect(await counted({ ...report, numFailedTests: 2 }, 1)).toBe("6 passed, 2 failed\n");
    expect(await counted({ ...report, numPendingTests: 1, numTodoTests: 2 }, 0)).toBe(
      "6 passed, 0 failed, 3 skipped\n",
    );
  });

  test("names what failed, and why, on a line each", async () => {
    const failureMessages = [
      "Error: first\n  told\n    at f (file:///a/test/dev/x.test.ts:3:1)",
      "Error: later",
    ];
    const assertionResults = [
      { status: "passed", fullName: "good", failureMessages: [] },
      { status: "failed", fullName: "a b", failureMessages },
    ];
    const testResults = [
      { status: "failed", name: join(process.cwd(), "test/dev/x.test.ts"), message: "", assertionResults },
      {
        status: "failed",
        name: join(process.cwd(), "test/y.test.ts"),
        message: "cannot load",
        assertionResults: [],
      },
    ];
    const errors = [
      { said: "Error: broken pipe\n    at f (file:///a/test/dev/z.test.ts:4:1)", near: "z > t" },
    ];
    const lines = await told({ ...report, testResults }, errors, 1, 'count.failures.join("\\n")');
    expect(lines.split("\n")).toEqual([
      "test/dev/x.test.ts > a b: Error: first told (test/dev/x.test.ts:3:1) | and: Error: later",
      "test/y.test.ts: cannot load",
      "outside of any test (near z > t): Error: broken pipe (test/dev/z.test.ts:4:1)",
      "",
    ]);
    expect(await told(null, [], 1, "count.failures[0]")).toBe("vitest ended with 1, and no report\n");
  });

  test("names tests in which the event loop was held, the longest first", async () => {
    const passed = { status: "passed", failureMessages: [] };
    const assertionResults = [
      { ...passed, fullName: "quick", meta: {} },
      { ...passed, fullName: "slow", meta: { heldMs: 210 } },
      { ...passed, fullName: "slower", meta: { heldMs: 900 } },
    ];
    const testResults = [{ status: "passed", name: join(process.cwd(), "test/x.test.ts"), assertionResults }];
    expect(await told({ ...report, testResults }, [], 0, 'count.held.join("\\n")')).toBe(
      "test/x.test.ts > slower: 900 ms in one turn of its event loop\n" +
        "test/x.test.ts > slow: 210 ms in one turn of its event loop\n",
    );
  });

  test("never counts less than one failure when vitest failed", async () => {
    expect(await counted(report, 1)).toBe("6 passed, 1 failed\n");
    expect(await counted(report, 1, [{ said: "Error: x", near: "" }])).toBe("6 passed, 1 failed\n");
    expect(await counted(null, 1)).toBe("1 passed, 1 failed\n");
  });
});

test("npx nbevolve before the build says what to do, and works after it", async () => {
  const path = await folder();
  await mkdir(join(path, "src/cli"), { recursive: true });
  const { name, version, bin } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  await writeFile(join(path, "package.json"), JSON.stringify({ name, version, bin, type: "module" }));
  await copyFile(join(root, bin.nbevolve), join(path, bin.nbevolve));
  const env = { ...process.env, npm_config_cache: join(path, "npm-cache") };
  const npx = () =>
    promisify(execFile)("npx", ["--no-install", "nbevolve"], { cwd: path, env }).catch((error) => error);

  expect(await npx()).toMatchObject({ code: 3, stderr: expect.stringContaining("npm run build") });
  await mkdir(join(path, "dist/src/cli"), { recursive: true });
  await writeFile(join(path, "dist/src/cli/main.js"), 'console.log("built");');
  expect(await npx()).toMatchObject({ stdout: "built\n" });
});
