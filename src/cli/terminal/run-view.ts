// Owns: showing runs while they go on: the events of each as lines, and its status below them.
import { ownCommand } from "../../core/shell-words.ts";
import type { RunHandle } from "../../run/run-options.ts";
import type { RunEvent } from "../../contracts/index.ts";
import { shownPath } from "../session-end.ts";
import { liveView, type LiveView } from "./live-view.ts";
import type { NoticeBoard } from "./notice-board.ts";
import { followEvent, noProgress, type RunProgress } from "./progress.ts";
import { statusLines } from "./status.ts";

export interface RunView extends LiveView {
  /** Shows a run from now on, in place of any before it. Resolves once its last event is shown. */
  follow(handle: RunHandle, options?: FollowedRun): Promise<void>;
  /** What is done after the last event: the view must not stand still without a word. */
  sayAfter(what: string): void;
}

export interface FollowedRun {
  /** A line above the status. Default none. */
  readonly title?: string;
  /** Whether its events are told in lines. Default true. */
  readonly told?: boolean;
  /** The run's events, where the caller sees them first. Default: those of the handle. */
  readonly events?: AsyncIterable<RunEvent>;
}

/** `board`: the model's troubles; their lines go to this view. */
export function openRunView(board: NoticeBoard): RunView {
  const began = performance.now();
  let progress: RunProgress = noProgress;
  let shown: { readonly handle: RunHandle; readonly title: string; readonly since: number } | null = null;
  let said: string | null = null;
  const status = (columns: number): readonly string[] => {
    const now = performance.now();
    const trouble = board.status(now);
    const more = trouble === null ? [] : [`  ${trouble}`];
    if (shown === null) return [`starting, ${((now - began) / 1000).toFixed(0)} s`, ...more];
    const { handle, title, since } = shown;
    const unpause = ownCommand("unpause", shownPath(handle.dir));
    const facts = { handle, progress, now, unpause, seconds: (now - since) / 1000, after: said };
    return [...(title === "" ? [] : [title]), ...statusLines(facts, columns), ...more];
  };
  const view = liveView(status);
  board.showOn((line) => view.line(line));
  return {
    ...view,
    sayAfter(what) {
      said = what;
    },
    async follow(handle, { title = "", told = true, events = handle.events() } = {}) {
      [progress, said] = [noProgress, null];
      shown = { handle, title, since: performance.now() };
      for await (const event of events) {
        if (told && event.type === "run-started")
          view.line(`run directory: ${shownPath(handle.dir)} (seed ${event.seed})`);
        const next = followEvent(progress, event, performance.now(), handle.task);
        progress = next.progress;
        const isNew = (progress.history?.events ?? 0) > (handle.before?.events ?? 0);
        if (told && isNew && next.line !== null) view.line(next.line);
      }
    },
  };
}
