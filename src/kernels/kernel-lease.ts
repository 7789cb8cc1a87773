// Owns: one episode's right to a live kernel, and the record of what ran on it. Never restores and never starts one.
import pLimit from "p-limit";
import type {
  Evaluation,
  ExecuteOptions,
  Execution,
  KernelLease,
  KernelState,
  Submission,
} from "../contracts/kernel.ts";
import { callKernelHelper } from "./jupyter/kernel-helper.ts";
import type { LiveKernel } from "./jupyter/live-kernel.ts";
import { recordOf, textOf } from "./jupyter/untrusted-message.ts";
import type { OutputLimits } from "./jupyter/output-budget.ts";
import { replayable, stateKey } from "./states/recipes.ts";
import type { Step } from "./states/recipes.ts";
import type { RestoredKernel } from "./states/restore.ts";
import { describe, descriptionOf } from "./states/state-digest.ts";
import { runCell } from "./jupyter/run-cell.ts";

export interface LeaseOptions {
  readonly limits: OutputLimits;
  /** Takes the kernel back: `key` names the state that it surely holds; null when it is worth nothing. */
  readonly giveBack: (from: RestoredKernel, key: string | null) => Promise<void>;
  /** Makes a template of the kernel, which holds just these steps; where that cannot be had, nothing happens. */
  readonly template: (kernel: LiveKernel, steps: readonly Step[], options: ExecuteOptions) => Promise<void>;
  /** Another kernel with these steps in place of one that hung since it was forked. */
  readonly recover: (
    hung: RestoredKernel,
    steps: readonly Step[],
    options: ExecuteOptions,
  ) => Promise<RestoredKernel>;
}

export function kernelLease(first: RestoredKernel, options: LeaseOptions): KernelLease {
  let from = first;
  // Never changed in place: templates and kept states hold on to what it was.
  let executed: readonly Step[] = from.executed;
  /** The state that the pool may keep: known exactly, and asked for. */
  let marked = from.restored.differences.length === 0 && executed.length > 0 ? stateKey(executed) : null;
  /** False once something ran that left no exact state: stopped half-way. */
  let exact = true;
  let givenBack: Promise<void> | undefined;
  // A kernel runs one request at a time; a deadline begins when its request's turn has come.
  const oneAtATime = pLimit(1);

  const execute = async (source: string, execution: ExecuteOptions): Promise<Execution> => {
    let done: Execution | undefined;
    try {
      done = await runCell(from.kernel, source, execution, options.limits);
      // What takes its place may be a fork as well, of an earlier state. Each that hangs is the last of its kind.
      while (from.kernel.hung()) {
        from = await options.recover(from, executed, execution);
        executed = from.executed;
        done = await runCell(from.kernel, source, execution, options.limits);
      }
    } finally {
      const { status, durationMs } = done ?? { status: "died", durationMs: 0 };
      if (status === "ok" || status === "error") executed = [...executed, { source, status, durationMs }];
      else exact = false;
    }
    return done;
  };
  const evaluate = async (expression: string, evaluation: ExecuteOptions): Promise<Evaluation> => {
    const answer = await callKernelHelper(from.kernel, "evaluate", expression, evaluation);
    if (answer.how === "answered") return readEvaluation(answer.value);
    if (answer.how === "failed") return { ok: false, name: answer.name, message: answer.message };
    return {
      ok: false,
      name: "TimeoutError",
      message: `it took longer than ${evaluation.timeoutMs / 1000} s`,
    };
  };
  const checkpoint = async (state: KernelState, within: ExecuteOptions): Promise<void> => {
    const key = stateKey(replayable(state.recipe));
    if (!exact || key !== stateKey(executed)) return;
    marked = key;
    if (executed.length > 0 && from.kernel.lost() === null)
      await options.template(from.kernel, executed, within);
  };
  return {
    get restored() {
      return from.restored;
    },
    ...(first.instead !== undefined && { instead: first.instead }),
    execute: (source, execution) => oneAtATime(() => execute(source, execution)),
    evaluate: (expression, evaluation) => oneAtATime(() => evaluate(expression, evaluation)),
    describe: (within) => oneAtATime(async () => descriptionOf(await describe(from.kernel, within))),
    checkpoint: (state, within) => oneAtATime(() => checkpoint(state, within)),
    [Symbol.asyncDispose]: () => {
      const unchanged =
        exact && marked !== null && marked === stateKey(executed) && oneAtATime.activeCount === 0;
      return (givenBack ??= options.giveBack(from, unchanged ? marked : null));
    },
  };
}

/** Written by our own module in the kernel; what it says is checked, since user code shares its process. */
function readEvaluation(answer: unknown): Evaluation {
  const { ok, value, name, message } = recordOf(answer);
  // Parsed from JSON.
  if (ok === true) return { ok, value: value as Submission };
  return { ok: false, name: textOf(name ?? "Error"), message: textOf(message ?? "") };
}
