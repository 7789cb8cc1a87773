// Owns: what is known about models by their names, as data. Never asks a server: what an endpoint refuses is learnt
// while asking (openai/adapt-request.ts), so a profile only saves the first refusals.
import type { Harness } from "../../contracts/index.ts";
import { SAFE_DIALECT, type Dialect } from "./dialect.ts";
import { priceOf, PRICED_MODELS, type Price } from "./prices.ts";

/** How a provider's prompt cache matches. */
export interface CacheRule {
  /** `breakpoints`: only where a request marks them. `prefix`: the longest common beginning. */
  readonly matching: "prefix" | "breakpoints" | "none";
  /** Shorter prompts are not cached. */
  readonly minimumTokens: number;
  /** How long an entry stays without being used. */
  readonly lifetimeMs: number;
}

/** What is known of a model. */
export interface ModelProfile {
  /** The context window; null when unknown. */
  readonly contextTokens: number | null;
  readonly seesImages: boolean;
  /** How much the model is asked to handle in a round. */
  readonly harness: Harness;
  readonly dialect: Dialect;
  readonly cache: CacheRule;
  /** Null: the cost is unknown. */
  readonly price: Price | null;
  /** Tokens of one reply, its reasoning included; null: as many as the server allows. */
  readonly maxOutputTokens: number | null;
  /** Null: the server's own. */
  readonly temperature: number | null;
  /** Limit of one whole attempt, in milliseconds. */
  readonly timeoutMs: number;
  /** Limit up to the first byte of a reply, in milliseconds. */
  readonly firstByteTimeoutMs: number;
  /** Limit between two bytes of a reply, in milliseconds. */
  readonly idleTimeoutMs: number;
}

/** Corrections by the user: only the fields that differ. */
export interface ProfileChanges extends Partial<Omit<ModelProfile, "dialect">> {
  readonly dialect?: Partial<Dialect>;
}

interface NamedProfile {
  readonly names: RegExp;
  readonly contextTokens: number | null;
  readonly seesImages: boolean;
  /** Default `full`. */
  readonly harness?: Harness;
  readonly dialect?: Partial<Dialect>;
  readonly cache?: CacheRule;
  /** Default null: a provider's own limits hold, and reasoning that counts as output takes what it needs. */
  readonly maxOutputTokens?: number;
}

const MINUTES = 60_000;
const NO_CACHE: CacheRule = { matching: "none", minimumTokens: 0, lifetimeMs: 0 };
const OPENAI_PREFIX: CacheRule = { matching: "prefix", minimumTokens: 1024, lifetimeMs: 5 * MINUTES };
const OPENAI_MARKED: CacheRule = { matching: "breakpoints", minimumTokens: 1024, lifetimeMs: 30 * MINUTES };
const ANTHROPIC: CacheRule = { matching: "breakpoints", minimumTokens: 4096, lifetimeMs: 5 * MINUTES };
const GEMINI: CacheRule = { matching: "prefix", minimumTokens: 4096, lifetimeMs: 5 * MINUTES };
const DEEPSEEK: CacheRule = { matching: "prefix", minimumTokens: 64, lifetimeMs: 60 * MINUTES };

/** Less than five minutes to the first byte, after which proxies close a silent connection. */
const TIME_LIMITS = { timeoutMs: 10 * MINUTES, firstByteTimeoutMs: 290_000, idleTimeoutMs: 1 * MINUTES };

/** Reasoning models refuse a temperature and count their reasoning as output. */
const REASONING: Partial<Dialect> = { temperature: false, maxTokens: ["max_completion_tokens"] };

