// Owns: whose fault it is, in words, when the first solution of a task gets no score: its own, or the verifier's. Pure.
import type { Task, VerifierSource } from "../../contracts/index.ts";
import { isCode } from "../notebook/notebook.ts";
import { namesIn } from "./python-names.ts";

/** As nbevolve_verifier/verdict.py writes it. */
const RAISED =
  /^([A-Za-z_]\w{0,99}): ([^]{0,4100}?) \((line (\d{1,9}) of the ([a-z]{1,20}(?: [a-z]{1,20})?))\)/;
/** What a verifier refuses a submission with, also from a function that it calls. */
const REFUSALS: readonly string[] = ["ValueError", "AssertionError"];
/** What the machine lacks, or does not show. */
const OF_THE_MACHINE =
  /^(?:ModuleNotFoundError|ImportError|OSError|FileNotFoundError|PermissionError|NotADirectoryError)$/;
const OWN_FAULT =
  "A verifier refuses a submission with `raise ValueError(...)`; any other error is a fault in it";

/** `message`: the verdict's. A sentence without its full stop. */
export function verifierFault(task: Task, message: string): string {
  if (message.startsWith("no submission: ")) return `the first solution leaves ${message}`;
  if (message.startsWith("the verifier")) return `on the first solution, ${message}`;
  if (message.startsWith("verify() returned"))
    return `the verifier gives the first solution no score: ${message}`;
  const [, name = "", said = "", place = "", at = "", cell = ""] = RAISED.exec(message) ?? [];
  const line = lineOf(task.verifier, Number(at), cell).trim().slice(0, 120);
  if (name === "" || REFUSALS.includes(name) || /\b(?:raise|assert)\b/.test(line))
    return `the verifier rejects the first solution: ${message}`;
  const where = `${name}: ${said}, in ${place}${line === "" ? "" : `, \`${line}\``}`;
  if (OF_THE_MACHINE.test(name)) return `the verifier fails on the first solution: ${where}`;
  const definer = name === "NameError" ? definingCell(task, said) : null;
  const why = definer === null ? OWN_FAULT : unseen(definer);
  return `the verifier itself fails on the first solution: ${where}. ${why}`;
}

const unseen = (place: string): string =>
  `It does not see ${place}, which defines that name: define it in the verifier's cell`;

/** The cell that defines the name which the verifier lacks. */
function definingCell({ founder, places = {} }: Task, said: string): string | null {
  const [, name = ""] = /^name '(\w{1,200})' is not defined/.exec(said) ?? [];
  const cell = founder.cells.filter(isCode).find(({ source }) => {
    const { defines, imports } = namesIn(source);
    return [...defines, ...imports].includes(name);
  });
  return cell === undefined ? null : (places[cell.id] ?? "the cell");
}

/** The text of a cell's line; empty for an import from `__future__`, which is taken out of its place. */
function lineOf({ source, lines = [] }: VerifierSource, at: number, cell: string): string {
  const part = lines.findLast(({ of }) => of === cell) ?? { from: 1, line: 1 };
  return source.split("\n")[part.from + at - part.line - 1] ?? "";
}
