// Owns: a notebook, its live kernel, the tools and the verifier behind reset / step / state / score.
// Never calls a model and never writes a journal: the inner loop is its first client, a trainer another.
import { KernelLost } from "../core/errors.ts";
import { advance, type NotebookState } from "../core/notebook/notebook.ts";
import type {
  CellId,
  Decision,
  ToolContext,
  Edit,
  KernelLease,
  KernelPool,
  Notebook,
  Restored,
  Score,
  StateDescription,
  Task,
  Tool,
  ToolCall,
  ToolOutcome,
  ToolResult,
  ToolSpec,
  TurnRecord,
  Verifier,
} from "../contracts/index.ts";
import { specOf } from "./tools/index.ts";
import { withFittedPictures } from "./pictures/fitted.ts";
import { descriptionOf } from "./description.ts";
import { judge, type Verdict } from "./judge.ts";
import { denied, lostKernelNotes, refused } from "./replies.ts";

export interface EnvironmentParts {
  readonly task: Pick<Task, "submission" | "limits">;
  readonly kernels: KernelPool;
  readonly verifier: Verifier;
  readonly tools: readonly Tool[];
  readonly seesImages: boolean;
}

/** Where an episode begins: a notebook, the recipe of its kernel, and the round to be played. */
export interface Start extends NotebookState {
  readonly round: number;
  /** Directory name of this episode's workspace, unique in the run. */
  readonly workspace: string;
  /** Turns of the round that were played already (before a crash): taken as they are, not run again. */
  readonly played?: readonly TurnRecord[];
}

export interface StepOptions {
  readonly signal: AbortSignal;
  /** Asked before each call that could be carried out; `at`: its place among the calls. Default: everything is allowed. */
  readonly decide?: (call: ToolCall, at: number) => Promise<Decision>;
}

export interface EnvironmentState extends NotebookState {
  readonly round: number;
  /** Calls of this round so far. */
  readonly calls: number;
  /** `finish_round` was called. */
  readonly finished: boolean;
  /** The last verdict of this round. */
  readonly score: Score | null;
}

/** The state after a call, as far as its result says: what ran in the kernel is in the edits. */
function afterCall(state: EnvironmentState, result: ToolResult): EnvironmentState {
  return {
    ...state,
    ...advance(state, result.edits),
    calls: state.calls + 1,
    finished: state.finished || result.finished === true,
    score: result.score ?? state.score,
  };
}

function afterTurn(state: EnvironmentState, turn: TurnRecord): EnvironmentState {
  return turn.results.reduce(afterCall, { ...state, ...advance(state, turn.edits) });
}

/** A kernel may be lost this often in an episode before the episode is given up. */
const MOST_LOSSES = 2;

/** One episode's hold on a notebook and its kernel. */
export class NotebookEnvironment implements AsyncDisposable {
  readonly tools: readonly ToolSpec[];
  readonly #parts: EnvironmentParts;
  #lease: KernelLease | null = null;
  #state: EnvironmentState | null = null;
  #workspace = "";
  #losses = 0;

  constructor(parts: EnvironmentParts) {
    this.#parts = parts;
    this.tools = parts.tools.map(specOf);
  }

