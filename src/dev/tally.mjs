// Owns: what `npm test` counts, names as failed, and its last line. Never runs anything.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** What vitest's JSON report counts, and the errors outside of any test; `code` is its exit code. */
export function countReport({ report, unhandled, code }) {
  let told;
  let errors;
  try {
    told = JSON.parse(readFileSync(report, "utf8"));
    errors = JSON.parse(readFileSync(unhandled, "utf8"));
  } catch {
    // It ended before it could write them.
    return { passed: 0, failed: 1, skipped: 0, failures: [`vitest ended with ${code}, and no report`] };
  }
  // A file that cannot be loaded has no failed test to count.
  const failed = Math.max(told.numFailedTests + errors.length, code === 0 ? 0 : 1);
  const skipped = told.numPendingTests + told.numTodoTests;
  const outside = errors.map(({ said, near }) => `outside of any test (near ${near}): ${shortened(said)}`);
  const failures = [...failuresOf(told), ...outside];
  return { passed: told.numPassedTests, failed, skipped, failures, held: heldLoops(told) };
}

/** One line for each test in which code held the event loop long, the longest first; test/support/watch-loop.ts measured it. */
function heldLoops({ testResults = [] }) {
  return testResults
    .flatMap(({ name, assertionResults }) =>
      assertionResults.flatMap(({ fullName, meta }) =>
        meta?.heldMs > 0 ? [{ ms: meta.heldMs, test: `${relative(process.cwd(), name)} > ${fullName}` }] : [],
      ),
    )
    .toSorted((a, b) => b.ms - a.ms)
    .map(({ ms, test }) => `${test}: ${ms} ms in one turn of its event loop`);
}

/** One line for each test or file that failed, for readers who see the end of the output only. */
function failuresOf({ testResults = [] }) {
  return testResults
    .filter(({ status }) => status === "failed")
    .flatMap(({ name, message, assertionResults }) => {
      const file = relative(process.cwd(), name);
      const tests = assertionResults.filter(({ status }) => status === "failed");
      const lines = tests.map(
        ({ fullName, failureMessages }) =>
          `${file} > ${fullName}: ${failureMessages.map(shortened).join(" | and: ")}`,
      );
      return lines.length > 0 ? lines : [`${file}: ${shortened(message)}`];
    });
}

/** The message on one line, with the first place of ours in its stack. */
function shortened(message) {
  const [said = "", ...stack] = stripVTControlCharacters(message).split(/\n\s+at /);
  const place = stack.find((frame) => frame.includes("/test/"))?.replace(/^.*(?=\/test\/)|\)$/g, "");
  const line = said.replaceAll(/\s+/g, " ").slice(0, 400);
  return place === undefined ? line : `${line} (${place.slice(1)})`;
}

/** `N passed, N failed`, and what was skipped, if anything was. */
export function lastLine(counts) {
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  return `${sum("passed")} passed, ${sum("failed")} failed${skipped}`;
}
