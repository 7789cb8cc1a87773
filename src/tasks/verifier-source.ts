// Owns: the Python module that judges, made of a task's parameters and its verifier cell. Never runs it.
import type { VerifierSource } from "../contracts/index.ts";
import type { Checked } from "./problems.ts";
import { bindingOf } from "./python-top-level.ts";
import type { TaskCode } from "./task-cells.ts";

/** The module of one verifier cell: the sources before it (parameters) come first, so that it knows their names. */
export function verifierSource(code: TaskCode, before: readonly string[]): Checked<VerifierSource> {
  return {
    value: { source: joined([...before, code.cell.source]), cell: code.place.replace(/^cell /, "") },
    problems: verifyProblems(code),
  };
}

function verifyProblems({ cell, place }: TaskCode): readonly string[] {
  const verify = bindingOf("verify", cell.source);
  if (verify.kind === "none")
    return [`${place}: does not define verify; write "def verify(submission):" at its top level`];
  if (verify.kind === "async") return [`${place}: verify is async; make it a plain function`];
  if (verify.fits) return [];
  return [`${place}: verify cannot be called with the submission alone; write "def verify(submission):"`];
}

const FUTURE = /^from[ \t]+__future__[ \t]+import[ \t].*$/gm;

/** Python wants `from __future__` first, wherever in the parts it stood. */
function joined(sources: readonly string[]): string {
  const future = sources.flatMap((source) => source.match(FUTURE) ?? []);
  const rest = sources.map((source) => source.replace(FUTURE, "").trimEnd());
  return `${[...new Set(future), ...rest].filter((part) => part.trim() !== "").join("\n\n")}\n`;
}
