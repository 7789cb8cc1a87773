// Owns: starting and killing processes that run writer.ts. Never leaves one behind.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
let built = "";

/** Builds writer.ts before the tests of a file, and removes it after them. */
export function withWriters(): void {
  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), "nbevolve-writer-"));
    await symlink(join(root, "node_modules"), join(built, "node_modules"));
    await writeFile(join(built, "package.json"), '{"name":"nbevolve","type":"module"}');
    const compilerOptions = { rootDir: root, outDir: built, noCheck: true };
    const config = {
      extends: join(root, "tsconfig.json"),
      compilerOptions,
      files: [fileURLToPath(new URL("writer.ts", import.meta.url))],
      include: [],
    };
    await writeFile(join(built, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    await promisify(execFile)(process.execPath, [tsc, "-p", built]);
  });
  afterAll(() => rm(built, { recursive: true, force: true }));
}

export interface Writer {
  readonly process: ChildProcess;
  /** Positions of the events acknowledged so far. */
  readonly acknowledged: readonly number[];
  /** Resolves once it has opened the run. */
  readonly opened: Promise<void>;
  /** Resolves once so many more events are acknowledged. */
  more(count: number): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** `write`: appends the planned run for ever. `hold`: only holds the run open. */
export function startWriter(dir: string, task: "write" | "hold"): Writer {
  const child = spawn(process.execPath, [join(built, "test/store/writer.js"), dir, task], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = once(child, "exit");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await gone;
  };
  onTestFinished(kill);

  const acknowledged: number[] = [];
  const lines = createInterface({ input: child.stdout });
  const opened = once(lines, "line").then(() => undefined);
  lines.on("line", (line) => line !== "open" && acknowledged.push(Number(line)));
  async function more(count: number): Promise<void> {
    const wanted = acknowledged.length + count;
    while (acknowledged.length < wanted) await Promise.race([once(lines, "line"), failWhen(gone)]);
  }
  return { process: child, acknowledged, opened, more, kill };
}

async function failWhen(gone: Promise<unknown>): Promise<never> {
  await gone;
  throw new Error("the writer ended by itself");
}
