// Owns: one episode's right to a live kernel, and the record of what ran on it. Never restores and never starts one.
import pLimit from "p-limit";
import type {
  Evaluation,
  ExecuteOptions,
  Execution,
  KernelLease,
  KernelState,
  Submission,
} from "../spec/kernel.ts";
import { callBeside } from "./beside.ts";
import { recordOf, textOf } from "./loose-message.ts";
import type { OutputLimits } from "./output-budget.ts";
import { replayable, stateKey } from "./recipes.ts";
import type { Step } from "./recipes.ts";
import type { RestoredKernel } from "./restore.ts";
import { runCell } from "./run-cell.ts";

export interface LeaseOptions {
  readonly limits: OutputLimits;
  /** Takes the kernel back: `key` names the state that it surely holds; null when it is worth nothing. */
  readonly giveBack: (key: string | null) => Promise<void>;
}

export function kernelLease(from: RestoredKernel, options: LeaseOptions): KernelLease {
  const { kernel, restored } = from;
  const executed: Step[] = [...from.executed];
  /** The state that the pool may keep: known exactly, and asked for. */
  let marked = restored.differences.length === 0 && executed.length > 0 ? stateKey(executed) : null;
  /** False once something ran that left no exact state: stopped half-way. */
  let exact = true;
  let givenBack: Promise<void> | undefined;
  // A kernel runs one request at a time; a deadline begins when its request's turn has come.
  const oneAtATime = pLimit(1);

  const execute = async (source: string, execution: ExecuteOptions): Promise<Execution> => {
    let done: Execution | undefined;
    try {
      done = await runCell(kernel, source, execution, options.limits);
    } finally {
      if (done?.status === "ok" || done?.status === "error") executed.push({ source, status: done.status });
      else exact = false;
    }
    return done;
  };
  const evaluate = async (expression: string, evaluation: ExecuteOptions): Promise<Evaluation> => {
    const answer = await callBeside(kernel, "evaluate", expression, evaluation);
    if (answer.how === "answered") return readEvaluation(answer.value);
    if (answer.how === "failed") return { ok: false, name: answer.name, message: answer.message };
    return {
      ok: false,
      name: "TimeoutError",
      message: `it took longer than ${evaluation.timeoutMs / 1000} s`,
    };
  };
  return {
    restored,
    execute: (source, execution) => oneAtATime(() => execute(source, execution)),
    evaluate: (expression, evaluation) => oneAtATime(() => evaluate(expression, evaluation)),
    checkpoint: async (state: KernelState) => {
      const key = stateKey(replayable(state.recipe));
      if (exact && key === stateKey(executed)) marked = key;
    },
    [Symbol.asyncDispose]: () => {
      const unchanged =
        exact && marked !== null && marked === stateKey(executed) && oneAtATime.activeCount === 0;
      return (givenBack ??= options.giveBack(unchanged ? marked : null));
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
