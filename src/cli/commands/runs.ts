// Owns: `nbevolve runs`: the run directories in a folder, a line for each. Only reads.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { messageOf, RunError } from "../../core/errors.ts";
import { pathWord } from "../../core/shell-words.ts";
import { readRun, showNumber, type RunRecord } from "../../history/index.ts";
import { holdsRun } from "../../store/index.ts";
import { dateText, proposalsText } from "../terminal/run-facts.ts";
import { alignColumns, print, printJson } from "../terminal/screen.ts";

/** What is listed of a run. */
type RunLine = Pick<
  RunRecord,
  "best" | "bestKnown" | "proposals" | "injected" | "state" | "stopped" | "startedMs"
> & { readonly dir: string; readonly task: string };

export function defineRunsCommand(command: Command): void {
  command
    .argument("[dir]", "The folder with run directories.", "runs")
    .option("--json", "Print the list as JSON.")
    .action(async (dir: string, { json }: { readonly json?: boolean }) => {
      const { lines, problems } = await readRuns(dir);
      if (json === true) return printJson(lines);
      print([...table(lines), ...problems].join("\n"));
    });
}

/** The latest first; what cannot be read is a problem in words. @throws RunError `run-missing`. */
async function readRuns(folder: string) {
  if (!existsSync(folder))
    throw new RunError(
      "run-missing",
      `there is no folder ${folder}: runs are made in ./runs unless --dir says otherwise`,
    );
  const names = holdsRun(folder) ? ["."] : readdirSync(folder).filter((name) => holdsRun(join(folder, name)));
  const lines: RunLine[] = [];
  const problems: string[] = [];
  for (const name of names) {
    const dir = join(folder, name);
    try {
      lines.push(lineOf(await readRun(dir), dir));
    } catch (error) {
      problems.push(`${pathWord(dir)}: ${messageOf(error)}`);
    }
  }
  lines.sort((a, b) => (b.startedMs ?? 0) - (a.startedMs ?? 0));
  return { lines, problems };
}

function lineOf(record: RunRecord, dir: string): RunLine {
  const { best, bestKnown, proposals, injected, state, stopped, startedMs } = record;
  const { name } = record.task;
  return { dir, task: name, best, bestKnown, proposals, injected, state, stopped, startedMs };
}

const STATES = { live: "under way", interrupted: "not finished", finished: "finished" } as const;
const STANDINGS = { better: "better than known", equal: "the best known", short: "" } as const;

function table(lines: readonly RunLine[]): readonly string[] {
  if (lines.length === 0) return ["No runs are here."];
  const rows = lines.map((line) => [
    pathWord(line.dir),
    line.task,
    showNumber(line.best.score),
    line.bestKnown === null ? "" : STANDINGS[line.bestKnown.how],
    proposalsText(line),
    STATES[line.state],
    line.startedMs === null ? "" : dateText(line.startedMs),
  ]);
  return alignColumns([["run", "task", "best", "", "", "", "begun"], ...rows]);
}
