// Owns: running one command that makes an environment: its variables, its log, and the error when it fails.
// It runs under the guard, so it ends when this process does. Never chooses a command.
import { createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { RunError } from "../../core/errors.ts";
import { spawnGuarded } from "../guarded-process.ts";
import { readLines } from "../read-lines.ts";

export interface MakeStep {
  readonly doing: string;
  readonly command: readonly [string, ...string[]];
  readonly remedy: string;
}

export interface MakeStepOptions {
  /** Runs the guard. */
  readonly python: string;
  readonly cwd: string;
  /** All output is appended to this file. */
  readonly log: string;
  /** Where that file will be when the making has failed. */
  readonly keptLog: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly say: (line: string) => void;
}

/** How often a step that takes long says where it is. */
const TICK_MS = 5_000;
/** More of a line is not kept. */
const LINE_CHARS = 10_000;

/** @throws RunError `python-unavailable` when the command fails; the signal's reason when aborted, once it has ended. */
export async function runStep(step: MakeStep, options: MakeStepOptions): Promise<void> {
  options.say(step.doing);
  options.signal?.throwIfAborted();
  const child = spawnGuarded({
    python: options.python,
    command: step.command,
    cwd: options.cwd,
    env: stepEnvironment(options.env),
  });
  const stop = (): void => void child.kill();
  options.signal?.addEventListener("abort", stop, { once: true });
  let latest = "";
  const say = (): void => options.say(latest === "" ? step.doing : `${step.doing}: ${latest}`);
  const ticking = setInterval(say, TICK_MS);
  try {
    const lines = await keepLines([child.stdout, child.stderr], options.log, (line) => (latest = line));
    const { ended, status } = await child.ended;
    options.signal?.throwIfAborted();
    if (ended !== "exit" || status !== 0) throw stepError(step, options, lines);
  } finally {
    clearInterval(ticking);
    options.signal?.removeEventListener("abort", stop);
  }
}

/** What the step inherits: all but the variables that would install elsewhere than into the environment. */
function stepEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const elsewhere = new Set([
    "PYTHONHOME",
    "PYTHONPATH",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "VIRTUAL_ENV",
  ]);
  const kept = Object.entries(env).filter(([name]) => !elsewhere.has(name));
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Appends every line to the log; resolves, when all streams have ended, with the last that are no warnings. */
async function keepLines(
  streams: readonly (Readable | null)[],
  log: string,
  onLine: (line: string) => void,
): Promise<readonly string[]> {
  const file = createWriteStream(log, { flags: "a" });
  const last: string[] = [];
  await Promise.all(
    streams.map(async (stream) => {
      if (!stream) return;
      await readLines(stream, LINE_CHARS, (line) => {
        file.write(`${line}\n`);
        if (line.trim() === "" || line.startsWith("WARNING")) return;
        onLine(line.trim().slice(0, 60));
        if (last.push(line.trim()) > 20) last.shift();
      });
    }),
  );
  file.end();
  await finished(file);
  return last;
}

function stepError(step: MakeStep, options: MakeStepOptions, lines: readonly string[]): RunError {
  const reasons = lines.filter((line) => /error|no space|denied|failed|not available/i.test(line));
  const reason = (reasons.length > 0 ? reasons : lines).slice(-3).join(" | ").slice(0, 600);
  const full = lines.some((line) => /no space left/i.test(line));
  const remedy = full
    ? "Make room there (about 400 MB), or point NBEVOLVE_CACHE to a folder that has it."
    : step.remedy;
  return new RunError(
    "python-unavailable",
    `The Python environment could not be made (${step.doing}): ${reason || "no reason was given"}. ${remedy} ` +
      `All of the output: ${options.keptLog}`,
  );
}
