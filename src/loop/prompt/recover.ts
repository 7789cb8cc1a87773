// Owns: what a prompt keeps of turns that failed: a second failure in a row, and both are taken out of it, so that the model
// begins anew from what was last good. The journal keeps every turn. A function of the turns alone.
import { errorLine } from "../../core/notebook/cell-digest.ts";
import { clipLines } from "../../core/output/clip.ts";
import type { TurnRecord } from "../../contracts/index.ts";

/** The context log as it was before the first of the failures that the last turns were. */
export interface Recovery<S> {
  /** Null: the last turn was no failure. */
  readonly good: S | null;
  /** What the failed turns said, oldest first. */
  readonly failures: readonly string[];
}

export const NO_FAILURE: Recovery<never> = { good: null, failures: [] };

/** Failures in a row from which on they are left out of the prompt. */
const LEAVE_OUT_FROM = 2;
/** Failures that are told of. */
const MOST_TOLD = 3;
/** For a request after so many failures that a likely reply would only repeat them. */
const BOLD_TEMPERATURE = 1;

/** After a turn. `before`: the log that the turn's reply answered; `isPlan`: its words were asked for. */
export function noteTurn<S>(known: Recovery<S>, record: TurnRecord, before: S, isPlan: boolean): Recovery<S> {
  const failure = isPlan ? null : describeFailure(record);
  if (failure === null) return NO_FAILURE;
  return { good: known.good ?? before, failures: [...known.failures, failure] };
}

/** Where to go on instead of after the failed turns, and what to say there; null: go on after them. */
export function planRecovery<S>({ good, failures }: Recovery<S>): { log: S; told: string } | null {
  if (good === null || failures.length < LEAVE_OUT_FROM) return null;
  const told = [...new Set(failures)].slice(-MOST_TOLD).map((line) => `- ${line}`);
  const lines = [`The last ${failures.length} attempts failed and are left out here:`, ...told];
  return { log: good, told: [...lines, "Begin anew, in another and simpler way."].join("\n") };
}

/** How bold the next reply may be; undefined: as the model is set up. */
export function chooseTemperature({ failures }: Recovery<unknown>): number | undefined {
  return failures.length >= LEAVE_OUT_FROM ? BOLD_TEMPERATURE : undefined;
}

/** One line; null for a turn that did something. */
function describeFailure({ results, told = "" }: TurnRecord): string | null {
  if (results.some(({ isError }) => !isError)) return null;
  const [first] = results
    .flatMap(({ edits }) => edits)
    .flatMap((edit) => {
      if (edit.type !== "cell-ran" || edit.status === "ok") return [];
      const error = edit.outputs.findLast((output) => output.output_type === "error");
      return error === undefined ? `the cell was ${edit.status}` : errorLine(error.ename, error.evalue);
    });
  const refused = results[0]?.content.flatMap((part) => (part.type === "text" ? part.text : [])).join(" ");
  return clipLines(first ?? refused ?? told, 1, 200);
}
