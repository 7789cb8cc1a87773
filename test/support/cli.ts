// Owns: running the built command line as a user does, in a process of its own.
import { spawn, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { onTestFinished } from "vitest";
import { testSandbox } from "./sandbox.ts";

// Where test/support/build.ts put it.
export const MAIN = resolve(process.env["NBEVOLVE_TEST_BUILD"] ?? "dist", "src/cli/main.js");

/** What it runs in: the tests' sandbox, and nobody's key. */
export const CLI_ENV = { ...process.env, OPENAI_API_KEY: "", NBEVOLVE_SANDBOX: testSandbox };

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly process: ChildProcess;
  readonly ended: Promise<CliResult>;
  /** What it wrote to standard error so far. */
  stderr(): string;
}

/** Starts `nbevolve` with these arguments; it is killed when the test is over. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): RunningCli {
  const running = launch(args, env, cwd);
  onTestFinished(() => void running.process.kill("SIGKILL"));
  return running;
}

/** Runs it to its end. */
export function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<CliResult> {
  return launch(args, env, cwd).ended;
}

function launch(args: readonly string[], env: Readonly<Record<string, string>>, cwd?: string): RunningCli {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...CLI_ENV, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  const ended = new Promise<CliResult>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { process: child, ended, stderr: () => stderr };
}
