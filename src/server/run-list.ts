// Owns: the runs that a page can open: one, or those in a folder, and what is known of each. Only reads.
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { messageOf, RunError } from "../core/errors.ts";
import type { History } from "../core/run/history.ts";
import { listedFacts } from "../history/listed-run.ts";
import { readHistory } from "../history/read-history.ts";
import { readTask, standingNow } from "../history/read-run.ts";
import { holdsRun, openRunStore } from "../store/index.ts";
import type { ListedRun } from "../contracts/index.ts";
import { nameOption } from "../core/shell-words.ts";

/** The runs in a place. */
export interface RunList {
  /** As a title. */
  readonly title: string;
  /** The directory of a run, absolute; null where there is none of that name. */
  dirOf(name: string): string | null;
  /** What is known now, in the order of names; `refresh` learns more. */
  runs(): readonly ListedRun[];
  /** Resolves when all that is there was read. */
  refresh(): Promise<void>;
}

/** The run in the directory, or the runs in the folder. @throws RunError `run-missing`. */
export function listRuns(dir: string): RunList {
  const place = resolve(dir);
  if (!existsSync(place))
    throw new RunError(
      "run-missing",
      `there is no folder ${dir}: runs are made in ./runs unless ${nameOption("--dir", "dir")} says otherwise`,
    );
  return holdsRun(place) ? listOf(place, dirname(place), () => [basename(place)]) : folderOf(place);
}

/** The list of one run, which may not have begun. */
export function listOneRun(dir: string): RunList {
  const place = resolve(dir);
  return listOf(place, dirname(place), () => [basename(place)]);
}

/** Names are folders' own, so that none leads elsewhere. */
function folderOf(place: string): RunList {
  return listOf(place, place, () =>
    readdirSync(place, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && holdsRun(join(place, entry.name)))
      .map(({ name }) => name)
      .toSorted(),
  );
}

function listOf(place: string, parent: string, names: () => readonly string[]): RunList {
  const known = new Map<string, { readonly listed: ListedRun; readonly history: History | null }>();
  let reading: Promise<void> | null = null;

  async function readAll(): Promise<void> {
    for (const name of names()) {
      try {
        known.set(name, await readOne(join(parent, name), name, known.get(name)?.history ?? null));
      } catch (problem) {
        known.set(name, { listed: { name, problem: messageOf(problem), facts: null }, history: null });
      }
    }
  }

  return {
    title: basename(place),
    dirOf: (name) => (names().includes(name) ? join(parent, name) : null),
    runs: () => names().map((name) => known.get(name)?.listed ?? { name, problem: null, facts: null }),
    refresh() {
      reading ??= readAll().finally(() => {
        reading = null;
      });
      return reading;
    },
  };
}

/** Goes on from the history that is known. */
async function readOne(dir: string, name: string, since: History | null) {
  await using store = await openRunStore(dir, { mode: "read" });
  const history = await readHistory(store, { since: since ?? undefined });
  const task = await readTask(store, history);
  const standing = await standingNow(store.dir, history);
  return { listed: { name, problem: null, facts: listedFacts(history, task, standing) }, history };
}
