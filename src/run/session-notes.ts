// Owns: the notes on a session of a run for people: its goal, where its cells run, which hosts
// were refused, and how to go on after a part failed.
// Never decides what is refused.
import { RunError } from "../core/errors.ts";
import { isPartFailure } from "../core/own-part.ts";
import { recordOf } from "../core/untrusted.ts";
import { leftOutOfBox } from "../machine/sandbox/handed-in.ts";
import type { KernelEvent } from "../kernels/kernel-options.ts";
import { remoteAddress } from "../kernels/remote/remote-address.ts";
import type { JsonObject, LanguageModel, Task } from "../contracts/index.ts";
import { describeOtherReaders, stateDirectory, type RunStore } from "../store/index.ts";
import { shownGuide } from "../shipped.ts";
import { declaresProblem } from "./model-parts.ts";
import type { RunOptions } from "./run-options.ts";
import { nameOption } from "../core/shell-words.ts";

/** What is out of the ordinary about the run directory: who else may look into it, and what was moved out of the way. */
export function directoryNotes({ dir, keptIn }: Pick<RunStore, "dir" | "keptIn">): readonly string[] {
  const readers = describeOtherReaders(dir);
  const kept =
    keptIn === null
      ? []
      : [
          `run.db does not hold all of what its readable files told of: it is an older copy, or was lost. They were moved to ${keptIn}`,
        ];
  return [...kept, ...(readers === null ? [] : [readers])];
}

/** For a new run: that it cannot be told from one of somebody else's, where that is so. */
export function markNotes(store: Pick<RunStore, "isTrusted">): readonly string[] {
  if (store.isTrusted()) return [];
  return [
    `The run is not marked as made here: no key could be kept in ${stateDirectory()}. When it is resumed it counts as somebody ` +
      `else's, and may need ${nameOption("--trust", "trust: true")}. NBEVOLVE_STATE names another folder.`,
  ];
}

/** What a new run is to reach. */
export function goalNote({ name, direction, bestKnown }: Task, target: number | null): string {
  const known = bestKnown === undefined ? "" : `; the best known is ${bestKnown}`;
  const until =
    target === null ? "" : target === bestKnown ? "; the run stops there" : `; the run stops at ${target}`;
  return `${name}: ${direction} the score${known}${until}`;
}

/** For the offline model, how it searches where the task declares no problem. */
export function searchNotes(task: Task, model: LanguageModel): readonly string[] {
  if (model.name !== "offline" || declaresProblem(task)) return [];
  return [
    "The offline model searches this task's numbers by asking its verifier. Where that is slow, or they are many, a `problem` in its " +
      `setup is searched far better: ${shownGuide("searchable-problems.md")} tells how; or give a language model with ${nameOption("--model", "model")}.`,
  ];
}

/** Where the cells of this session run, and what they may reach, where that is out of the ordinary. */
export function kernelNotes(
  { server, allowNetwork, fork, env }: Pick<RunOptions, "server" | "allowNetwork" | "fork" | "env">,
  sandbox: "on" | "off",
): readonly string[] {
  const notes: string[] = [];
  if (allowNetwork === true && sandbox === "on")
    notes.push("network: cells share this machine's network, its own services and private networks included");
  const left = sandbox === "on" && server === undefined ? leftOutOfBox({ env }) : [];
  if (left.length > 0)
    notes.push(
      `${left.join(", ")}: set here, and not seen in the sandbox; ${nameOption("--env NAME", "env")} hands a variable in, ${nameOption("--read FOLDER", "read")} shows a folder`,
    );
  if (server !== undefined)
    notes.push(
      `kernels: on ${remoteAddress(server).base}. NO SANDBOX OF NBEVOLVE'S IS AROUND THEM: cells can do what that server lets them do`,
    );
  else if (fork !== false && process.platform !== "linux")
    notes.push("Kernels are not forked here (that needs Linux): children's states are replayed.");
  return notes;
}

/**
 * The error of a part of the user's own, with how to go on once it is mended; any other error as it is. `settings`: those
 * of the run that is kept in `dir`; null: none is. How a run of the command line goes on, the command line knows.
 */
export function withNextStep(error: unknown, dir: string, settings: JsonObject | null): unknown {
  if (!isPartFailure(error)) return error;
  if (recordOf(settings?.["origin"])["model"] !== undefined) return error;
  const next =
    settings === null
      ? "Then start the run again: it had not begun, and nothing of it is kept."
      : `The run is kept; go on with: startRun({ dir: ${JSON.stringify(dir)}, ... })`;
  return new RunError(error.code, `${error.message} ${next}`, { cause: error });
}

export interface NetworkReport extends Disposable {
  readonly onEvent: (event: KernelEvent) => void;
}

const MOST_HOSTS = 20;

/** Reports what does not keep kernels apart here; each refused host once, as it happens, and the counts when it is disposed of. */
export function reportNetwork(tell: (line: string) => void = () => undefined): NetworkReport {
  const counts = new Map<string, number>();
  return {
    onEvent(event) {
      if (event.type === "isolation-gap") tell(`sandbox: ${event.reason}`);
      if (event.type !== "network-refused") return;
      const count = counts.get(event.target) ?? 0;
      counts.set(event.target, count + 1);
      if (count === 0 && counts.size <= MOST_HOSTS) tell(`network: refused ${event.target}: ${event.reason}`);
    },
    [Symbol.dispose]() {
      const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
      if (all === 0) return;
      const most = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, MOST_HOSTS);
      const hosts = most.map(([target, count]) => `${target} (${count})`).join(", ");
      tell(`network: ${all} requests of cells were refused: ${hosts}`);
    },
  };
}