/** The first match counts. The context windows come from the same table as the prices. */
const NAMED_PROFILES: readonly NamedProfile[] = [
  {
    names: /^gpt-5\.6/,
    contextTokens: 1_050_000,
    seesImages: true,
    dialect: { ...REASONING, breakpoints: "openai" },
    cache: OPENAI_MARKED,
  },
  {
    names: /^gpt-5\.[45]($|-\d|-pro)/,
    contextTokens: 1_050_000,
    seesImages: true,
    dialect: REASONING,
    cache: OPENAI_PREFIX,
  },
  {
    names: /^gpt-5\.4-(mini|nano)/,
    contextTokens: 400_000,
    seesImages: true,
    dialect: REASONING,
    cache: OPENAI_PREFIX,
  },
  { names: /^gpt-5/, contextTokens: 272_000, seesImages: true, dialect: REASONING, cache: OPENAI_PREFIX },
  { names: /^gpt-4\.1/, contextTokens: 1_047_576, seesImages: true, cache: OPENAI_PREFIX },
  { names: /^gpt-4o/, contextTokens: 128_000, seesImages: true, cache: OPENAI_PREFIX },
  { names: /^o3-mini/, contextTokens: 200_000, seesImages: false, dialect: REASONING, cache: OPENAI_PREFIX },
  {
    names: /^o[134]($|-)/,
    contextTokens: 200_000,
    seesImages: true,
    dialect: REASONING,
    cache: OPENAI_PREFIX,
  },
  {
    names: /^claude-(opus-(5|4-[678])|sonnet-(5|4-6))/,
    contextTokens: 1_000_000,
    seesImages: true,
    cache: ANTHROPIC,
  },
  { names: /^claude-/, contextTokens: 200_000, seesImages: true, cache: ANTHROPIC },
  { names: /^gemini-/, contextTokens: 1_048_576, seesImages: true, dialect: { seed: false }, cache: GEMINI },
  { names: /^deepseek-v4/, contextTokens: 1_000_000, seesImages: false, cache: DEEPSEEK },
  { names: /^deepseek-(chat|reasoner)/, contextTokens: 131_072, seesImages: false, cache: DEEPSEEK },
  // The larger one was trained to call tools and comes close to o4-mini; most who run the other run it on a laptop.
  { names: /^gpt-oss[-:]120b/, contextTokens: 131_072, seesImages: false, maxOutputTokens: 32_768 },
  {
    names: /(^|\/)jupyter-agent/i,
    contextTokens: null,
    seesImages: false,
    harness: "lean",
    dialect: { toolset: "jupyter-agent" },
    maxOutputTokens: 4_096,
  },
  { names: /^gpt-oss/, contextTokens: 131_072, seesImages: false, harness: "lean", maxOutputTokens: 16_384 },
  { names: /^qwen3/i, contextTokens: 32_768, seesImages: false, harness: "lean", maxOutputTokens: 8_192 },
  {
    names: /^llama-?3\.[123]/i,
    contextTokens: 131_072,
    seesImages: false,
    harness: "lean",
    maxOutputTokens: 4_096,
  },
];

/** What works with most models. */
const UNKNOWN: Omit<NamedProfile, "names"> = {
  contextTokens: null,
  seesImages: false,
  harness: "lean",
  maxOutputTokens: 4_096,
};

/** The profile with the changes applied. An output limit that is not among them takes a quarter of the window at most. */
export function changeProfile(profile: ModelProfile, changes: ProfileChanges = {}): ModelProfile {
  const changed = { ...profile, ...changes, dialect: { ...profile.dialect, ...changes.dialect } };
  const { maxOutputTokens, contextTokens } = changed;
  if (maxOutputTokens === null || contextTokens === null || changes.maxOutputTokens !== undefined)
    return changed;
  return { ...changed, maxOutputTokens: Math.min(maxOutputTokens, Math.ceil(contextTokens / 4)) };
}

/** Both changes; the later ones hold where both change the same. */
export function joinChanges(first: ProfileChanges = {}, later: ProfileChanges = {}): ProfileChanges {
  const dialect = { ...first.dialect, ...later.dialect };
  return { ...first, ...later, ...(Object.keys(dialect).length > 0 && { dialect }) };
}

/** The profile of a model. For an unknown model `onUnknown` is called, and the profile holds safe defaults. */
export function profileOf(
  model: string,
  baseURL: string,
  onUnknown?: (message: string) => void,
): ModelProfile {
  const host = URL.canParse(baseURL) ? new URL(baseURL).hostname : "";
  const name = model.replace(/^(models|openai|anthropic|google|deepseek|qwen|meta-llama)\//, "");
  const known = NAMED_PROFILES.find(({ names }) => names.test(name));
  if (known === undefined) {
    onUnknown?.(`the model ${model} is unknown: safe defaults, the lean harness, no pictures`);
  }
  const { contextTokens, seesImages, harness = "full", maxOutputTokens = null } = known ?? UNKNOWN;
  const { dialect = {}, cache = NO_CACHE } = known ?? {};
  // Anthropic's own compatible endpoint ignores breakpoints; OpenRouter passes them on.
  const marks =
    host === "openrouter.ai" && name.startsWith("claude-") ? { breakpoints: "anthropic" as const } : {};
  return {
    contextTokens,
    seesImages,
    harness,
    dialect: { ...SAFE_DIALECT, ...dialect, ...marks },
    cache,
    price: priceOf(model, baseURL),
    maxOutputTokens,
    temperature: null,
    ...TIME_LIMITS,
  };
}

export interface KnownModel {
  readonly model: string;
  /** The host whose price it is. */
  readonly provider: string;
  readonly profile: ModelProfile;
}

/** Every model with a price, by provider, in the order of the price table. */
export function knownModels(): readonly KnownModel[] {
  return PRICED_MODELS.map(({ model, provider }) => ({
    model,
    provider,
    profile: profileOf(model, `https://${provider}/v1`),
  }));
}
