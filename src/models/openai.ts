// Owns: a language model behind an OpenAI-compatible endpoint, put together from its parts: one attempt
// (ask-endpoint.ts), adaptation (adapting.ts), patience (retry.ts). Never talks to the network itself.
import OpenAI from "openai";
import { RunError } from "../core/errors.ts";
import type { LanguageModel } from "../spec/index.ts";
import { adapting } from "./adapting.ts";
import { askEndpoint, type Seat } from "./ask-endpoint.ts";
import { endpointOf, OPENAI_URL, type Endpoint } from "./endpoint.ts";
import { ModelFailure } from "./failure.ts";
import type { ModelNoticeType, NoticeListener } from "./notice.ts";
import { withPlainErrors } from "./plain-errors.ts";
import { limited } from "./limited.ts";
import type { RateLimits } from "./rate-gate.ts";
import { rateLimiter, type RateLimiter } from "./rate-limiter.ts";
import { profileOf, type ModelProfile } from "./profiles.ts";
import { withRetry, type RetryOptions } from "./retry.ts";

export interface OpenAIOptions extends RetryOptions, RateLimits {
  /** As the endpoint knows it. */
  readonly model: string;
  /** Default: OPENAI_BASE_URL, else OpenAI's own. */
  readonly baseURL?: string;
  /** Default: OPENAI_API_KEY. A local endpoint needs none. */
  readonly apiKey?: string;
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
  readonly profile?: Partial<ModelProfile>;
  /** How long rate limits may hold up one request in all. Default 15 minutes. */
  readonly maxRateLimitMs?: number;
  /** To share one rate with other models of the same account; default: one of the model's own. */
  readonly limiter?: RateLimiter;
  readonly onNotice?: NoticeListener;
}

/**
 * A model behind an OpenAI-compatible endpoint.
 * @throws RunError `model-refused` without a key where one is needed; `bad-option` for a base URL that is none.
 */
export function openai(options: OpenAIOptions): LanguageModel {
  const { model } = options;
  const endpoint = endpointOf(options, process.env);
  const notify = (type: ModelNoticeType) => (message: string) => options.onNotice?.({ type, model, message });
  const profile = { ...profileOf(model, endpoint.baseURL, notify("unknown-model")), ...options.profile };
  const seat = seatAt(endpoint, profile, options, notify("repaired"));
  const first = { ...profile.dialect, ...(options.stream === false ? { stream: false } : {}) };
  const adaptive = adapting((...asked) => askEndpoint(seat, ...asked), first, notify("adapted"));
  const reply = limited((request, signal, accepted) => adaptive.reply(request, { signal, accepted }), {
    limiter: options.limiter ?? rateLimiter(options),
    maxRateLimitMs: options.maxRateLimitMs ?? 15 * 60_000,
    onSlowed: notify("slowed"),
  });
  const { seesImages } = profile;
  const patient = withRetry({ name: model, seesImages, reply }, options);
  return {
    name: model,
    get seesImages() {
      return profile.seesImages && adaptive.dialect.images === "sent";
    },
    async reply(request, { signal }) {
      try {
        return await patient.reply(request, { signal });
      } catch (thrown) {
        throw thrown instanceof ModelFailure && thrown.outcome === "stop"
          ? refusal(seat, endpoint, thrown)
          : thrown;
      }
    },
  };
}

function seatAt(
  endpoint: Endpoint,
  profile: ModelProfile,
  options: OpenAIOptions,
  repaired: Seat["repaired"],
): Seat {
  const { timeoutMs = 600_000, firstByteTimeoutMs = 290_000, idleTimeoutMs = 60_000 } = options;
  const { temperature = null, maxOutputTokens = null, reasoningEffort = null } = options;
  return {
    client: clientAt(endpoint, timeoutMs),
    apiKey: endpoint.apiKey,
    api: options.api ?? "chat",
    model: options.model,
    sampling: { temperature, maxOutputTokens, reasoningEffort },
    timeouts: { timeoutMs, firstByteTimeoutMs, idleTimeoutMs },
    price: profile.price,
    repaired,
  };
}

function clientAt({ baseURL, apiKey }: Endpoint, timeoutMs: number): OpenAI {
  return new OpenAI({
    baseURL,
    apiKey,
    // Whose account it is, is OpenAI's business alone.
    ...(baseURL === OPENAI_URL ? {} : { organization: null, project: null }),
    // Waiting and asking again are decided in one place, and not here.
    maxRetries: 0,
    timeout: timeoutMs,
    fetch: withPlainErrors(globalThis.fetch),
    logLevel: "off",
  });
}

function refusal({ model }: Seat, { baseURL }: Endpoint, failure: ModelFailure): RunError {
  const remedy = "check the key, the model's name and the base URL, and that the account has credit";
  return new RunError(
    "model-refused",
    `${baseURL} refuses the model ${model}: ${failure.message} (${remedy})`,
  );
}
