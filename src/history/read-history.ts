// Owns: reading a run, from its directory or its journal, into a History: at once, event by event, or as it goes on.
import { setTimeout as pause } from "node:timers/promises";
import { checkOptions, OPTION, type OptionKinds } from "../core/options.ts";
import { RunError } from "../core/errors.ts";
import { nameOption, ownCommand, pathWord } from "../core/shell-words.ts";
import type { History } from "../core/run/history.ts";
import { reduceHistory } from "../core/run/reduce-history.ts";
import type { Journal, RunEvent } from "../contracts/index.ts";
import { openRunStore, type Link, type RunStore } from "../store/index.ts";

/** A run: its directory, its opened store, or any journal. Only a store knows the time of each event. */
export type HistorySource = string | Pick<RunStore, "dir" | "readTimed"> | Pick<Journal, "read">;

/** One event of a run, and what the run amounts to with it. */
export interface HistoryStep {
  /** Position in the journal, from 0. */
  readonly seq: number;
  readonly event: RunEvent;
  /** Whether it follows from the event before it; null where the journal is no store's. */
  readonly link: Link | null;
  readonly history: History;
}

/** What part of a run is read. */
export interface ReadOptions {
  /** A history of the same run to go on from: reading begins with the event after it. */
  readonly since?: History | undefined;
}

const READ_OPTIONS: OptionKinds<ReadOptions> = { since: OPTION.record };

/** How a run is followed. */
export interface FollowOptions extends ReadOptions {
  /** Ends the steps; the only thing that does, since a run that has stopped may be resumed. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks at the journal. Default 200. */
  readonly everyMs?: number | undefined;
}

/** What part of a run is read, and who sees each step. */
export interface ReadHistoryOptions extends ReadOptions {
  /** Sees every step on the way. */
  readonly onStep?: ((step: HistoryStep) => void) | undefined;
}

/** The whole run as it is now. @throws RunError `run-missing` when its founder was never scored. */
export async function readHistory(source: HistorySource, options: ReadHistoryOptions = {}): Promise<History> {
  checkOptions("readHistory", options, { ...READ_OPTIONS, onStep: OPTION.callback });
  const { since, onStep } = options;
  let history = since ?? null;
  for await (const step of readSteps(source, { since })) {
    history = step.history;
    onStep?.(step);
  }
  if (history !== null) return history;
  const dir = typeof source === "string" ? source : "dir" in source ? source.dir : null;
  const where = dir === null ? [] : ["--dir", pathWord(dir)];
  const remedy = `Start it again with: ${nameOption(ownCommand("run", "TASK", ...where), "startRun")}`;
  throw new RunError(
    "run-missing",
    `${dir ?? "the journal"} holds no run: its founder was never scored. ${remedy}`,
  );
}

/** Every event that the run has now, each with the history up to it. @throws RunError `run-missing` | `run-corrupt`. */
export async function* readSteps(
  source: HistorySource,
  options: ReadOptions = {},
): AsyncGenerator<HistoryStep, void, undefined> {
  checkOptions("readSteps", options, READ_OPTIONS);
  const { since } = options;
  if (typeof source !== "string") return yield* stepsOf(source, since ?? null);
  await using store = await openRunStore(source, { mode: "read" });
  yield* stepsOf(store, since ?? null);
}

/** As `readSteps`, and then each event that is appended, by this process or another, until the signal is aborted. */
export async function* followHistory(
  source: HistorySource,
  options: FollowOptions,
): AsyncGenerator<HistoryStep, void, undefined> {
  const kinds = { ...READ_OPTIONS, signal: OPTION.signal, everyMs: OPTION.positive };
  checkOptions("followHistory", options, kinds, ["signal"]);
  const { since, signal, everyMs = 200 } = options;
  await using opened = typeof source === "string" ? await openRunStore(source, { mode: "read" }) : null;
  const journal = typeof source === "string" ? opened : source;
  let history = since ?? null;
  while (journal !== null && !signal.aborted) {
    for await (const step of stepsOf(journal, history)) {
      history = step.history;
      yield step;
      if (signal.aborted) return;
    }
    await pause(everyMs, undefined, { signal }).catch(() => undefined); // an abort ends the loop, and is no error
  }
}

async function* stepsOf(
  journal: Exclude<HistorySource, string>,
  since: History | null,
): AsyncGenerator<HistoryStep, void, undefined> {
  let history = since;
  for await (const { event, timeMs, link } of timedEvents(journal, since?.events ?? 0)) {
    history = reduceHistory(history, event, timeMs);
    yield { seq: history.events - 1, event, link, history };
  }
}

async function* timedEvents(
  journal: Exclude<HistorySource, string>,
  from: number,
): AsyncGenerator<Pick<HistoryStep, "event" | "link"> & { readonly timeMs: number | null }, void, undefined> {
  if ("readTimed" in journal)
    for await (const { event, at, link } of journal.readTimed(from))
      yield { event, timeMs: Date.parse(at), link };
  else for await (const event of journal.read(from)) yield { event, timeMs: null, link: null };
}