  /** Leases a kernel in the state that `start` names. @throws RunError `kernel-unavailable`. */
  async reset(start: Start, options: { readonly signal: AbortSignal }): Promise<Restored> {
    const { notebook, kernel, round, workspace, played = [] } = start;
    this.#workspace = workspace;
    this.#losses = 0;
    this.#state = played.reduce(afterTurn, {
      notebook,
      kernel,
      round,
      calls: 0,
      finished: false,
      score: null,
    });
    return (await this.#leaseAnew(options.signal)).restored;
  }

  /** What is known now. @throws Error before the first reset. */
  state(): EnvironmentState {
    if (this.#state === null) throw new Error("the environment was not reset");
    return this.#state;
  }

  /** How the present kernel got its state: another one than `reset` gave, once a kernel was lost or hung. */
  get restored(): Restored | null {
    return this.#lease?.restored ?? null;
  }

  /** Whether there was a reset. */
  get begun(): boolean {
    return this.#state !== null;
  }

  /** The same cells with other metadata. */
  adopt(notebook: Notebook): void {
    this.#state = { ...this.state(), notebook };
  }

  /** The same notebook and kernel, the next round. */
  nextRound(): void {
    this.#state = { ...this.state(), round: this.state().round + 1, calls: 0, finished: false, score: null };
  }

  /** Edits by the client itself (a plan cell, the clean-up); they run nothing. */
  edit(edits: readonly Edit[]): void {
    this.#state = { ...this.state(), ...advance(this.state(), edits) };
  }

  /** Carries out one turn's calls, in order. @throws KernelLost when the kernel cannot be kept alive. */
  async step(calls: readonly ToolCall[], options: StepOptions): Promise<readonly ToolOutcome[]> {
    const outcomes: ToolOutcome[] = [];
    for (const [at, call] of calls.entries()) {
      const before = this.restored;
      const result = this.#withRecovery(await this.#call(call, at, options), before);
      this.#state = afterCall(this.state(), result);
      outcomes.push({ ...(await this.#afterDeath(result, options.signal)), call });
    }
    return outcomes;
  }

  /** Runs cells that are there as the client's own doing, until one fails: counted as no call of the round's. */
  async runCells(
    ids: readonly CellId[],
    options: { readonly signal: AbortSignal },
  ): Promise<readonly Edit[]> {
    const before = this.state();
    const [outcome] = await this.step([{ id: "", tool: "run", arguments: { ids: [...ids] } }], options);
    this.#state = { ...this.state(), calls: before.calls };
    return outcome?.edits ?? [];
  }

  /** The verifier's word on the submission as it is in the kernel now. */
  async score(options: { readonly signal: AbortSignal }): Promise<Verdict> {
    const { task, verifier } = this.#parts;
    const verdict = await this.#withKernel(options.signal, (lease) =>
      judge(lease, task, verifier, options.signal),
    );
    this.#state = { ...this.state(), score: verdict.score };
    return verdict;
  }

  /** Lets the pool keep this kernel's state for the children. */
  async checkpoint(options: { readonly signal: AbortSignal }): Promise<void> {
    const timeoutMs = this.#parts.task.limits.cellTimeoutMs;
    await this.#lease?.checkpoint(this.state().kernel, { timeoutMs, signal: options.signal });
  }

  /** What the kernel's names hold; null where it cannot be said. */
  async describe(options: { readonly signal: AbortSignal }): Promise<StateDescription | null> {
    const timeoutMs = this.#parts.task.limits.cellTimeoutMs;
    return descriptionOf(this.#lease, { timeoutMs, signal: options.signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const lease = this.#lease;
    this.#lease = null;
    await lease?.[Symbol.asyncDispose]();
  }

  async #call(call: ToolCall, at: number, { signal, decide }: StepOptions): Promise<ToolResult> {
    const { tools, task } = this.#parts;
    const tool = tools.find(({ name }) => name === call.tool);
    if (this.state().finished) return refused("The round is closed; this was not done.");
    if (tool === undefined) {
      return refused(`There is no tool ${call.tool}. Tools: ${tools.map(({ name }) => name).join(", ")}.`);
    }
    if (this.state().calls >= task.limits.callsPerRound && tool.name !== "finish_round") {
      return refused(
        `The limit of ${task.limits.callsPerRound} calls a round is reached. Call finish_round.`,
      );
    }
    const decision = await decide?.(call, at);
    if (decision?.verdict === "deny") return denied(tool.name, decision);
    const result = await this.#withKernel(signal, (lease) =>
      tool.run(call.arguments, this.#desk(lease, signal)),
    );
    return { ...result, content: await withFittedPictures(result.content) };
  }

  #desk(lease: KernelLease, signal: AbortSignal): ToolContext {
    const { task, verifier, seesImages } = this.#parts;
    return {
      notebook: this.state().notebook,
      kernel: lease,
      round: this.state().round,
      limits: task.limits,
      seesImages,
      signal,
      score: async () => (await judge(lease, task, verifier, signal)).score,
    };
  }

  /** A kernel that was lost between two calls is restored, and the call made again. */
  async #withKernel<T>(signal: AbortSignal, use: (lease: KernelLease) => Promise<T>): Promise<T> {
    try {
      return await use(this.#lease ?? (await this.#leaseAnew(signal)));
    } catch (error) {
      if (!(error instanceof KernelLost)) throw error;
      return use(await this.#restore(signal, error.message));
    }
  }

  /** The pool put another kernel in the place of one that hung: what differs in it is told. */
  #withRecovery(result: ToolResult, before: Restored | null): ToolResult {
    const now = this.restored;
    if (now === before || now === null || now.differences.length === 0) return result;
    const text = `The kernel was restored meanwhile (${now.tier}): ${now.differences.join(" ")}`;
    return { ...result, content: [...result.content, { type: "text", text }] };
  }

  /** A call that killed the kernel: the state before the killing cell is restored, and the model told. */
  async #afterDeath(result: ToolResult, signal: AbortSignal): Promise<ToolResult> {
    const died = result.edits.some((edit) => edit.type === "cell-ran" && edit.status === "died");
    if (!died) return result;
    const lease = await this.#restore(signal, "the kernel died while a cell ran");
    const text = lostKernelNotes(this.state().kernel, lease.restored);
    return { ...result, content: [...result.content, { type: "text", text }] };
  }

  async #restore(signal: AbortSignal, why: string): Promise<KernelLease> {
    this.#losses += 1;
    if (this.#losses > MOST_LOSSES) throw new KernelLost(`the kernel was lost ${this.#losses} times: ${why}`);
    await this[Symbol.asyncDispose]();
    return this.#leaseAnew(signal);
  }

  async #leaseAnew(signal: AbortSignal): Promise<KernelLease> {
    await this[Symbol.asyncDispose]();
    const { kernels, task } = this.#parts;
    const timeoutMs = task.limits.cellTimeoutMs;
    this.#lease = await kernels.lease(this.state().kernel, { signal, workspace: this.#workspace, timeoutMs });
    // What a replay left out is no part of what follows: the branch's recipe must give the branch's state.
    const { instead } = this.#lease;
    if (instead !== undefined) this.#state = { ...this.state(), kernel: instead };
    return this.#lease;
  }
}
