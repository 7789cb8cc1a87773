// Turns a notebook and what happened on it into the messages that a model reads.
import type { ImagePart, Message, ModelReply } from "./model.ts";
import type { Notebook } from "./notebook.ts";
import type { ToolOutcome } from "./tool.ts";

/** What a model's prompt cache does to the price of a prompt, as far as a renderer decides by it. */
export interface Pricing {
  /** Price of a cached input token, as a share of an uncached one: 0 to 1; 1 where nothing is cached. */
  readonly cachedShare: number;
  /** Price of writing a token into the cache, as a share of an uncached one; 1 where writing is free. */
  readonly writeShare: number;
  /** Shorter prompts are not cached. */
  readonly minimumTokens: number;
  /** Tokens of a prompt that the model takes; null when not known. */
  readonly windowTokens: number | null;
}

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
  /** Absent: an automatic cache at a tenth of the price. */
  readonly pricing?: Pricing;
  countTokens(text: string): number;
  /** What a picture takes of a prompt; absent: nobody knows. */
  countImageTokens?(image: ImagePart): number;
}

export type PromptEvent =
  /** A round begins; `header` names the round, its limits, the score so far and any inspirations. */
  | { readonly type: "round-started"; readonly header: string }
  /** A reply and what its calls gave, in the order of the calls; both reach the model verbatim. */
  | { readonly type: "turn-ended"; readonly reply: ModelReply; readonly results: readonly ToolOutcome[] }
  /** The environment speaks: a kernel was restored, a limit is near. */
  | { readonly type: "told"; readonly text: string }
  | { readonly type: "round-ended" };

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
  /** A log for a notebook that this renderer has not seen before. */
  open(scene: RenderInput): S;
  append(log: S, news: PromptEvent, scene: RenderInput): S;
  prompt(log: S, scene: RenderInput): Prompt;
}
