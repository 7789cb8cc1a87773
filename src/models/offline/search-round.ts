// Owns: a round of search on a task that declares `problem`: which cells to run, what to keep, how to close.
// An exploration changes nothing and is dropped; what helped is repeated alone, so that children replay little.
import { randomAt } from "../../core/random.ts";
import { act, finish, runCode, type Action, type Situation, type CallDraft } from "./action.ts";
import { lastLine, sourceOf, type Exchange } from "./conversation.ts";
import { explorationsIn, talliesIn, tallyLine, type Exploration } from "./memory.ts";
import { chooseMoves, isMove, MOVES, type MoveName } from "./portfolio.ts";
import { searchTools } from "./python-source.ts";

const TOOLS = searchTools();
const TOOLS_COMMENT = "offline search tools: class Search";
const EXPLORE = "print(search.explore(submission, search.";
const RETRACE = "submission = search.retrace(";
const POLISH = "submission = search.polished(submission)";

/** The moves that this round explores, in order: those that its plan names, where it is shown. */
export function movesOf(situation: Situation): readonly MoveName[] {
  const planned = [...situation.plan.matchAll(/^\d+\. (\w+):/gm)].flatMap(([, name = ""]) =>
    isMove(name) ? [name] : [],
  );
  if (planned.length > 0) return planned;
  return chooseMoves(talliesIn(situation.text), situation.explorations, randomAt(situation.seed, "moves"));
}

/** The next step of the round. */
export function searchAction(situation: Situation): Action {
  const last = situation.exchanges.at(-1);
  if (last === undefined) return act(toolsAreThere(situation) ? explore(situation, 0) : tools());
  if (last.isError) {
    const wanting =
      /NameError: name 'search' is not defined/.test(last.text) && !situation.exchanges.some(isTools);
    return act(wanting ? tools() : close(situation));
  }
  const [found] = explored(last);
  if (found !== undefined && found.helped.length > 0) return act(retrace(found));
  const done = situation.exchanges.filter((exchange) => isExploration(exchange) && !exchange.isError).length;
  if (done < movesOf(situation).length) return act(explore(situation, done));
  const improved = situation.exchanges.some((exchange) => sourceOf(exchange).includes(RETRACE));
  return act(improved && sourceOf(last) !== POLISH ? polish() : close(situation));
}

/** The closing call: a summary in words and numbers, the explorations and failures dropped. */
export function close({ exchanges, text }: Situation): CallDraft {
  const failed = exchanges.filter(({ isError }) => isError);
  const summary = [
    ...exchanges.flatMap(explored).map(described),
    ...failed.map(({ cell, text }) => `${cell ?? "A call"} failed: ${lastLine(text)}`),
  ];
  if (summary.length === 0) summary.push("Nothing was explored in this round.");
  const lines = [...summary, tallyLine(talliesIn(text))].filter((line) => line !== "");
  const idle = exchanges.filter((exchange) => isExploration(exchange) || polishedNothing(exchange));
  return finish(
    lines.join("\n"),
    [...idle, ...failed].map(({ cell }) => cell),
  );
}

function polishedNothing(exchange: Exchange): boolean {
  return sourceOf(exchange) === POLISH && exchange.text.includes("offline: nothing to polish");
}

function toolsAreThere({ text }: Situation): boolean {
  return text.includes(TOOLS_COMMENT) || text.includes("search.retrace(") || text.includes("class Search(");
}

function tools(): CallDraft {
  return runCode(TOOLS, TOOLS_COMMENT);
}

function explore(situation: Situation, done: number): CallDraft {
  const moves = movesOf(situation);
  const move = moves[done % moves.length] ?? "kick";
  const seed = randomAt(situation.seed, "exploration").int(1_000_000);
  const tries = situation.tries === null ? "" : `, tries=${situation.tries}`;
  return runCode(`${EXPLORE}${move}, seed=${seed}${tries}))`, `explore ${move}: ${MOVES[move]}`);
}

function polish(): CallDraft {
  return runCode(POLISH, "polish: Newton's method on what is active");
}

function retrace({ move, seed, tries, start, end, helped }: Exploration): CallDraft {
  const steps = helped.length === 1 ? "1 step" : `${helped.length} steps`;
  const source = [
    `# ${steps} of ${tries} tries led from ${start} to ${end}; only these are repeated here`,
    `${RETRACE}submission, search.${move}, seed=${seed}, tries=[${helped.join(", ")}])`,
  ];
  return runCode(source.join("\n"), `${move}: ${start} -> ${end}`);
}

/** What an exploration's result reports; empty for any other exchange. */
function explored(exchange: Exchange): readonly Exploration[] {
  return isExploration(exchange) ? explorationsIn(exchange.text) : [];
}

function isExploration(exchange: Exchange): boolean {
  return sourceOf(exchange).startsWith(EXPLORE);
}

function isTools(exchange: Exchange): boolean {
  return sourceOf(exchange) === TOOLS;
}

function described({ move, seed, tries, start, end, helped }: Exploration): string {
  const outcome =
    helped.length > 0 ? `${helped.length} helped, ${start} -> ${end}` : `none helped, ${start} stays`;
  return `Explored ${move} (${MOVES[move]}), ${tries} tries with seed ${seed}: ${outcome}.`;
}
