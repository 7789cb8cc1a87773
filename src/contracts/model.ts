// One request, one reply. Retries, budgets and ensembles wrap this same shape.
import type { Json, JsonObject } from "./json.ts";
import type { Pricing } from "./renderer.ts";

export interface TextPart {
  readonly type: "text";
  readonly text: string;
}
export interface ImagePart {
  readonly type: "image";
  readonly mime: string;
  readonly base64: string;
}
export type Part = TextPart | ImagePart;

export interface ToolCall {
  readonly id: string;
  readonly tool: string;
  /** As the model wrote them: parsed JSON, or the raw text when it does not parse. */
  readonly arguments: Json;
  /** What a provider wants back untouched with the call (for example Gemini's thought signature). */
  readonly extra?: JsonObject;
}

export type Message =
  | { readonly role: "system" | "user"; readonly content: readonly Part[] }
  | { readonly role: "assistant"; readonly text: string; readonly calls: readonly ToolCall[] }
  | {
      readonly role: "tool";
      readonly callId: string;
      readonly content: readonly Part[];
      readonly isError: boolean;
    };

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject;
  /** A call of it ends the round. Never sent to a provider. */
  readonly closesRound?: boolean | undefined;
}

/** `none`: write text only. `{ tool }`: call exactly this tool. The tool list itself never changes. */
export type ToolChoice = "auto" | "none" | { readonly tool: string };

export interface ModelRequest {
  readonly messages: readonly Message[];
  /** Indices of messages after which a cache breakpoint pays; ascending. */
  readonly breakpoints: readonly number[];
  readonly tools: readonly ToolSpec[];
  readonly toolChoice: ToolChoice;
  /** A 32-bit integer that is a function of the run's seed and the turn's place in the run. */
  readonly seed: number;
}

export interface Usage {
  /** Input tokens in all, cached ones included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Input tokens written to the cache, of those not cached; absent where the provider does not say. */
  readonly cacheWriteTokens?: number;
  /** Output tokens spent on thinking; absent where the provider does not say. */
  readonly reasoningTokens?: number;
  /** Null when the price is not known: never a made-up cost. */
  readonly costUsd: number | null;
}

export interface ModelReply {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly usage: Usage;
  /** `length`: cut at the output limit; calls that were cut are not in `calls`. */
  readonly stop: "end" | "calls" | "length" | "filtered";
  /** How often something had to be done to get it, by kind: `retried`, `repaired`, `adapted`, `slowed`, ... */
  readonly notices?: Readonly<Record<string, number>>;
}

export interface LanguageModel {
  readonly name: string;
  /** Whether image parts may be sent. */
  readonly seesImages: boolean;
  /** What its prompt cache costs and its window, for renderers; absent: looked up by the name. */
  readonly pricing?: Pricing | undefined;
  /** Models of different names; a run gives each proposal one of them, and credits it with what came of it. */
  readonly members?: readonly LanguageModel[];
  /**
   * @throws ModelError when no reply can be had (after any retries of its own): the episode fails.
   * @throws RunError `model-refused` (401, 403, unknown model) | `model-unreachable`: the run stops.
   * @throws the signal's reason when aborted.
   */
  reply(request: ModelRequest, options: { readonly signal: AbortSignal }): Promise<ModelReply>;
}
