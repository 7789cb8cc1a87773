// Owns: a kernel pool in memory: leases, recipes, time-outs and deaths as real pools have them, without a process.
// Its language is in fake-language.ts. Never touches the file system.
import type { IError } from "@jupyterlab/nbformat";
import { KernelLost, RunError } from "../core/errors.ts";
import type {
  Evaluation,
  ExecuteOptions,
  Execution,
  KernelLease,
  KernelPool,
  KernelState,
  RecipeStep,
  Restored,
} from "../contracts/kernel.ts";
import type { ExecutionStatus, Output } from "../contracts/notebook.ts";
import type { FakeNames } from "./fake-language.ts";
import { FakeError, runLine, showValue, valueOf } from "./fake-language.ts";

/** What a cell did, without its duration. */
export type FakeExecution = Omit<Execution, "durationMs">;

/** What fake kernels do differently. */
export interface FakeKernelsOptions {
  /** What a cell does, in place of the language; undefined: leave it to the language. */
  readonly run?: (source: string, names: FakeNames) => FakeExecution | undefined;
  /** What an expression gives, in place of the language; undefined: leave it to the language. */
  readonly evaluate?: (expression: string, names: FakeNames) => Evaluation | undefined;
}

/** What was asked of a lease, for tests to look at. */
export interface FakeLeaseRecord {
  readonly workspace: string;
  readonly from: KernelState;
  /** Sources in order, without those of the replay. */
  readonly executed: readonly string[];
  readonly checkpoints: readonly KernelState[];
  readonly disposed: boolean;
}

export interface FakeKernels extends KernelPool {
  /** One record a lease, in the order of leasing; grows as the pool is used. */
  readonly leases: readonly FakeLeaseRecord[];
  /** Kills a lease's kernel between two cells, as if from outside. */
  kill(lease: number): void;
}

/** Kernels in memory that run a few kinds of lines, for tests. */
export function fakeKernels(options: FakeKernelsOptions = {}): FakeKernels {
  const records: Mutable<FakeLeaseRecord>[] = [];
  const kernels: FakeKernel[] = [];
  let closed = false;
  return {
    leases: records,
    kill: (lease) => kernels[lease]?.die("killed by the test"),
    async lease(from, { signal, workspace, timeoutMs }) {
      signal.throwIfAborted();
      if (closed) throw new RunError("kernel-unavailable", "The kernel pool is closed.");
      const kernel = new FakeKernel(options);
      const { restored, instead } = await replay(kernel, from, { signal, timeoutMs });
      const record: Mutable<FakeLeaseRecord> = {
        workspace,
        from,
        executed: [],
        checkpoints: [],
        disposed: false,
      };
      records.push(record);
      kernels.push(kernel);
      return { ...fakeLease(kernel, restored, record), instead: instead ?? undefined };
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const kernel of kernels) kernel.die("the pool is closed");
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function fakeLease(kernel: FakeKernel, restored: Restored, record: Mutable<FakeLeaseRecord>): KernelLease {
  return {
    restored,
    async execute(source, options) {
      const execution = await kernel.execute(source, options);
      record.executed = [...record.executed, source];
      return execution;
    },
    evaluate: async (expression, options) => kernel.evaluate(expression, options),
    async checkpoint(state) {
      record.checkpoints = [...record.checkpoints, state];
    },
    async [Symbol.asyncDispose]() {
      record.disposed = true;
      kernel.die("the lease was given back");
    },
  };
}

interface Replayed {
  readonly restored: Restored;
  /** Where steps ended otherwise: what the kernel holds. */
  readonly instead: KernelState | null;
}

async function replay(kernel: FakeKernel, from: KernelState, options: ExecuteOptions): Promise<Replayed> {
  const differences: string[] = [];
  const recipe: RecipeStep[] = [];
  for (const step of from.recipe) {
    if (!isReplayed(step)) {
      recipe.push(step);
      continue;
    }
    const { status, outputs } = await kernel.execute(step.source, options);
    recipe.push({ ...step, status });
    if (status !== step.status) differences.push(difference(step, status, outputs));
  }
  const tier = from.recipe.some(isReplayed) ? "replay" : "fresh";
  const instead = differences.length === 0 ? null : { recipe };
  return { restored: { tier, durationMs: 0, differences }, instead };
}

const isReplayed = ({ status }: RecipeStep): boolean => status === "ok" || status === "error";

function difference(step: RecipeStep, status: ExecutionStatus, outputs: readonly Output[]): string {
  const error = outputs.find((output): output is IError => output.output_type === "error");
  if (status === "error") return `${step.cell} raised ${error?.ename} when it was run again`;
  return `${step.cell} was ${status} when it was run again`;
}

class FakeKernel {
  readonly #names: FakeNames = new Map();
  readonly #options: FakeKernelsOptions;
  #count = 0;
  #lost: string | null = null;

  constructor(options: FakeKernelsOptions) {
    this.#options = options;
  }

  die(reason: string): void {
    this.#lost ??= reason;
  }

  async execute(source: string, options: ExecuteOptions): Promise<Execution> {
    this.#check(options.signal);
    this.#count += 1;
    const scripted = this.#options.run?.(source, this.#names);
    const done = scripted ?? (await this.#run(source, options));
    if (done.status === "died") this.die("its cell killed it");
    return { durationMs: 0, ...done };
  }

  evaluate(expression: string, options: ExecuteOptions): Evaluation {
    this.#check(options.signal);
    const scripted = this.#options.evaluate?.(expression, this.#names);
    if (scripted !== undefined) return scripted;
    try {
      return { ok: true, value: valueOf(expression, this.#names) };
    } catch (error) {
      if (error instanceof FakeError) return { ok: false, name: error.name, message: error.message };
      throw error;
    }
  }

  #check(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#lost !== null) throw new KernelLost(this.#lost);
  }

  async #run(source: string, options: ExecuteOptions): Promise<FakeExecution> {
    const outputs: Output[] = [];
    try {
      for (const line of source.split("\n")) {
        const step = runLine(line, this.#names);
        if (step.type === "printed") print(outputs, step.text);
        if (step.type === "value") outputs.push(this.#result(showValue(step.value)));
        if (step.type === "die") return { status: "died", outputs: [...outputs, errorOf("KernelDied", "")] };
        if (step.type !== "hang" && step.type !== "stubborn") continue;
        await overOrAborted(options);
        const [status, name] =
          step.type === "hang"
            ? (["interrupted", "KeyboardInterrupt"] as const)
            : (["died", "KernelDied"] as const);
        return { status, outputs: [...outputs, errorOf(name, "")] };
      }
      return { status: "ok", outputs };
    } catch (error) {
      if (!(error instanceof FakeError)) throw error;
      return { status: "error", outputs: [...outputs, errorOf(error.name, error.message)] };
    }
  }

  #result(text: string): Output {
    return {
      output_type: "execute_result",
      execution_count: this.#count,
      data: { "text/plain": text },
      metadata: {},
    };
  }
}

function print(outputs: Output[], text: string): void {
  const last = outputs.at(-1);
  if (last?.output_type !== "stream") outputs.push({ output_type: "stream", name: "stdout", text });
  else last["text"] = String(last["text"]) + text;
}

function errorOf(ename: string, evalue: string): Output {
  return { output_type: "error", ename, evalue, traceback: [`${ename}: ${evalue}`] };
}

/** Resolves when the time is over. @throws the signal's reason when aborted first. */
async function overOrAborted({ timeoutMs, signal }: ExecuteOptions): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    const onAbort = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
  signal.throwIfAborted();
}
