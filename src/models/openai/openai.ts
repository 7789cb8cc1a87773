// Owns: a language model behind an OpenAI-compatible endpoint, put together from its parts: one attempt
// (ask-endpoint.ts), adaptation (adapting.ts), the shared rate (limited.ts), patience (retry.ts).
// Never talks to the network itself.
import OpenAI from "openai";
import type { LanguageModel } from "../../contracts/index.ts";
import { adapting } from "./adapt-request.ts";
import { askEndpoint, type ReplyFacts, type EndpointState } from "./ask-endpoint.ts";
import type { Dialect } from "../catalogue/dialect.ts";
import { endpointOf, secretsOf, type Endpoint, type EndpointOptions, type Environment } from "./endpoint.ts";
import { limited } from "./wait-for-rate.ts";
import { presence, stopping } from "./reachability.ts";
import { tally, type ModelNoticeType, type NoticeListener, type Notify } from "../signals/notice.ts";
import { withPlainErrors } from "./plain-errors.ts";
import { pricingAt } from "../catalogue/pricing.ts";
import { changed, profileOf, type ModelProfile, type ProfileChanges } from "../catalogue/profiles.ts";
import type { RateLimits } from "./rate-gate.ts";
import { rateLimiter, type RateLimiter } from "./rate-limiter.ts";
import { withRetry, type RetryOptions } from "../wrappers/retry.ts";

export interface OpenAIOptions extends RetryOptions, RateLimits, EndpointOptions {
  /** As the endpoint knows it. */
  readonly model: string;
  /** Default: OPENAI_BASE_URL, else OpenAI's own. */
  readonly baseURL?: string;
  /** Default: the provider's own variable (ANTHROPIC_API_KEY, ...), else OPENAI_API_KEY. A local endpoint needs none. */
  readonly apiKey?: string;
  /** Sent with every request, for gateways that want their own. Default: OPENAI_CUSTOM_HEADERS. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where those variables are looked up. Default: `process.env`. */
  readonly env?: Environment;
  /** Default: `chat`, which every endpoint has. */
  readonly api?: "chat" | "responses";
  /** All of one attempt. Default 600,000. */
  readonly timeoutMs?: number;
  /** Up to the first byte of a reply. Default 290,000. */
  readonly firstByteTimeoutMs?: number;
  /** Between two bytes of a reply. Default 60,000. */
  readonly idleTimeoutMs?: number;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly reasoningEffort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
  /** Default true: only a stream shows whether anything still happens. */
  readonly stream?: boolean;
  /** Where the built-in profiles are wrong or silent about the model. */
  readonly profile?: ProfileChanges;
  /** How long rate limits may hold up one request in all. Default 15 minutes. */
  readonly maxRateLimitMs?: number;
  /** To share one rate with other models of the same account; default: one of the model's own. */
  readonly limiter?: RateLimiter;
  readonly onNotice?: NoticeListener;
}

/** A model behind an endpoint, and what was learnt of it by asking. */
export interface EndpointModel extends LanguageModel {
  readonly learnt: Learnt;
}

export interface Learnt {
  readonly profile: ModelProfile;
  /** What it accepts by now; `profile.dialect`: what it was taken to accept. */
  readonly dialect: Dialect;
  /** How its last reply came; null before the first. */
  readonly last: ReplyFacts | null;
}

/** Whether a model is one of these. */
export function isEndpoint(model: LanguageModel): model is EndpointModel {
  return "learnt" in model;
}

/**
 * A model behind an OpenAI-compatible endpoint.
 * @throws RunError `model-refused` without a key where one is needed; `bad-option` for a base URL that is none.
 */
export function openai(options: OpenAIOptions): EndpointModel {
  const { model } = options;
  const endpoint = endpointOf(options, options.env ?? process.env);
  const onUnknown = (message: string): void => options.onNotice?.({ type: "unknown-model", model, message });
  const profile = changed(profileOf(model, endpoint.baseURL, onUnknown), options.profile);
  let last: ReplyFacts | null = null;
  const seat = seatAt(endpoint, profile, options, (facts) => (last = facts));
  const first = { ...profile.dialect, ...(options.stream === false ? { stream: false } : {}) };
  const adaptive = adapting((...asked) => askEndpoint(seat, ...asked), first);
  const there = presence(
    endpoint,
    limited((request, attempt) => adaptive.reply(request, attempt), {
      limiter: options.limiter ?? rateLimiter(options),
      maxRateLimitMs: options.maxRateLimitMs ?? 15 * 60_000,
    }),
  );
  const seesImages = (): boolean => profile.seesImages && adaptive.dialect.images === "sent";
  return {
    name: model,
    pricing: pricingAt(model, profile),
    get seesImages() {
      return seesImages();
    },
    get learnt() {
      return { profile, dialect: adaptive.dialect, last };
    },
    async reply(request, { signal }) {
      const told = tally(options.onNotice);
      const { listener } = told;
      const notify: Notify = (type: ModelNoticeType, message) => listener({ type, model, message });
      const once: LanguageModel = {
        name: model,
        seesImages: seesImages(),
        reply: (attempt) => there.ask(attempt, { signal, notify, accepted: () => undefined }),
      };
      const patient = withRetry(once, { ...options, onNotice: listener });
      return told.onto(await stopping(model, endpoint, there, () => patient.reply(request, { signal })));
    },
  };
}

function seatAt(
  endpoint: Endpoint,
  profile: ModelProfile,
  options: OpenAIOptions,
  heard: EndpointState["heard"],
): EndpointState {
  const { timeoutMs = 600_000, firstByteTimeoutMs = 290_000, idleTimeoutMs = 60_000 } = options;
  const { temperature = null, maxOutputTokens = null, reasoningEffort = null } = options;
  return {
    client: clientAt(endpoint, timeoutMs),
    secrets: secretsOf(endpoint),
    api: options.api ?? "chat",
    model: options.model,
    sampling: { temperature, maxOutputTokens, reasoningEffort },
    timeouts: { timeoutMs, firstByteTimeoutMs, idleTimeoutMs },
    price: profile.price,
    heard,
  };
}

function clientAt({ baseURL, apiKey, organization, project, headers }: Endpoint, timeoutMs: number): OpenAI {
  return new OpenAI({
    baseURL,
    apiKey,
    adminAPIKey: null,
    organization,
    project,
    defaultHeaders: headers,
    // Waiting and asking again are decided in one place, and not here.
    maxRetries: 0,
    timeout: timeoutMs,
    fetch: withPlainErrors(globalThis.fetch),
    logLevel: "off",
  });
}
