// Owns: a model call: one request, one reply. Retries, budgets and ensembles wrap this same shape. Types only.
import type { Json, JsonObject } from "./json.ts";

/** Text in a message. */
export interface TextPart {
  readonly type: "text";
  readonly text: string;
}
/** A picture in a message. */
export interface ImagePart {
  readonly type: "image";
  readonly mime: string;
  readonly base64: string;
  /** Pixels across at which a notebook shows it, where it has more than that. */
  readonly shownWidth?: number;
}
/** A piece of a message. */
export type Part = TextPart | ImagePart;

/** A call of a tool by the model. */
export interface ToolCall {
  readonly id: string;
  readonly tool: string;
  /** What the model wrote: parsed JSON, or the raw text when it does not parse. */
  readonly arguments: Json;
  /** What a provider wants back untouched with the call (for example Gemini's thought signature). */
  readonly extra?: JsonObject;
}

/** One message of a conversation. */
export type Message =
  | { readonly role: "system" | "user"; readonly content: readonly Part[] }
  | { readonly role: "assistant"; readonly text: string; readonly calls: readonly ToolCall[] }
  | {
      readonly role: "tool";
      readonly callId: string;
      readonly content: readonly Part[];
      readonly isError: boolean;
    };

/** A tool as a model is told of it. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject;
  /** A call of it ends the round. Never sent to a provider. */
  readonly closesRound?: boolean | undefined;
  /** The string parameter that a Python code fence in a reply stands for. Never sent to a provider. */
  readonly codeParameter?: string | undefined;
}

/** `none`: write text only. `{ tool }`: call exactly this tool. The tool list itself never changes. */
export type ToolChoice = "auto" | "none" | { readonly tool: string };

/** What a model is asked in one turn. */
export interface ModelRequest {
  readonly messages: readonly Message[];
  /** Indices of messages after which a cache breakpoint pays, ascending. */
  readonly breakpoints: readonly number[];
  readonly tools: readonly ToolSpec[];
  readonly toolChoice: ToolChoice;
  /** A 32-bit integer: a function of the run's seed and the turn's place in the run. */
  readonly seed: number;
  /** 0 to 2, for this request alone: where the same prompt has led nowhere. Default: the model's own. */
  readonly temperature?: number | undefined;
}

/** Tokens and money of one turn or of many. */
export interface Usage {
  /** All input tokens, cached ones included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Uncached input tokens that were written to the cache; absent when the provider does not say. */
  readonly cacheWriteTokens?: number;
  /** Output tokens spent on thinking; absent when the provider does not say. */
  readonly reasoningTokens?: number;
  /** US dollars; null when the price is not known. */
  readonly costUsd: number | null;
}

/** What a model answered to one request. */
export interface ModelReply {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly usage: Usage;
  /** `length`: cut off at the output limit; a call that was cut off is not in `calls`. */
  readonly stop: "end" | "calls" | "length" | "filtered";
  /**
   * Why what looks like an action in the text was not carried out, in one sentence for the model; absent where nothing
   * looks like one.
   */
  readonly unread?: string | undefined;
  /** What had to be done to get the reply, and how often, by kind: `retried`, `repaired`, `adapted`, `slowed`, ...; `repaired:name` and its like are among `repaired`. */
  readonly notices?: Readonly<Record<string, number>> | undefined;
}

/** What a model's prompt cache does to the price of a prompt. A renderer decides by it. */
export interface Pricing {
  /** Price of a cached input token, as a share of an uncached one: 0 to 1; 1 where nothing is cached. */
  readonly cachedShare: number;
  /** Price of writing a token into the cache, as a share of an uncached one; 1 where writing is free. */
  readonly writeShare: number;
  /** Shorter prompts are not cached. */
  readonly minimumTokens: number;
  /** The longest prompt that the model takes, in tokens; null when not known. */
  readonly windowTokens: number | null;
}

/**
 * How much a model is asked to handle. `full`: every tool, and phases of their own for planning and cleaning up.
 * `lean`: few tools, and the rest is done for it.
 */
export type Harness = "full" | "lean";

/** What plays rounds: it answers a request with text and calls of tools. */
export interface LanguageModel {
  readonly name: string;
  /** Whether image parts may be sent. */
  readonly seesImages: boolean;
  /** Default `full`. */
  readonly harness?: Harness | undefined;
  /** The prices of its prompt cache, and its window; absent: looked up by the name. */
  readonly pricing?: Pricing | undefined;
  /** Models of different names that compete: a run gives each proposal to one of them, and credits it with the outcome. */
  readonly members?: readonly LanguageModel[];
  /** The models that answer in its place; absent for one that answers itself. A run tries their servers before it begins. */
  readonly asks?: readonly LanguageModel[] | undefined;
  /**
   * @throws ModelError when no reply can be had (after any retries of its own): the episode fails.
   * @throws RunError `model-refused` (401, 403, unknown model) | `model-unreachable`: the run stops.
   * @throws the signal's reason when aborted. Anything else stops the run with `model-failed`.
   */
  reply(request: ModelRequest, options: { readonly signal: AbortSignal }): Promise<ModelReply>;
}
