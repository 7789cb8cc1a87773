// Owns: the library's front door: starts a run, or resumes the one in a directory, and hands out what is known of it.
import { setMaxListeners } from "node:events";
import { checkOptions } from "../core/options.ts";
import { runBest, totalsOf } from "../history/index.ts";
import { openRunStore } from "../store/index.ts";
import type { RunError } from "../core/errors.ts";
import { watchWork } from "../loop/at-work.ts";
import { eventStream } from "./event-stream.ts";
import { playSession, type SessionParts, type SessionState } from "./play-session.ts";
import { listenerDesk } from "./listeners.ts";
import { openRunDirectory } from "./run-directory.ts";
import { withNextStep } from "./session-notes.ts";
import { serveOneRun } from "../server/serve-runs.ts";
import { RUN_OPTIONS, type RunHandle, type RunOptions } from "./run-options.ts";

const STOPPED = Symbol("stopped");

/** Starts a run, or resumes the one in `dir`. @throws RunError when an option is wrong. */
export function startRun(options: RunOptions): RunHandle {
  checkOptions("startRun", options, RUN_OPTIONS, ["model"]);
  const directory = openRunDirectory(options);
  const { dir } = directory;
  const stopper = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stopper.signal]) : stopper.signal;
  // Every episode, cell and request listens: many are no leak.
  setMaxListeners(0, signal);
  const stream = eventStream(() => openRunStore(dir, { mode: "read" }));
  const live: SessionState = {
    ...{ run: null, before: null, budget: null, task: null, playingSince: null },
    work: watchWork(),
  };
  const began = performance.now();
  let ended: number | null = null;
  let isOver = false;
  let failure: RunError | null = null;
  const listeners = listenerDesk(dir, (error) => {
    // Once nobody waits for the run any more, Node says what nobody caught.
    if (isOver)
      queueMicrotask(() => {
        throw error;
      });
    failure ??= error;
    stopper.abort(failure);
  });
  const see: SessionParts["see"] = (run, event, past) => {
    listeners.see(run, event, past);
    if (!past) stream.wake();
  };
  const done = playSession(options, { directory, live, signal, see })
    .catch((error: unknown) => {
      if (stopper.signal.aborted && error === STOPPED) return live.run;
      throw error;
    })
    .finally(() => {
      ended = performance.now();
      stream.end(live.run !== null);
    })
    .then((run) => {
      // It failed on the last events of a session that had come to its end.
      if (failure !== null) throw withNextStep(failure, dir, run?.settings ?? null);
      return { dir, ...totalsOf(dir, run), seconds: (performance.now() - began) / 1000 };
    })
    .finally(() => {
      isOver = true;
    });
  done.catch(() => undefined); // the caller may listen later, or only to events()
  return {
    dir,
    get state() {
      return live.run;
    },
    get before() {
      return live.before;
    },
    get task() {
      return live.task;
    },
    get budget() {
      return live.budget;
    },
    get budgetSeconds() {
      return live.playingSince === null ? 0 : ((ended ?? performance.now()) - live.playingSince) / 1000;
    },
    atWork: live.work.episodes,
    get reproducing() {
      return live.work.reproducing;
    },
    get best() {
      return live.run === null ? null : runBest(dir, live.run);
    },
    events: () => stream.read(),
    on: listeners.on,
    ui: (served) => serveOneRun(dir, served),
    done,
    async stop() {
      stopper.abort(STOPPED);
      return done;
    },
  };
}
