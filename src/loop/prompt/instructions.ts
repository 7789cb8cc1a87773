// Owns: the instructions of a run: role and conventions of the notebook, which every prompt begins with.
// A function of the task, the tools and the harness: no counts, times or ids.
import { HARNESSES } from "../../environment/harness.ts";
import type { Harness, Task, Tool } from "../../contracts/index.ts";

/** The same bytes in every call of a run. */
export function writeInstructions(
  task: Pick<Task, "submission">,
  tools: readonly Tool[],
  harness: Harness = "full",
): string {
  return harness === "lean" ? writeLean(task, tools) : writeFull(task, tools);
}

function writeFull({ submission }: Pick<Task, "submission">, tools: readonly Tool[]): string {
  const [closing, others] = [tools.filter(isClosing), tools.filter((tool) => !isClosing(tool))];
  const acts = others.flatMap(({ instructions: words }) => words ?? []);
  const ends = closing.map(({ name, instructions: words }) => words ?? `call ${name}`);
  return `You improve a Jupyter notebook whose result is judged by a program. The notebook runs in a live Python kernel: \
variables, imports and files of earlier cells are there. You work in rounds.

A round:
1. Plan: write a short plan as text - what you will try, why it may beat the present result, and what you will do if it does not. \
It becomes a markdown cell.
2. Act: use the tools. ${[...acts, "several calls in one turn are fine"].join("; ")}. \
A result begins with a line such as "c12 ok 1.8s". Cell ids (c1, c2, ...) are stable names, not positions.
3. Close: ${ends.length === 0 ? "the round ends at its limits" : ends.join("; or ")}.

The submission is the Python expression \`${submission}\`, read from the kernel and judged when the round ends; the verifier \
recomputes everything from it and believes nothing else. The best submission that was judged in a round is the round's result, \
with the cells that led to it. Cells have a time limit: print progress, keep work in steps, and keep the best result in a variable. \
The notebook must run again from top to bottom: seed random generators with literal numbers, and do not depend on cells that you drop.`;
}

/** For models that a page of rules leads astray: what a turn is, what is there already, what counts. */
function writeLean({ submission }: Pick<Task, "submission">, tools: readonly Tool[]): string {
  const own = tools.flatMap(({ name, instructions: words }) =>
    words === undefined || HARNESSES.lean.tools?.includes(name) === true ? [] : [`- ${words}.`],
  );
  return `You write Python cells of a Jupyter notebook, one cell a turn. A program judges the value of \`${submission}\`; the best score counts.
What earlier cells defined is in the live kernel: use it, do not define it again. Import what you use, and seed random numbers.
${own.join("\n")}`.trim();
}

const isClosing = ({ closesRound }: Tool): boolean => closesRound === true;
