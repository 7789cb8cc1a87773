// Owns: the tool `improve`: the verifier itself looks for a better submission, and a cell sets what it found.
// Only for models that search by rule: one that writes code would learn nothing from it.
import * as z from "zod";
import { toPython } from "../../core/python/python-literal.ts";
import type { Improvement, Tool, ToolContext } from "../../contracts/index.ts";
import { scoreText } from "../score-text.ts";
import { defineTool, toolFailure, toolSuccess } from "./define-tool.ts";
import { runNewCell } from "./run-cell.ts";

const NAME = "improve";
const MOST_TRIES = 1_000_000;
const REFILLED = "def refilled(";

/** Puts values into the form of what is there. Its name is told apart from a task's own by the definition in the notebook. */
const DEFINITION = `def refilled(old, new):
    """The values \`new\` as \`old\` has them: tuples, arrays, dicts and whole numbers stay what they are."""
    if new is None:
        return old
    if isinstance(old, dict):
        return {key: refilled(old[key], new[key]) for key in old}
    if isinstance(old, (list, tuple)):
        items = [refilled(old[min(k, len(old) - 1)], item) for k, item in enumerate(new)]
        return type(old)(*items) if hasattr(old, "_fields") else type(old)(items)
    if hasattr(old, "dtype"):
        filled = old.copy()
        if old.shape:
            filled[...] = new
        return filled if old.shape else old.dtype.type(new)
    return type(old)(new)


`;

/** Asks the verifier many times for something better, where it lies, and sets the submission, a plain name, to that. */
export const improve = (submission: string): Tool =>
  defineTool({
    name: NAME,
    description: "Let the verifier look for better numbers for the submission.",
    instructions: "improve lets the verifier look for better numbers",
    parameters: z.strictObject({
      seed: z
        .number()
        .int()
        .min(0)
        .max(2 ** 31 - 1),
      tries: z.number().int().min(1).max(MOST_TRIES),
    }),
    async run(asked, context) {
      if (!/^[A-Za-z_]\w*$/.test(submission))
        return toolFailure(`improve: the submission is \`${submission}\`, which is no name that can be set`);
      const found = (await context.improve?.(asked)) ?? "there is no verifier that could search here";
      if (typeof found === "string") return toolFailure(`improve: ${found}`);
      const report = describeImprovement(found);
      if (found.valid === 0) return toolSuccess(report);
      // Also where nothing was better: a search is on record as a cell, which the round's end may drop.
      const ran = await runNewCell(context, cellOf(found, submission, context), `improve: ${comment(found)}`);
      if (ran.isError) return ran;
      const score = await context.score();
      const text = `${report}\n${scoreText(score)}`;
      return { ...ran, content: [...ran.content, { type: "text", text }], score };
    },
  });

/** The tools with `improve`, unless one of that name is there. */
export function withImprove(tools: readonly Tool[], submission: string): readonly Tool[] {
  return tools.some(({ name }) => name === NAME) ? tools : [...tools, improve(submission)];
}

function cellOf(found: Improvement, name: string, { notebook }: ToolContext): string {
  if (found.values === null) return `# ${comment(found)}`;
  const isDefined = notebook.cells.some(
    ({ cell_type: kind, source }) => kind === "code" && source.includes(REFILLED),
  );
  const set = `# ${comment(found)}\n${name} = refilled(${name}, ${toPython(found.values)})`;
  return isDefined ? set : DEFINITION + set;
}

function comment({ values, start, end, tries, ways }: Improvement): string {
  if (values === null) return `${tries} tries of the verifier found none better than ${start}`;
  const by = ways.length === 0 ? "" : `, by ${ways.join(", ")}`;
  return `${tries} tries of the verifier led from ${start} to ${end}${by}`;
}

/** One line that the offline model reads again, as data and a reason in words. */
function describeImprovement({
  start,
  end,
  tries,
  valid,
  pace,
  reason,
  refused,
  holds,
  ways,
  kept,
}: Improvement): string {
  const facts = `tries=${tries} valid=${valid} pace=${pace} start=${start} end=${end} refused=${refused}`;
  const said = { holds, ways, kept, reason: reason.split("\n", 1)[0] ?? "" };
  return `offline: improve ${facts} ${JSON.stringify(said)}`;
}
