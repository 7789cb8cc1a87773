// Owns: whose fault it is, in words, when the first solution of a task gets no score: its own, or the verifier's. Pure.
import type { Task } from "../../contracts/index.ts";
import { isCode } from "../notebook/notebook.ts";
import { namesIn } from "./python-names.ts";

/** As nbevolve_verifier/verdict.py writes it. */
const RAISED = /^([A-Za-z_]\w{0,99}): ([^]{0,4100}?) \(verifier line (\d{1,9})\)/;
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
  const [, name = "", said = "", at = ""] = RAISED.exec(message) ?? [];
  const line = (task.verifier.source.split("\n")[Number(at) - 1] ?? "").trim().slice(0, 120);
  if (name === "" || REFUSALS.includes(name) || /\b(?:raise|assert)\b/.test(line))
    return `the verifier rejects the first solution: ${message}`;
  const where = `${name}: ${said}, in ${placeOf(task, Number(at))}${line === "" ? "" : `, \`${line}\``}`;
  if (OF_THE_MACHINE.test(name)) return `the verifier fails on the first solution: ${where}`;
  const place = name === "NameError" ? definingCell(task, said) : null;
  const why = place === null ? OWN_FAULT : unseen(place);
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

/** Lines of a verdict count from the parameters, which come before the verifier's cell with an empty line between. */
function placeOf({ founder, verifier }: Task, line: number): string {
  const before = founder.cells.filter(
    ({ metadata }) => metadata.tags?.some((tag) => /^(?:injected-)?parameters$/.test(tag)) === true,
  );
  const parts = verifier.source.split("\n");
  // Python wants these first: each is a part of its own.
  let future = 0;
  while (/^from[ \t]+__future__[ \t]/.test(parts[future] ?? "")) future += 2;
  const lines = before.map(({ source }) => source.trimEnd().split("\n").length + 1);
  const own = line - lines.reduce((sum, count) => sum + count, future);
  return own > 0 ? `line ${own} of its cell` : "the parameters before it";
}
