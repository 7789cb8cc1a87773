// Owns: asking again without what an endpoint refused, and remembering the refusal for all later requests.
import { changedFields, type Dialect } from "../catalogue/dialect.ts";
import { ModelFailure } from "../signals/failure.ts";
import type { AskContext, AskStep } from "./ask-chain.ts";
import { addHabits, nextProtocol, NO_HABITS } from "./protocol-ladder.ts";
import type { SeenForm } from "./wire/finish-reply.ts";
import { ID_REFUSED, NULL_REFUSED } from "./wire/server-errors.ts";

export interface DialectMemory {
  /** What the endpoint is known to accept by now. */
  readonly dialect: Dialect;
  /** Asks in the remembered dialect, and again in a smaller one after each refusal that names something to leave out. */
  readonly adaptRequest: AskStep;
}

/**
 * Begins with what the endpoint is taken to accept. Asking again comes to an end because a refusal only ever makes a
 * dialect smaller; a reply may change its protocol for the next request.
 */
export function rememberDialect(first: Dialect): DialectMemory {
  let dialect = first;
  let habits = NO_HABITS;
  const remember = (after: Dialect): void => {
    if (dialect.constraint !== "none" && after.constraint === "none") habits = { ...habits, staysFree: true };
    dialect = after;
  };
  const moveTo = (after: Dialect, reason: string, { notify }: Pick<AskContext, "notify">): void => {
    const change = describeChange(dialect, after);
    if (change === "") return;
    if (dialect.tools !== after.tools && after.tools === "native") habits = { ...NO_HABITS, staysDown: true };
    remember(after);
    notify("adapted", `${reason}: ${change}`);
  };
  return {
    get dialect() {
      return dialect;
    },
    adaptRequest: (next) => async (request, context) => {
      for (;;) {
        const used = dialect;
        try {
          let form: SeenForm | null = null;
          const onSeen = (seen: SeenForm): void => void (form = seen);
          const reply = await next(request, { ...context, dialect: used, onSeen });
          const seen = { request, reply, dialect: used, form };
          habits = addHabits(habits, seen);
          const step = nextProtocol(seen, habits);
          // What was seen of an earlier protocol says nothing of the one that another request moved to meanwhile.
          if (step !== null && dialect.tools === used.tools && dialect.constraint === used.constraint)
            moveTo({ ...dialect, ...step.change }, step.reason, context);
          return reply;
        } catch (thrown) {
          const smaller = thrown instanceof ModelFailure ? withoutRefused(used, thrown) : null;
          if (smaller === null) throw thrown;
          // A concurrent request may have been refused something meanwhile: its dialect is tried first.
          if (dialect !== used) continue;
          if (smaller.tools !== used.tools) habits = { ...habits, staysDown: true };
          remember(smaller);
          context.notify("adapted", describeChange(used, smaller));
        }
      }
    },
  };
}

interface DialectRule {
  /** Matches the named parameter or, where none is named, the message. */
  readonly about: RegExp;
  /** The fields to give up, or null when there is nothing left to give up. */
  shrink(dialect: Dialect): Partial<Dialect> | null;
}

const DIALECT_RULES: readonly DialectRule[] = [
  { about: /stream_options|include_usage/, shrink: (d) => (d.streamUsage ? { streamUsage: false } : null) },
  {
    about: /max_(completion_)?tokens|max_output_tokens/,
    shrink: (d) => (d.maxTokens.length > 0 ? { maxTokens: d.maxTokens.slice(1) } : null),
  },
  { about: /grammar/, shrink: (d) => (d.constraint === "none" ? null : { constraint: "none" }) },
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
  { about: ID_REFUSED, shrink: (d) => (d.callIds === "given" ? { callIds: "short" } : null) },
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
    about:
      /system (role|message|prompt)|developer (instruction|role|message)|role(?:(?!role).)*(?:system|developer)/i,
    shrink: (d) => (d.systemRole.length > 1 ? { systemRole: d.systemRole.slice(1) } : null),
  },
  { about: /\bstream(ing|ed)?\b/, shrink: (d) => (d.stream ? { stream: false } : null) },
  { about: NULL_REFUSED, shrink: (d) => (d.noWords === "null" ? { noWords: "empty" } : null) },
];

/** Null when the failure names nothing that can be left out. */
function withoutRefused(dialect: Dialect, failure: ModelFailure): Dialect | null {
  if (failure.outcome !== "adapt") return null;
  return shrinkDialect(dialect, failure.parameter) ?? shrinkDialect(dialect, failure.message);
}

function shrinkDialect(dialect: Dialect, words: string): Dialect | null {
  for (const rule of DIALECT_RULES) {
    const change = rule.about.test(words) ? rule.shrink(dialect) : null;
    if (change !== null) return { ...dialect, ...change };
  }
  return null;
}

/** `temperature: true -> false`. */
function describeChange(before: Dialect, after: Dialect): string {
  const old: Readonly<Record<string, unknown>> = { ...before };
  return Object.entries(changedFields(before, after))
    .map(([field, value]) => `${field}: ${JSON.stringify(old[field])} -> ${JSON.stringify(value)}`)
    .join(", ");
}
