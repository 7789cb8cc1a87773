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

const print = (line) => process.stdout.write(`${line}\n`);
const env = {
  ...process.env,
  PATH: `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`,
};

/** Each is one thing that passes or fails. `run` gets what prints a line. These are what the tests need, one after the other. */
const NEEDED = [
  { name: "build", run: () => ensureBuilt() },
  { name: "Python environment", run: findPython },
];

/** What was formatted when it was looked at last is not looked at again: its contents count, and prettier's settings. */
const SEEN = ["--cache", "--cache-strategy", "content"];

/** They only read, and run side by side. */
const CHECKS = [
  { name: "format: prettier", run: (say) => tool(say, "prettier", "--check", ...SEEN, ".") },
  { name: "types: tsc", run: (say) => tool(say, "tsc", "--noEmit") },
  { name: "types of the page: tsc", run: (say) => tool(say, "tsc", "-p", "src/dashboard") },
  { name: "lint: oxlint", run: (say) => tool(say, "oxlint", "--type-aware", "--deny-warnings") },
  { name: "unused code: knip", run: (say) => tool(say, "knip") },
  { name: "package: publint", run: lintPackage },
];

await runScript(async () => {
  await ensureDependencies();
  const flags = ["--short", "--long"];
  const chosen = process.argv.slice(2).filter((argument) => !flags.includes(argument));
  const [short, long] = flags.map((flag) => process.argv.includes(flag));
  // With arguments somebody works on one thing: what the tests need is still made, the rest is left out.
  const checks = short && chosen.length === 0 ? CHECKS : [];
  const sets = [short && "short", long && "long"].filter((set) => set && chosen.length === 0);
  const results = [];
  for (const { name, run } of NEEDED) results.push(await timed(name, () => passes(run, print)));
  results.push(...(await Promise.all(checks.map(runBeside))));
  for (const set of sets) results.push(await timed(`${set} tests`, () => runVitest(["--project", set])));
  if (chosen.length > 0) results.push(await timed("chosen tests", () => runVitest(chosen)));
  summarise(results);
});

/** Runs one check; what it says is printed whole when it has ended. */
async function runBeside({ name, run }) {
  const lines = [];
  const say = (line) => lines.push(line);
  const result = await timed(name, () => passes(run, say), say);
  print(lines.join("\n"));
  return result;
}

/** Runs one part under its headline; resolves with its counts. */
async function timed(name, run, say = print) {
  say(`\n=== ${name}`);
  const startedMs = performance.now();
  const counts = await run();
  const took = secondsSince(startedMs);
  if (counts.failed > 0) say(`=== ${name}: FAILED (${took})`);
  return { name, took, ...counts };
}

async function passes(run, say) {
  try {
    await run(say);
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (problem) {
    if (problem instanceof Interrupted) throw problem;
    const said = problem instanceof Error ? problem.message : String(problem);
    if (!(problem instanceof StepFailed)) say(said);
    return { passed: 0, failed: 1, skipped: 0, failures: [endOf(said)] };
  }
}

async function tool(say, command, ...args) {
  const { code, output } = await runChild(command, args, { cwd: ROOT, env, quiet: true });
  say(output.trimEnd());
  if (code !== 0) throw new StepFailed(`${command}: ${output}`);
}

/** On one line, for readers who see the end of the output only. */
function endOf(said) {
  return stripVTControlCharacters(said).trim().replaceAll(/\s+/g, " ").slice(-600);
}

async function findPython(say) {
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
async function lintPackage(say) {
  await withFolder(async (folder) => {
    const packed = await runChild("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], {
      cwd: ROOT,
      env,
      quiet: true,
    });
    const [tarball] = readdirSync(folder);
    if (packed.code !== 0 || !tarball) throw new Error(packed.output);
    await tool(say, "publint", "run", join(folder, tarball), "--strict");
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
  print("\n=== summary");
  for (const { name, passed, failed, took } of results)
    print(
      `${failed === 0 ? "ok    " : "FAILED"}  ${name}${passed + failed > 1 ? ` (${passed} passed)` : ""}, ${took}`,
    );
  for (const { held = [] } of results) for (const test of held) print(`slow    ${test}`);
  for (const { failures = [] } of results) for (const failure of failures) print(`FAILED  ${failure}`);
  print(`\n${lastLine(results)}`);
  process.exitCode = results.some(({ failed }) => failed > 0) ? 1 : 0;
}
