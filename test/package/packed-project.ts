// Owns: an empty project with nbevolve installed in it from the tarball that would be published. Never edits it after.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll } from "vitest";
import { messageOf } from "../../src/core/errors.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const execute = promisify(execFile);

/** Compiler options of the strictest project. */
export const STRICT = {
  target: "es2022",
  lib: ["es2023", "esnext.disposable"],
  module: "nodenext",
  strict: true,
  noEmit: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  skipLibCheck: false,
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
};

export interface PackedProject {
  /** The project's folder; `node_modules/nbevolve` is what the tarball held. */
  readonly dir: string;
  /** Writes a file into the project; resolves to its path. */
  write(name: string, text: string): Promise<string>;
  /** Installs packages of this checkout in the project, each in the version that is here. */
  install(...names: readonly string[]): Promise<void>;
  /** Runs a command in the project. @throws with its output when it exits with anything but 0. */
  run(
    command: string,
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
  ): Promise<{ readonly stdout: string; readonly stderr: string }>;
}

let project: Promise<PackedProject> | undefined;

/** The project, made once for a test file (about 10 s) and removed after its last test. Call it outside of tests too. */
export function packedProject(): Promise<PackedProject> {
  return (project ??= makeProject());
}

async function makeProject(): Promise<PackedProject> {
  const dir = await mkdtemp(join(tmpdir(), "nbevolve-packed-"));
  afterAll(() => rm(dir, { recursive: true, force: true }));
  // Not through npm's prepack: `dist` is made whole beside and swapped in, so tests that run from it are not disturbed.
  await execute(process.execPath, [join(root, "src/dev/ensure.mjs")], { cwd: root });
  await execute("npm", ["pack", "--ignore-scripts", "--pack-destination", dir], { cwd: root });
  const tarball = (await readdir(dir)).find((name) => name.endsWith(".tgz"));
  if (!tarball) throw new Error("npm pack made no tarball");
  // As `npm init -y` of npm 11 leaves it: a file `.js` is no ES module there.
  await writeFile(join(dir, "package.json"), '{ "name": "empty", "private": true, "type": "commonjs" }\n');
  const install = async (wishes: readonly string[]): Promise<void> => {
    await execute("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...wishes], { cwd: dir });
  };
  await install([join(dir, tarball)]);
  return {
    dir,
    async write(name, text) {
      await writeFile(join(dir, name), text);
      return join(dir, name);
    },
    install: async (...names) => install(["-D", ...(await Promise.all(names.map(withVersion)))]),
    run: (command, args, env = process.env) => output(dir, command, args, env),
  };
}

/** Also after an update of the registry, a test meets what is tested here. */
async function withVersion(name: string): Promise<string> {
  const manifest: { version: string } = JSON.parse(
    await readFile(join(root, "node_modules", name, "package.json"), "utf8"),
  );
  return `${name}@${manifest.version}`;
}

async function output(
  cwd: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  try {
    return await execute(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 });
  } catch (problem) {
    const said = problem instanceof Error && "stdout" in problem ? `\n${String(problem.stdout)}` : "";
    throw new Error(`${messageOf(problem)}${said}`, { cause: problem });
  }
}
