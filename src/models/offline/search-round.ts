// Owns: a round of search on a task that declares `problem`: its plan, the cells to run, what to keep, how to close.
// An exploration changes nothing and is dropped. What helped is repeated in a cell of its own, so that children have
// little to run again.
import { randomAt } from "../../core/random.ts";
import { showChange } from "../../core/run/goal.ts";
import { lastLineOf, PLAN_TITLE, sourceOf, type AnsweredCall, type Situation } from "./conversation.ts";
import { NO_PROBLEM, readExplorations, readTallies, writeTallies, type Exploration } from "./memory.ts";
import { chooseMoves, isMove, MOVES, type MoveName, type MoveTallies } from "./portfolio.ts";
import { searchTools } from "./python-source.ts";
import { draftClosing, draftRunCode, planCalls, type CallDraft, type ReplyPlan } from "./reply-plan.ts";

export interface SearchEffort {
  /** Explorations in a round. */
  readonly explorations: number;
  /** Local searches of an exploration; null for a few seconds' work. */
  readonly tries: number | null;
}

const TOOLS = searchTools();
const TOOLS_COMMENT = "offline search tools: class Search";
const EXPLORE = "print(search.explore(submission, search.";
const RETRACE = "submission = search.retrace(";
const POLISH = "submission = search.polished(submission)";

/** The plan of a round, in words that the model can read again. */
export function describeRound(situation: Situation, effort: SearchEffort): string {
  return [
    PLAN_TITLE,
    "From the present submission I explore these moves, a few seconds each; after every try a local search (soft constraints, then " +
      "sequential linear programming) finds the optimum nearby, and only what is better is kept:",
    "",
    ...movesOf({ ...situation, plan: "" }, effort).map((move, at) => `${at + 1}. ${move}: ${MOVES[move]}`),
    "",
    describeTallies(readTallies(situation.text)),
    "If no move helps, the notebook stays as it is.",
  ].join("\n");
}

function describeTallies(tallies: MoveTallies): string {
  const parts = Object.entries(tallies).flatMap(([move, { helped, explored }]) =>
    explored > 0 ? [`${move} helped in ${helped} of ${explored} explorations`] : [],
  );
  if (parts.length === 0) return "Nothing is known yet of what helps here; the choice is a draw.";
  return `Moves are drawn by what helped so far: ${parts.join(", ")}.`;
}

/** The moves that this round explores, in order: those of its plan, where the plan is visible. */
function movesOf({ plan, text, seed }: Situation, { explorations }: SearchEffort): readonly MoveName[] {
  const planned = [...plan.matchAll(/^\d+\. (\w+):/gm)].flatMap(([, name = ""]) =>
    isMove(name) ? [name] : [],
  );
  if (planned.length > 0) return planned;
  return chooseMoves(readTallies(text), explorations, randomAt(seed, "moves"));
}

/** The next turn of the round. */
export function planSearchTurn(situation: Situation, effort: SearchEffort): ReplyPlan {
  const { calls, text } = situation;
  const last = calls.at(-1);
  if (last === undefined)
    return planCalls(hasTools(situation) ? draftExplore(situation, effort, 0) : draftTools());
  if (text.includes(NO_PROBLEM)) return planCalls(draftSearchClosing(situation));
  if (last.isError) {
    const lacksTools =
      /NameError: name 'search' is not defined/.test(last.text) &&
      !calls.some((call) => sourceOf(call) === TOOLS);
    return planCalls(lacksTools ? draftTools() : draftSearchClosing(situation));
  }
  const [exploration] = explorationsOf(last);
  if (exploration !== undefined && exploration.helped.length > 0) return planCalls(draftRetrace(exploration));
  const done = calls.filter((call) => isExploration(call) && !call.isError).length;
  if (done < movesOf(situation, effort).length) return planCalls(draftExplore(situation, effort, done));
  const isImproved = calls.some((call) => sourceOf(call).includes(RETRACE));
  return planCalls(isImproved && sourceOf(last) !== POLISH ? draftPolish() : draftSearchClosing(situation));
}

/** The closing call: a summary in words and numbers; explorations and failed cells are dropped. */
export function draftSearchClosing({ calls, text, closingTool }: Situation): CallDraft {
  const failed = calls.filter(({ isError }) => isError);
  const summary = [
    ...calls.flatMap(explorationsOf).map(describeExploration),
    ...failed.map(({ cell, text }) => `${cell ?? "A call"} failed: ${lastLineOf(text)}`),
  ];
  if (text.includes(NO_PROBLEM)) summary.push("The task declares no `problem`: there is nothing to explore.");
  if (summary.length === 0) summary.push("Nothing was explored in this round.");
  // Later rounds read the last line; notebooks for readers leave it out.
  const lines = [...summary, writeTallies(readTallies(text))].filter((line) => line !== "");
  const idle = calls.filter((call) => isExploration(call) || isIdlePolish(call));
  return draftClosing(
    closingTool,
    lines.join("\n"),
    [...idle, ...failed].map(({ cell }) => cell),
  );
}

function isIdlePolish(call: AnsweredCall): boolean {
  return sourceOf(call) === POLISH && call.text.includes("offline: nothing to polish");
}

function hasTools({ text }: Situation): boolean {
  return text.includes(TOOLS_COMMENT) || text.includes("search.retrace(") || text.includes("class Search(");
}

function draftTools(): CallDraft {
  return draftRunCode(TOOLS, TOOLS_COMMENT);
}

function draftExplore(situation: Situation, effort: SearchEffort, done: number): CallDraft {
  const moves = movesOf(situation, effort);
  const move = moves[done % moves.length] ?? "kick";
  const seed = randomAt(situation.seed, "exploration").int(1_000_000);
  const tries = effort.tries === null ? "" : `, tries=${effort.tries}`;
  return draftRunCode(`${EXPLORE}${move}, seed=${seed}${tries}))`, `explore ${move}: ${MOVES[move]}`);
}

function draftPolish(): CallDraft {
  return draftRunCode(POLISH, "polish: Newton's method on what is active");
}

function draftRetrace({ move, seed, tries, helped, ...from }: Exploration): CallDraft {
  const [start, end] = showChange(from.start, from.end);
  const steps = helped.length === 1 ? "1 step" : `${helped.length} steps`;
  const source = [
    `# ${steps} of ${tries} tries led the objective from ${start} to ${end}; only these are repeated here`,
    `${RETRACE}submission, search.${move}, seed=${seed}, tries=[${helped.join(", ")}])`,
  ];
  return draftRunCode(source.join("\n"), `${move}: objective ${start} -> ${end}`);
}

/** What the result of an exploration reports; empty for any other call. */
function explorationsOf(call: AnsweredCall): readonly Exploration[] {
  return isExploration(call) ? readExplorations(call.text) : [];
}

function isExploration(call: AnsweredCall): boolean {
  return sourceOf(call).startsWith(EXPLORE);
}

function describeExploration({ move, seed, tries, helped, ...from }: Exploration): string {
  const [start, end] = showChange(from.start, from.end);
  const outcome =
    helped.length > 0
      ? `${helped.length} helped, objective ${start} -> ${end}`
      : `none helped, the objective stays ${start}`;
  return `Explored ${move} (${MOVES[move]}), ${tries} tries with seed ${seed}: ${outcome}.`;
}
