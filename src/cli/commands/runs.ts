// Owns: `nbevolve runs`: the run directories in a folder, a line for each. Only reads.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { messageOf, RunError } from "../../core/errors.ts";
import { pathWord } from "../../core/shell-words.ts";
import type { Task } from "../../contracts/index.ts";
import { bestKnownFacts, ownScore, readHistory, showNumber } from "../../history/index.ts";
import { readJson } from "../../loop/json-blob.ts";
import { holdsRun, liveSession, openRunStore } from "../../store/index.ts";
import { dateText, proposalsText } from "../terminal/run-facts.ts";
import { alignColumns, print, printJson } from "../terminal/screen.ts";

interface RunLine {
  readonly dir: string;
  readonly task: string;
  readonly best: number;
  /** How the best stands to the best known score; null where none is known. */
  readonly standing: "better" | "equal" | "short" | null;
  readonly proposals: string;
  readonly state: string;
  readonly startedMs: number | null;
}

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
      lines.push(await readRun(dir));
    } catch (error) {
      problems.push(`${pathWord(dir)}: ${messageOf(error)}`);
    }
  }
  lines.sort((a, b) => (b.startedMs ?? 0) - (a.startedMs ?? 0));
  return { lines, problems };
}

async function readRun(dir: string): Promise<RunLine> {
  await using store = await openRunStore(dir, { mode: "read" });
  const history = await readHistory(store);
  const task = await readJson<Task>(store, history.task);
  const best = ownScore(history.best.score);
  const isLive = (await liveSession(store.dir)) !== null;
  return {
    dir: pathWord(dir),
    task: task.name,
    best,
    standing: bestKnownFacts(task, best)?.how ?? null,
    proposals: proposalsText(history),
    state: isLive ? "under way" : history.stopped === null ? "not finished" : "finished",
    startedMs: history.startedMs,
  };
}

const STANDINGS = { better: "better than known", equal: "the best known", short: "" } as const;

function table(lines: readonly RunLine[]): readonly string[] {
  if (lines.length === 0) return ["No runs are here."];
  const rows = lines.map(({ dir, task, best, standing, proposals, state, startedMs }) => [
    dir,
    task,
    showNumber(best),
    standing === null ? "" : STANDINGS[standing],
    proposals,
    state,
    startedMs === null ? "" : dateText(startedMs),
  ]);
  return alignColumns([["run", "task", "best", "", "", "", "begun"], ...rows]);
}
