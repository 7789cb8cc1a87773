// Owns: turning a notebook and what happened to it into the messages that a model reads. Types only.
import type { ImagePart, Message, ModelReply, Pricing } from "./model.ts";
import type { Notebook } from "./notebook.ts";
import type { ToolOutcome } from "./tool.ts";

/** What a rendering may look at besides its own state. */
export interface RenderInput {
  /** Role and notebook conventions; the same for every call of a run. */
  readonly instructions: string;
  /** The task's statement. */
  readonly statement: string;
  readonly notebook: Notebook;
  /** Tokens the notebook's view may take. */
  readonly budgetTokens: number;
  readonly seesImages: boolean;
  /** Whether the model has the tool `read`, which shows what a view leaves out. Default true. */
  readonly canRead?: boolean | undefined;
  /** Default: an automatic cache at a tenth of the price. */
  readonly pricing?: Pricing;
  /** The tokens that a text takes. */
  countTokens(text: string): number;
  /** The tokens that a picture takes; absent when that is not known. */
  countImageTokens?(image: ImagePart): number;
}

/** Something that happened in an episode, and that later prompts tell of. */
export type PromptEvent =
  /** A round begins. `header`: the round, its limits, the score so far and any inspirations, in words. */
  | { readonly type: "round-started"; readonly header: string }
  /** A reply and the results of its calls, in the order of the calls. Both reach the model verbatim. */
  | { readonly type: "turn-ended"; readonly reply: ModelReply; readonly results: readonly ToolOutcome[] }
  /** A message of the environment: a kernel was restored, a limit is near. */
  | { readonly type: "told"; readonly text: string }
  | { readonly type: "round-ended" };

/** What a model is sent. */
export interface Prompt {
  readonly messages: readonly Message[];
  /** Indices of messages after which a cache breakpoint pays; ascending, at most 4. */
  readonly breakpoints: readonly number[];
}

/**
 * Pure functions over a context log: a JSON-able value that holds the append-only prompt, is stored with each
 * branch, and is inherited by its children. Every call in a prompt is followed by its result; everything
 * left out is announced with its size and how to get it back.
 */
export interface Renderer<S = unknown> {
  readonly name: string;
  /** Where it is defined, such as `mine.js`, for messages. */
  readonly place?: string | undefined;
  /** The log of a notebook that this renderer has not seen before. */
  open(input: RenderInput): S;
  /** The log after one more event. */
  append(log: S, event: PromptEvent, input: RenderInput): S;
  /** What the model is sent now. */
  prompt(log: S, input: RenderInput): Prompt;
}
