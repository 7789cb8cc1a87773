// Owns: what `npm test` counts, and its last line. Never runs anything.
import { readFileSync } from "node:fs";

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
  return { passed: told.numPassedTests, failed, skipped: told.numPendingTests + told.numTodoTests };
}

/** `N passed, N failed`, and what was skipped, if anything was. */
export function lastLine(counts) {
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  return `${sum("passed")} passed, ${sum("failed")} failed${skipped}`;
}
