// Something the model may do on the notebook and its kernel.
import type { JsonObject } from "./json.ts";
import type { KernelLease } from "./kernel.ts";
import type { Part, ToolCall } from "./model.ts";
import type { Edit, Notebook } from "./notebook.ts";
import type { Score } from "./score.ts";
import type { Limits } from "./task.ts";

/** What a tool works at. It changes nothing here: it returns edits. Executions change the kernel alone. */
export interface ToolContext {
  readonly notebook: Notebook;
  readonly kernel: Pick<KernelLease, "execute">;
  /** The round being played, counted along the lineage. */
  readonly round: number;
  readonly limits: Limits;
  readonly seesImages: boolean;
  readonly signal: AbortSignal;
  /** Asks the verifier about the submission as it is in the kernel now. */
  score(): Promise<Score>;
}

export interface ToolResult {
  /** Words (and pictures) for the model. */
  readonly content: readonly Part[];
  readonly isError: boolean;
  /** In order; applied to the notebook after the tool returns. */
  readonly edits: readonly Edit[];
  /** The verdict, when the tool asked for one. */
  readonly score?: Score;
  /** The round is over: nothing more is done in it. */
  readonly finished?: boolean | undefined;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject;
  /** A call of it ends the round: allowed past the limit of calls, and what a model is made to call in the end. Default false. */
  readonly closesRound?: boolean | undefined;
  /**
   * One clause for the instructions that every prompt begins with, such as `run_code adds a cell and runs it`.
   * Default: none; a model sees the description.
   */
  readonly instructions?: string | undefined;
  /** Never throws for what a model can cause: bad arguments are a result with `isError`. */
  run(args: unknown, context: ToolContext): Promise<ToolResult>;
}

/** All that one turn did to the notebook, as journalled: edits of the environment's own, then the calls' results. */
export interface TurnRecord {
  readonly edits: readonly Edit[];
  readonly results: readonly ToolOutcome[];
}

/** A call and what came of it. */
export interface ToolOutcome extends ToolResult {
  readonly call: ToolCall;
}
