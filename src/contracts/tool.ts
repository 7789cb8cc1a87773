// Owns: what a model may do with the notebook and its kernel. Types only.
import type { JsonObject } from "./json.ts";
import type { KernelLease } from "./kernel.ts";
import type { Part, ToolCall } from "./model.ts";
import type { Edit, Notebook } from "./notebook.ts";
import type { ImproveOptions, Improvement, Score } from "./score.ts";
import type { Limits } from "./task.ts";

/** What a tool works with. It changes nothing here: it returns edits. Executions change only the kernel. */
export interface ToolContext {
  readonly notebook: Notebook;
  readonly kernel: Pick<KernelLease, "execute" | "sketch">;
  /** The round being played, counted along the lineage. */
  readonly round: number;
  readonly limits: Limits;
  readonly seesImages: boolean;
  /** Whether the model has the tool `read`, which shows what a result leaves out. Default true. */
  readonly canRead?: boolean | undefined;
  readonly signal: AbortSignal;
  /** Has the verifier judge the submission as it is in the kernel now. */
  score(): Promise<Score>;
  /** Has the verifier look for a better submission than the one in the kernel now; in words why it cannot. Absent where it never can. */
  improve?(options: ImproveOptions): Promise<Improvement | string>;
}

/** What a call of a tool came to. */
export interface ToolResult {
  /** Words (and pictures) for the model. */
  readonly content: readonly Part[];
  readonly isError: boolean;
  /** Applied to the notebook in this order after the tool returns. */
  readonly edits: readonly Edit[];
  /** The score, when the tool asked for one. */
  readonly score?: Score;
  /**
   * A few words that stand for the result once its turn has left the prompt: behind a cell's error, what to do about it; else
   * in place of the score. Default: the error or the score alone.
   */
  readonly remark?: string | undefined;
  /** The round is over: nothing more is done in it. */
  readonly finished?: boolean | undefined;
}

/** Something that a model may do with the notebook and its kernel. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject;
  /** A call of it ends the round: allowed past the limit of calls, and what a model is made to call in the end. Default false. */
  readonly closesRound?: boolean | undefined;
  /**
   * The string parameter that holds Python code: a code fence in a reply without calls is a call of this tool with it.
   * Default: none; the first tool that has one counts.
   */
  readonly codeParameter?: string | undefined;
  /**
   * One clause for the instructions that every prompt begins with, such as `run_code adds a cell and runs it`.
   * Default: none; a model sees the description.
   */
  readonly instructions?: string | undefined;
  /** Where it is defined, such as `mine.js`, for messages. */
  readonly place?: string | undefined;
  /** Never throws for what a model can cause: bad arguments are a result with `isError`. What it throws stops the run: `tool-failed`. */
  run(args: unknown, context: ToolContext): Promise<ToolResult>;
}

/** What one turn did to the notebook, as the journal keeps it: edits of the environment, then the results of the calls. */
export interface TurnRecord {
  readonly edits: readonly Edit[];
  readonly results: readonly ToolOutcome[];
  /** What the environment says of the turn as a whole: that it held no call, that it repeats a failure. Default nothing. */
  readonly told?: string | undefined;
}

/** A call and its result. */
export interface ToolOutcome extends ToolResult {
  /** As the model wrote it. */
  readonly call: ToolCall;
  /** What of the call was mended before it was carried out, in words for the model. Default nothing. */
  readonly mended?: string | undefined;
}
