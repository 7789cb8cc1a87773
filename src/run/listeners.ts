// Owns: the functions that a caller has called with a run's events, and what becomes of an error of theirs. Never decides when.
import { captureRejectionSymbol, EventEmitter } from "node:events";
import { messageOf, RunError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest-word.ts";
import { checkValue, OPTION } from "../core/options.ts";
import { partFailure } from "../core/own-part.ts";
import { EVENT_TYPES } from "../core/run/event-types.ts";
import type { History } from "../core/run/history.ts";
import type { RunEvent } from "../contracts/index.ts";
import { runBest, type RunBranch } from "../history/index.ts";
import { streamEvent, type StreamEvent } from "./event-stream.ts";

/** What `run.on(name, listener)` calls its listener with, by name: each event of the journal, and `best`. */
export type RunListeners = { readonly [T in RunEvent["type"]]: StreamEvent<T> } & {
  /** Another branch is the best now: the founder of a new run, a better branch, or the next best where one was refuted. */
  readonly best: RunBranch;
};

const NAMES: Readonly<Record<keyof RunListeners, true>> = { best: true, ...EVENT_TYPES };

export interface ListenerDesk {
  /** @throws RunError `bad-option` for a name that no event has. */
  readonly on: <N extends keyof RunListeners>(
    name: N,
    listener: (told: RunListeners[N]) => unknown,
  ) => () => void;
  /** An event was kept, and the run is so with it. `past`: an earlier session kept it, and nobody is told. */
  see(run: History, event: RunEvent, past: boolean): void;
}

/** `fail` hears what a listener threw or rejected with, as a RunError; after that no listener is called. */
export function listenerDesk(dir: string, fail: (error: RunError) => void): ListenerDesk {
  let bestId: string | null = null;
  let hasFailed = false;
  const emitter = new EventEmitter({ captureRejections: true });
  emitter.setMaxListeners(0);
  const failBy = (name: string, cause: unknown): void => {
    hasFailed = true;
    fail(partFailure({ kind: "listener", name }, `threw: ${messageOf(cause)}`, cause));
  };
  Object.assign(emitter, {
    [captureRejectionSymbol]: (cause: unknown, name: string) => failBy(name, cause),
  });
  const tell = (name: keyof RunListeners, told: unknown): void => {
    if (hasFailed) return;
    try {
      emitter.emit(name, told);
    } catch (cause) {
      failBy(name, cause);
    }
  };
  return {
    on(name, listener) {
      if (!Object.hasOwn(NAMES, name)) {
        const hint = didYouMean(name, Object.keys(NAMES)) || `; there are ${Object.keys(NAMES).join(", ")}`;
        throw new RunError("bad-option", `run.on: there is no event "${name}"${hint}`);
      }
      checkValue("run.on: listener", listener, OPTION.callback);
      emitter.on(name, listener);
      return () => void emitter.off(name, listener);
    },
    see(run, event, past) {
      const isBetter = bestId !== run.best.id;
      bestId = run.best.id;
      if (past) return;
      tell(event.type, streamEvent(event, run.events - 1));
      if (isBetter) tell("best", runBest(dir, run));
    },
  };
}
