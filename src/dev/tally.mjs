// Owns: what `npm test` counts, names as failed, and its last line. Never runs anything.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** What vitest's JSON report counts; `code` is its exit code. */
export function countReport(path, code) {
  let told;
  try {
    told = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }; // it ended before it could write one
  }
  // A file that cannot be loaded, or an error outside of any test, has no failed test to count.
  const failed = Math.max(told.numFailedTests, code === 0 ? 0 : 1);
  const skipped = told.numPendingTests + told.numTodoTests;
  return { passed: told.numPassedTests, failed, skipped, failures: failuresOf(told) };
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
