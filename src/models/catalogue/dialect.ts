// Owns: the ways in which OpenAI-compatible endpoints differ in what they accept, as one plain value.

/**
 * What one endpoint accepts, and its model does. `openai/adapt-request.ts` leaves out what was refused;
 * `openai/protocol-ladder.ts` moves `tools`, `constraint` and `toolChoice` by what the model is seen to do.
 */
export interface Dialect {
  /** Names for the output limit, in the order to try. */
  readonly maxTokens: readonly ("max_completion_tokens" | "max_tokens")[];
  readonly temperature: boolean;
  readonly seed: boolean;
  readonly reasoningEffort: boolean;
  readonly stream: boolean;
  /** `stream_options: { include_usage }`. */
  readonly streamUsage: boolean;
  /**
   * How a certain tool can be demanded: by its name, as "some tool", or not at all. `omitted`: the request has no
   * `tool_choice`.
   */
  readonly toolChoice: "named" | "required" | "auto" | "omitted";
  /**
   * `text`: the tools are described in the system message, and the model writes its calls in its text. `fence`: it knows
   * of no tools; a block of Python is run, and a word closes the round.
   */
  readonly tools: "native" | "text" | "fence";
  /**
   * What holds a reply in the fence protocol to its form: the field `grammar`, as llama.cpp's server takes it, or nothing.
   * Under a grammar a model cannot think before it writes.
   */
  readonly constraint: "grammar" | "none";
  /**
   * The tools that a model is shown. `jupyter-agent`: the two that the models of this name were trained on, one that runs a
   * cell and one that ends the work, each with a comment that says why.
   */
  readonly toolset: "own" | "jupyter-agent";
  readonly images: "sent" | "none";
  /** Roles for instructions, in the order to try. */
  readonly systemRole: readonly ("system" | "developer" | "user")[];
  /** Consecutive user messages become one, for chat templates that insist on alternating roles. */
  readonly mergeTurns: boolean;
  /** Ids of calls as they were given, or nine letters and digits each: Mistral's template takes no other. */
  readonly callIds: "given" | "short";
  /** What stands for the words of a reply that has calls alone. */
  readonly noWords: "null" | "empty";
  /** How cache breakpoints are marked on a content part. */
  readonly breakpoints: "none" | "openai" | "anthropic";
  /** `include: ["reasoning.encrypted_content"]` (Responses API only). */
  readonly encryptedReasoning: boolean;
}

/** What is safe to try with an unknown endpoint. */
export const SAFE_DIALECT: Dialect = {
  maxTokens: ["max_tokens", "max_completion_tokens"],
  temperature: true,
  seed: true,
  reasoningEffort: true,
  stream: true,
  streamUsage: true,
  toolChoice: "named",
  tools: "native",
  constraint: "none",
  toolset: "own",
  images: "sent",
  systemRole: ["system", "user"],
  mergeTurns: false,
  callIds: "given",
  noWords: "null",
  breakpoints: "none",
  encryptedReasoning: true,
};

/** The values of each field that is one word of several, or a list of such words. */
export const DIALECT_WORDS: { readonly [K in WordField]: readonly WordOf<Dialect[K]>[] } = {
  maxTokens: ["max_completion_tokens", "max_tokens"],
  toolChoice: ["named", "required", "auto", "omitted"],
  tools: ["native", "text", "fence"],
  constraint: ["grammar", "none"],
  toolset: ["own", "jupyter-agent"],
  images: ["sent", "none"],
  systemRole: ["system", "developer", "user"],
  callIds: ["given", "short"],
  noWords: ["null", "empty"],
  breakpoints: ["none", "openai", "anthropic"],
};

type WordOf<Value> = Value extends readonly (infer Word)[] ? Word : Value;
type WordField = {
  [K in keyof Dialect]: WordOf<Dialect[K]> extends string ? K : never;
}[keyof Dialect];

/** The fields that differ, with their new values. */
export function changedFields(before: Dialect, after: Dialect): Partial<Dialect> {
  const old: Readonly<Record<string, unknown>> = { ...before };
  return Object.fromEntries(
    Object.entries(after).filter(([field, value]) => JSON.stringify(old[field]) !== JSON.stringify(value)),
  );
}
