// Owns: what one endpoint accepts, and what is left out after it refused something. Pure values.
import type { ModelFailure } from "../signals/failure.ts";

/** Everything in which OpenAI-compatible endpoints differ on the way in. It only ever shrinks. */
export interface Dialect {
  /** Names for the output limit, in the order to try. */
  readonly maxTokens: readonly ("max_completion_tokens" | "max_tokens")[];
  readonly temperature: boolean;
  readonly seed: boolean;
  readonly reasoningEffort: boolean;
  readonly stream: boolean;
  /** `stream_options: { include_usage }`. */
  readonly streamUsage: boolean;
  /** How a certain tool can be demanded: by name, as "some tool", not at all; `omitted`: no `tool_choice` either. */
  readonly toolChoice: "named" | "required" | "auto" | "omitted";
  /** `text`: the tools are described in the system message and the calls are written in the text. */
  readonly tools: "native" | "text";
  readonly images: "sent" | "none";
  /** Roles for instructions, in the order to try. */
  readonly systemRole: readonly ("system" | "developer" | "user")[];
  /** Neighbouring user messages become one, for chat templates that insist on taking turns. */
  readonly mergeTurns: boolean;
  /** How cache breakpoints are marked on a content part. */
  readonly breakpoints: "none" | "openai" | "anthropic";
  /** `include: ["reasoning.encrypted_content"]` (Responses API only). */
  readonly encryptedReasoning: boolean;
}

/** What is safe to try on an endpoint that nothing is known about. */
export const SAFE_DIALECT: Dialect = {
  maxTokens: ["max_tokens", "max_completion_tokens"],
  temperature: true,
  seed: true,
  reasoningEffort: true,
  stream: true,
  streamUsage: true,
  toolChoice: "named",
  tools: "native",
  images: "sent",
  systemRole: ["system", "user"],
  mergeTurns: false,
  breakpoints: "none",
  encryptedReasoning: true,
};

interface Rule {
  /** Matches the named parameter or, where none is named, the message. */
  readonly about: RegExp;
  /** The smaller dialect, or null when there is nothing left to give up. */
  shrink(dialect: Dialect): Partial<Dialect> | null;
}

const RULES: readonly Rule[] = [
  { about: /stream_options|include_usage/, shrink: (d) => (d.streamUsage ? { streamUsage: false } : null) },
  {
    about: /max_(completion_)?tokens|max_output_tokens/,
    shrink: (d) => (d.maxTokens.length > 0 ? { maxTokens: d.maxTokens.slice(1) } : null),
  },
  { about: /temperature/, shrink: (d) => (d.temperature ? { temperature: false } : null) },
  {
    about: /reasoning[._]encrypted|\binclude\b/,
    shrink: (d) => (d.encryptedReasoning ? { encryptedReasoning: false } : null),
  },
  {
    about: /reasoning([._]?effort)?\b/,
    shrink: (d) => (d.reasoningEffort ? { reasoningEffort: false } : null),
  },
  { about: /\bseed\b/, shrink: (d) => (d.seed ? { seed: false } : null) },
  {
    about: /cache_control|prompt_cache/,
    shrink: (d) => (d.breakpoints === "none" ? null : { breakpoints: "none" }),
  },
  {
    about: /(tool|function)[ _]?(choice|calling_config)/i,
    shrink: ({ toolChoice, tools }) => {
      if (toolChoice === "named") return { toolChoice: "required" };
      if (toolChoice === "required") return { toolChoice: "auto" };
      if (toolChoice === "auto") return { toolChoice: "omitted" };
      return tools === "native" ? { tools: "text" } : null;
    },
  },
  {
    about: /\btools?\b|tool use|function call/i,
    shrink: (d) => (d.tools === "native" ? { tools: "text" } : null),
  },
  {
    about: /image|vision|multi-?modal/i,
    shrink: (d) => (d.images === "sent" ? { images: "none" } : null),
  },
  { about: /alternat/i, shrink: (d) => (d.mergeTurns ? null : { mergeTurns: true }) },
  {
    about: /system (role|message|prompt)|developer (instruction|role|message)|role.*(system|developer)/i,
    shrink: (d) => (d.systemRole.length > 1 ? { systemRole: d.systemRole.slice(1) } : null),
  },
  { about: /\bstream(ing|ed)?\b/, shrink: (d) => (d.stream ? { stream: false } : null) },
];

/** Without what the endpoint refused; null when the failure names nothing that can be left out. */
export function withoutRefused(dialect: Dialect, failure: ModelFailure): Dialect | null {
  if (failure.outcome !== "adapt") return null;
  return shrinkBy(dialect, failure.parameter) ?? shrinkBy(dialect, failure.message);
}

function shrinkBy(dialect: Dialect, words: string): Dialect | null {
  for (const rule of RULES) {
    const change = rule.about.test(words) ? rule.shrink(dialect) : null;
    if (change !== null) return { ...dialect, ...change };
  }
  return null;
}

/** What differs, as words: `temperature: true -> false`. */
export function difference(before: Dialect, after: Dialect): string {
  return (Object.keys(before) as (keyof Dialect)[])
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => `${key}: ${JSON.stringify(before[key])} -> ${JSON.stringify(after[key])}`)
    .join(", ");
}
