// Owns: a notebook with its live kernel, tools and verifier, behind reset, step, state, score and close.
// Never calls a model and never writes a journal: the inner loop is one client, an outside trainer another.
import { tidyNotebook } from "../core/notebook/clean-up.ts";
import { advanceState } from "../core/notebook/notebook.ts";
import type {
  Cell,
  Edit,
  JsonObject,
  KernelLease,
  Restored,
  Tool,
  ToolCall,
  ToolContext,
  ToolOutcome,
  ToolResult,
  ToolSpec,
  TurnRecord,
} from "../contracts/index.ts";
import type {
  ClosedRound,
  EnvironmentParts,
  EnvironmentState,
  EpisodeStart,
  TurnOptions,
  TurnReply,
} from "./environment-types.ts";
import { askTool, withWords } from "./ask-tool.ts";
import { HARNESSES, type HarnessRules } from "./harness.ts";
import { describeKernel, improve, judge, type Judgement } from "./judge.ts";
import { findBetterState, noteAttempts, returnToBest } from "./keep-best.ts";
import { KernelHold } from "./kernel-hold.ts";
import { fitPictures } from "./pictures/fitted.ts";
import { adviseTurn, denyCall, lostKernelNotes, recoveryNote, findRefusal, refuseCall } from "./replies.ts";
import { runFounder } from "./root.ts";
import {
  afterCall,
  afterOpening,
  afterTurn,
  afterVerdict,
  beginRound,
  closingTool,
  endTurn,
  markScore,
  nextChoice,
  planEdits,
  ranCell,
  type RoundState,
} from "./round.ts";
import { askFurther, compareScore, setsNothing } from "./score-text.ts";
import { hasRead, specOf } from "./tools/index.ts";
import { mendCall } from "./tools/mend-call.ts";
import { runCells } from "./tools/run-cell.ts";

/** An episode without a model: a notebook, its kernel and the rules of its rounds. */
export class NotebookEnvironment implements AsyncDisposable {
  /** The tools as a model is shown them. */
  readonly tools: readonly ToolSpec[];
  readonly #parts: EnvironmentParts;
  readonly #harness: HarnessRules;
  readonly #closing: Tool | undefined;
  readonly #canRead: boolean;
  readonly #kernel: KernelHold;
  #state: RoundState | null = null;
  #metadata: JsonObject = {};
  #graft: readonly Cell[] = [];
  /** Milliseconds since the epoch. */
  #deadline = 0;

