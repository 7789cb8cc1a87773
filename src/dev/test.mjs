// Owns: `npm test` (every gate, and the short tests) and `npm run test:all` (the long tests), each with a last line that
// counts what passed. With both flags, as .ci/run has it, one line counts everything. All parts run even when one fails.
// With arguments, only vitest runs, and gets them: `npm test -- test/core`.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { Interrupted, runChild, secondsSince } from "./child.mjs";
import { ensureBuilt, ensureDependencies, ROOT, runScript, StepFailed } from "./ensure.mjs";
import { countReport, lastLine } from "./tally.mjs";

const say = (line) => process.stdout.write(`${line}\n`);
const env = {
  ...process.env,
  PATH: `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`,
};

/** Each is one thing that passes or fails. */
const GATES = [
  { name: "build", run: () => ensureBuilt() },
  { name: "Python environment", run: findPython },
  { name: "format: prettier", run: () => tool("prettier", "--check", ".") },
  { name: "lint: oxlint", run: () => tool("oxlint", "--type-aware", "--deny-warnings") },
  { name: "types: tsc", run: () => tool("tsc", "--noEmit") },
  { name: "unused code: knip", run: () => tool("knip") },
  { name: "package: publint", run: lintPackage },
];

await runScript(async () => {
  await ensureDependencies();
  const flags = ["--short", "--long"];
  const chosen = process.argv.slice(2).filter((argument) => !flags.includes(argument));
  const [short, long] = flags.map((flag) => process.argv.includes(flag));
  // With arguments somebody works on one thing: what the tests need is still made, the rest is left out.
  const gates = short && chosen.length === 0 ? GATES : GATES.slice(0, 2);
  const sets = [short && "short", long && "long"].filter((set) => set && chosen.length === 0);
  const results = [];
  for (const gate of gates) results.push(await timed(gate.name, () => passes(gate.run)));
  for (const set of sets) results.push(await timed(`${set} tests`, () => runVitest(["--project", set])));
  if (chosen.length > 0) results.push(await timed("chosen tests", () => runVitest(chosen)));
  summarise(results);
});

/** Runs one part under its headline; resolves with its counts. */
async function timed(name, run) {
  say(`\n=== ${name}`);
  const startedMs = performance.now();
  const counts = await run();
  const took = secondsSince(startedMs);
  if (counts.failed > 0) say(`=== ${name}: FAILED (${took})`);
  return { name, took, ...counts };
}

async function passes(run) {
  try {
    await run();
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (problem) {
    if (problem instanceof Interrupted) throw problem;
    const said = problem instanceof Error ? problem.message : String(problem);
    if (!(problem instanceof StepFailed)) say(said);
    return { passed: 0, failed: 1, skipped: 0, failures: [endOf(said)] };
  }
}

async function tool(command, ...args) {
  const { code, output } = await runChild(command, args, { cwd: ROOT, env, quiet: true });
  say(output.trimEnd());
  if (code !== 0) throw new StepFailed(`${command}: ${output}`);
}

/** On one line, for readers who see the end of the output only. */
function endOf(said) {
  return stripVTControlCharacters(said).trim().replaceAll(/\s+/g, " ").slice(-600);
}

async function findPython() {
  const stop = new AbortController();
  const signalled = (signal) => stop.abort(new Interrupted(signal));
  process.on("SIGINT", signalled).on("SIGTERM", signalled);
  try {
    const module = pathToFileURL(join(ROOT, "dist/src/machine/python/find-python.js")).href;
    const found = await (await import(module)).findPython({ progress: say, signal: stop.signal });
    say(`Python ${found.version} (${found.origin}): ${found.python}`);
  } finally {
    process.off("SIGINT", signalled).off("SIGTERM", signalled);
  }
}

/** Packs as `npm publish` would, without building again, and lints what came out. */
async function lintPackage() {
  await withFolder(async (folder) => {
    const packed = await runChild("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], {
      cwd: ROOT,
      env,
      quiet: true,
    });
    const [tarball] = readdirSync(folder);
    if (packed.code !== 0 || !tarball) throw new Error(packed.output);
    await tool("publint", "run", join(folder, tarball), "--strict");
  });
}

/** Vitest shows its own progress; the counts are taken from its report. */
async function runVitest(args) {
  return await withFolder(async (folder) => {
    const report = join(folder, "report.json");
    const unhandled = join(folder, "unhandled.json");
    const reporters = ["--reporter=default", "--reporter=json", "--reporter=./src/dev/unhandled.mjs"];
    const { code } = await runChild("vitest", ["run", ...reporters, `--outputFile.json=${report}`, ...args], {
      cwd: ROOT,
      env: { ...env, NBEVOLVE_TEST_UNHANDLED: unhandled },
    });
    return countReport({ report, unhandled, code });
  });
}

async function withFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), "nbevolve-test-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function summarise(results) {
  say("\n=== summary");
  for (const { name, passed, failed, took } of results)
    say(
      `${failed === 0 ? "ok    " : "FAILED"}  ${name}${passed + failed > 1 ? ` (${passed} passed)` : ""}, ${took}`,
    );
  for (const { failures = [] } of results) for (const failure of failures) say(`FAILED  ${failure}`);
  say(`\n${lastLine(results)}`);
  process.exitCode = results.some(({ failed }) => failed > 0) ? 1 : 0;
}