  constructor(parts: EnvironmentParts) {
    this.#parts = parts;
    this.#harness = HARNESSES[parts.harness ?? "full"];
    this.tools = parts.tools.map(specOf);
    this.#closing = closingTool(parts.tools);
    this.#canRead = hasRead(parts.tools);
    this.#kernel = new KernelHold({
      openKernels: parts.openKernels,
      timeoutMs: parts.task.limits.cellTimeoutMs,
      wanted: () => this.#now().kernel,
      began: (kernel) => this.#change({ kernel }),
    });
  }

  /**
   * Begins an episode on a kernel of its own, and its first round. Without `from` the task's founder is run and judged.
   * @throws RunError `kernel-unavailable` | `founder-rejected`.
   */
  async reset(start: EpisodeStart = {}): Promise<Restored> {
    const { from, workspace = "episode", played = [], tokens = 0, signal = NEVER } = start;
    this.#metadata = start.metadata ?? {};
    this.#graft = start.graft ?? [];
    const { notebook, kernel } = from ?? { notebook: this.#parts.task.founder, kernel: { recipe: [] } };
    const score = start.score ?? null;
    this.#state = beginRound({ notebook, kernel }, tokens, score, this.#harness);
    this.#change(played.reduce((state, turn) => afterTurn(state, turn, this.#harness), this.#state));
    const lease = await this.#kernel.begin(workspace, signal);
    if (from === undefined) {
      const founder = await runFounder(lease, this.#parts, signal);
      const first = beginRound(founder, tokens, founder.score, this.#harness);
      this.#state = { ...first, score: founder.score };
    }
    this.#startClock();
    return lease.restored;
  }

  /** What is known now. @throws Error before the first reset. */
  state(): EnvironmentState {
    const state = this.#now();
    const { limits } = this.#parts.task;
    const isLate = performance.now() > this.#deadline;
    return { ...state, next: nextChoice(state, limits, this.#harness, this.#closing, isLate) };
  }

  /** How the present kernel got its state: another one than `reset` gave, once a kernel was lost or hung. */
  get restored(): Restored | null {
    return this.#kernel.restored;
  }

  /**
   * Plays one turn: the first turn's words become the plan's cell, then the calls are carried out in order. What a model
   * can cause (an unknown tool, bad arguments, a cell that raises) is in the results. A lean harness goes back to the last
   * good state after turns that gained nothing.
   * @throws KernelLost when the kernel cannot be kept alive; Error once the round is over.
   */
  async step(reply: TurnReply, options: TurnOptions = {}): Promise<TurnRecord> {
    const { limits } = this.#parts.task;
    if (nextChoice(this.#now(), limits, this.#harness, this.#closing, false) === null)
      throw new Error("the round is over: close it before the next step");
    const isFirst = this.#now().turns === 0;
    const edits = isFirst ? await this.#open(reply.text, options.signal ?? NEVER) : [];
    const results: ToolOutcome[] = [];
    for (const [at, call] of reply.calls.entries())
      results.push({ ...(await this.#call(call, at, options)), call });
    await this.#scoreCells(results, options.signal ?? NEVER);
    const { inputTokens, outputTokens } = reply.usage ?? { inputTokens: 0, outputTokens: 0 };
    const before = this.#now();
    this.#state = endTurn(before, results, inputTokens + outputTokens, this.#harness);
    if (this.#state.kernel !== before.kernel) await this.#kernel.goBack(options.signal ?? NEVER);
    const told = adviseTurn(reply, this.#now(), before, this.#harness);
    return told === null ? { edits, results } : { edits, results, told };
  }

  /** The verifier's word on the submission as it is in the kernel now. @throws KernelLost. */
  async score(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Judgement> {
    const { signal = NEVER } = options;
    const { task, verifier } = this.#parts;
    const verdict = await this.#kernel.use(signal, (lease) => judge(lease, task, verifier, signal));
    this.#state = afterVerdict(this.#now(), verdict.score);
    return verdict;
  }

  /**
   * Ends the round: its cells are tidied where no call closed it, its submission is judged, its notebook is marked with the
   * score, and the pool may keep its kernel's state. Where a verdict of the round was better than the last one, the round
   * goes back to the state that it was given for. The next round begins on the kernel of this one.
   * @throws KernelLost.
   */
  async close(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<ClosedRound> {
    const { signal = NEVER } = options;
    const { submission: expression, limits } = this.#parts.task;
    const { notebook, round, finished } = this.#now();
    if (!finished) this.#edit(tidyNotebook(notebook, round, expression));
    this.#change({ notebook: noteAttempts(this.#now()) });
    const { score, submission } = await this.#keepBest(await this.score({ signal }), signal);
    const timeoutMs = limits.cellTimeoutMs;
    const description = await describeKernel(this.#kernel.lease, { timeoutMs, signal });
    this.#change({ notebook: markScore(this.#now(), score, this.#metadata) });
    const state = this.#now();
    await this.#kernel.checkpoint(state.kernel, signal);
    this.#state = beginRound(state, state.tokens, score, this.#harness);
    this.#graft = [];
    this.#startClock();
    return { round, score, submission, notebook: state.notebook, kernel: state.kernel, description };
  }

  /** Gives the kernel back. The environment can be reset again. */
  async dispose(): Promise<void> {
    await this.#kernel[Symbol.asyncDispose]();
  }

  /** As `dispose`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  /** The second parent's cells are added and run, until one fails; then the plan is added. The edits are what came of it. */
  async #open(plan: string, signal: AbortSignal): Promise<readonly Edit[]> {
    const added = this.#graft.map((cell): Edit => ({ type: "cell-added", cell }));
    this.#edit(added);
    const ids = this.#graft.map(({ id }) => id);
    const ran =
      ids.length === 0 ? [] : (await this.#perform(signal, (context) => runCells(context, ids))).edits;
    const planned = planEdits(this.#now(), plan);
    this.#edit(planned);
    this.#state = afterOpening(this.#now());
    return [...added, ...ran, ...planned];
  }

  async #call(
    asked: ToolCall,
    at: number,
    { signal = NEVER, decide }: TurnOptions,
  ): Promise<Omit<ToolOutcome, "call">> {
    const { tools, task } = this.#parts;
    const tool = tools.find(({ name }) => name === asked.tool);
    const why = findRefusal(this.#now(), task.limits, { call: asked, tool, tools, closing: this.#closing });
    if (tool === undefined || why !== null) return this.#count(refuseCall(why ?? ""));
    const { call, mended } = mendCall(asked, tool, tools);
    const began = performance.now();
    const decision = await decide?.(call, at);
    this.#deadline += performance.now() - began; // a person's time is not the round's
    if (decision?.verdict === "deny") return this.#count(denyCall(tool.name, decision));
    const result = await this.#perform(signal, (context) => askTool(tool, call.arguments, context));
    return mended === "" ? result : { ...withWords(result, mended), mended };
  }

  /** The verdict on what the last cell of the turn left, told with its result; where the harness scores cells. */
  async #scoreCells(results: ToolOutcome[], signal: AbortSignal): Promise<void> {
    const { finished, best, score: before, notebook } = this.#now();
    const last = results.at(-1);
    if (!this.#harness.scoresCells || finished || !ranCell(results) || last === undefined) return;
    if (results.some(({ score }) => score !== undefined)) return;
    const { score } = await this.score({ signal });
    const { submission } = this.#parts.task;
    const isSame = score.fitness !== null && score.fitness === (before ?? best?.score)?.fitness;
    const isUnset = isSame && setsNothing(results, notebook, submission);
    const words = `${compareScore(score, best?.score ?? null)}\n${askFurther(submission, isUnset)}`;
    const remark = isUnset ? { remark: "it set nothing that is judged" } : {};
    results[results.length - 1] = { ...withWords(last, words), call: last.call, score, ...remark };
  }

  /** The verdict that counts: that of the best state of the round, which the kernel goes back to where its end is worse. */
  async #keepBest(end: Judgement, signal: AbortSignal): Promise<Judgement> {
    const better = findBetterState(this.#now(), end.score);
    if (better === null) return end;
    this.#change(returnToBest(this.#now(), better, end.score));
    this.#edit(tidyNotebook(this.#now().notebook, this.#now().round, this.#parts.task.submission));
    await this.#kernel.goBack(signal);
    return this.score({ signal });
  }

  #count(result: ToolResult): ToolResult {
    this.#state = afterCall(this.#now(), result);
    return result;
  }

  /** Lets a tool act; what became of a kernel that was lost meanwhile is added to its words. */
  async #perform(
    signal: AbortSignal,
    act: (context: ToolContext) => Promise<ToolResult>,
  ): Promise<ToolResult> {
    const before = this.restored;
    const acted = await this.#kernel.use(signal, (lease) => act(this.#context(lease, signal)));
    const result = withWords(
      { ...acted, content: await fitPictures(acted.content) },
      recoveryNote(before, this.restored),
    );
    this.#state = afterCall(this.#now(), result);
    if (!result.edits.some((edit) => edit.type === "cell-ran" && edit.status === "died")) return result;
    // The state before the killing cell is restored.
    const { restored } = await this.#kernel.restore(signal, "the kernel died while a cell ran");
    return withWords(result, lostKernelNotes(this.#now().kernel, restored));
  }

  #context(lease: KernelLease, signal: AbortSignal): ToolContext {
    const { task, verifier, seesImages } = this.#parts;
    const { notebook, round } = this.#now();
    return {
      notebook,
      kernel: lease,
      round,
      limits: task.limits,
      seesImages,
      canRead: this.#canRead,
      signal,
      score: async () => (await judge(lease, task, verifier, signal)).score,
      improve: (asked) => improve(lease, task, verifier, { ...asked, signal }),
    };
  }

  #now(): RoundState {
    if (this.#state === null) throw new Error("the environment was not reset");
    return this.#state;
  }

  #change(more: Partial<RoundState>): void {
    this.#state = { ...this.#now(), ...more };
  }

  #edit(edits: readonly Edit[]): void {
    this.#change(advanceState(this.#now(), edits));
  }

  #startClock(): void {
    this.#deadline = performance.now() + this.#parts.task.limits.roundTimeoutMs;
  }
}

const NEVER = new AbortController().signal;
