// Owns: a language model behind an OpenAI-compatible endpoint, put together from the steps in this folder.
// Never talks to the network itself.
import { createHmac, randomBytes } from "node:crypto";
import OpenAI from "openai";
import type { LanguageModel } from "../../contracts/index.ts";
import { PRICE_OPTION, priceFrom, type OwnPrice } from "../catalogue/own-price.ts";
import { pricingOf } from "../catalogue/pricing.ts";
import {
  changeProfile,
  joinChanges,
  profileOf,
  type ModelProfile,
  type ProfileChanges,
} from "../catalogue/profiles.ts";
import type { LearntDialect } from "../catalogue/profile-text.ts";
import type { Notify } from "../signals/notice.ts";
import { retryFailures, type RetryOptions } from "../wrappers/retry.ts";
import { rememberDialect } from "./adapt-request.ts";
import { chainSteps, countNotices } from "./ask-chain.ts";
import { askEndpoint, type EndpointClient, type ReplyFacts } from "./ask-endpoint.ts";
import { askWindow } from "./ask-window.ts";
import {
  describeProxy,
  endpointOf,
  secretsOf,
  type Endpoint,
  type EndpointOptions,
  type Variables,
} from "./endpoint.ts";
import { withinOrigin } from "./own-origin.ts";
import { patientFetch } from "./patient-fetch.ts";
import type { RateLimits } from "./rate-gate.ts";
import { rateLimiter, type RateLimiter } from "./rate-limiter.ts";
import { RATE_OPTIONS } from "./rate-gate.ts";
import { RETRY_OPTIONS } from "../wrappers/retry.ts";
import { checkOptions, oneOf, OPTION, whole, type OptionKinds } from "../../core/options.ts";
import { tokensOf } from "../../core/run/usage.ts";
import { watchReachability } from "./trouble/reachability.ts";
import {
  answerFrom,
  boundRetries,
  FIRST_QUESTION,
  QUESTION_TOKENS,
  type FirstAnswer,
} from "./trouble/try-out.ts";
import { waitForRate } from "./wait-for-rate.ts";
import { rememberWindow } from "./window-memory.ts";
import { withPlainErrors } from "./wire/server-errors.ts";
import { nameOption } from "../../core/shell-words.ts";

/** Which model of which server, and how it is asked. */
export interface OpenAIOptions extends RetryOptions, RateLimits, EndpointOptions {
  /** The model's name at the endpoint. */
  readonly model: string;
  /** Where variables such as OPENAI_API_KEY are looked up. Default `process.env`. */
  readonly env?: Variables | undefined;
  /** Default `chat`, which every endpoint offers. */
  readonly api?: "chat" | "responses" | undefined;
  /** Limit of one whole attempt: what was streamed until then counts as a reply that was cut. Default: the profile's. */
  readonly timeoutMs?: number | undefined;
  /** Limit up to the first byte of a reply. Default: the profile's. */
  readonly firstByteTimeoutMs?: number | undefined;
  /** Limit between two bytes of a reply. Default: the profile's. */
  readonly idleTimeoutMs?: number | undefined;
  /** Default: the profile's. */
  readonly temperature?: number | undefined;
  /** Default: the profile's. */
  readonly maxOutputTokens?: number | undefined;
  readonly reasoningEffort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max" | undefined;
  /** Default true: only a stream shows whether the server is still working. */
  readonly stream?: boolean | undefined;
  /** Where it is not known, or another than the list's. It goes before that of `profile`. */
  readonly price?: OwnPrice | undefined;
  /** Corrections where the built-in profile of the model is wrong or incomplete. */
  readonly profile?: ProfileChanges | undefined;
  /** How long rate limits may hold up one request in all. Default 900,000 (15 minutes). */
  readonly maxRateLimitMs?: number | undefined;
  /** A limiter to share with other models of the same account. Default: one for this model alone. */
  readonly limiter?: RateLimiter | undefined;
}

const OPENAI_OPTIONS: OptionKinds<OpenAIOptions> = {
  ...RETRY_OPTIONS,
  ...RATE_OPTIONS,
  model: OPTION.text,
  baseURL: OPTION.any,
  apiKey: OPTION.any, // a secret: it is not shown
  headers: OPTION.any,
  env: OPTION.record,
  api: oneOf("chat", "responses"),
  timeoutMs: OPTION.positive,
  firstByteTimeoutMs: OPTION.positive,
  idleTimeoutMs: OPTION.positive,
  temperature: OPTION.number,
  maxOutputTokens: whole(1),
  reasoningEffort: oneOf("none", "minimal", "low", "medium", "high", "xhigh", "max"),
  stream: OPTION.flag,
  price: PRICE_OPTION,
  profile: OPTION.record,
  maxRateLimitMs: OPTION.number,
  limiter: OPTION.record,
};

/** A model behind an endpoint, with what was learnt about it by asking. */
export interface EndpointModel extends LanguageModel {
  readonly learnt: LearntFacts;
  /** Asks the server for its window now, where it is not known; else it is asked before the first prompt that is not short. */
  learnWindow(signal: AbortSignal): Promise<void>;
  /** Tells servers, names and keys apart, and gives none away. */
  readonly identity: string;
  /**
   * Asks the server once, for a few tokens, so that a wrong key, name or address is known before anything begins. A server
   * that is only starting is waited for: for seconds, or as in a run where it says that it loads its model.
   * @throws RunError `model-refused` | `model-unreachable`; the signal's reason when aborted.
   */
  tryOut(signal: AbortSignal): Promise<FirstAnswer>;
  /** The same model with a profile that differs in more. */
  changed(changes: ProfileChanges): EndpointModel;
}

/** What was learnt of the endpoint by asking it. */
export interface LearntFacts extends LearntDialect {
  /** How its last reply came; null before the first. */
  readonly last: ReplyFacts | null;
}

export function isEndpointModel(model: LanguageModel): model is EndpointModel {
  return "learnt" in model;
}

/**
 * A model behind an OpenAI-compatible endpoint.
 * @throws RunError `model-refused` without a key where one is needed; `bad-option` for an invalid base URL.
 */
export function openai(options: OpenAIOptions): EndpointModel {
  checkOptions("openai", options, OPENAI_OPTIONS, ["model"]);
  const { model, requestsPerMinute, tokensPerMinute } = options;
  const { limiter = rateLimiter({ requestsPerMinute, tokensPerMinute }), maxRateLimitMs = 15 * 60_000 } =
    options;
  const notify: Notify = (type, message, more) => options.onNotice?.({ type, model, message, ...more });
  const endpoint = endpointOf(options, options.env ?? process.env);
  const proxy = describeProxy(endpoint);
  if (proxy !== "") notify("proxied", `its requests go through ${proxy}`);
  const { price } = options;
  const isPriced = (price ?? options.profile?.price ?? null) !== null;
  const known = profileOf(model, endpoint.baseURL, (message) =>
    notify(
      "unknown-model",
      isPriced ? message : `${message}, cost unknown (${nameOption("--price", "price")} gives it)`,
    ),
  );
  const changes = price === undefined ? options.profile : { ...options.profile, price: priceFrom(price) };
  const profile = changeProfile(known, changes);
  const window = rememberWindow(async (signal) =>
    profile.contextTokens === null ? askWindow(endpoint, model, signal) : null,
  );
  const profileNow = (): ModelProfile =>
    window.tokens === null ? profile : changeProfile(known, { ...changes, contextTokens: window.tokens });
  const memory = rememberDialect({
    ...profile.dialect,
    stream: profile.dialect.stream && options.stream !== false,
  });
  const reachability = watchReachability(model, endpoint, options.maxOutageMs);
  let last: ReplyFacts | null = null;
  const client = clientOf(endpoint, profileNow, options, (facts) => (last = facts));
  // A request goes down these steps and its reply comes back up. They all have the same shape and know only the next.
  const ask = chainSteps(
    [
      countNotices, // puts the counts of its notices on the reply
      window.keepWindow, // refuses what is longer than the server's window
      reachability.stopRun, // turns a failure that concerns every request into a RunError
      retryFailures(model, options), // asks again after a failure that may pass
      reachability.limitRetries, // gives up soon where nothing has ever listened on this machine
      waitForRate(limiter, maxRateLimitMs), // takes turns, and asks again after a rate limit
      memory.adaptRequest, // asks again without what the endpoint refused
    ],
    askEndpoint(client), // one attempt: request body, exchange, draft, reply
  );
  /** Its own dialect: what is refused of so small a request says little of a larger one. */
  const tryOut = async (signal: AbortSignal): Promise<FirstAnswer> => {
    const small = clientOf(endpoint, profileNow, { ...options, maxOutputTokens: QUESTION_TOKENS }, ignore);
    const { stopRun } = watchReachability(model, endpoint);
    const steps = [
      stopRun,
      retryFailures(model, options),
      boundRetries,
      reachability.limitRetries, // a server that answers now is waited for later
      waitForRate(limiter, 0),
      rememberDialect(memory.dialect).adaptRequest,
    ];
    const told: Notify = (type, ...more) => (type === "retried" ? notify(type, ...more) : undefined);
    const context = { signal, notify: told, dialect: memory.dialect, onSeen: ignore, onAccepted: ignore };
    const { baseURL } = endpoint;
    const hasPrice = small.price !== null || null;
    try {
      const reply = await chainSteps(steps, askEndpoint(small))(FIRST_QUESTION, context);
      const isBilled = reply.usage.costUsd !== null;
      return { model, baseURL, tokens: tokensOf(reply.usage), words: "", isPriced: hasPrice ?? isBilled };
    } catch (thrown) {
      signal.throwIfAborted();
      return { model, baseURL, isPriced: hasPrice, ...(await answerFrom(thrown, model, endpoint, signal)) };
    }
  };
  return {
    name: model,
    harness: profile.harness,
    // A price without that of the cache says nothing about its share.
    pricing: pricingOf(
      model,
      price?.cachedUsd === undefined ? changeProfile(known, options.profile) : profile,
    ),
    get seesImages() {
      return profile.seesImages && memory.dialect.images === "sent";
    },
    get learnt() {
      return { profile, windowTokens: window.tokens, dialect: memory.dialect, last };
    },
    learnWindow: (signal) => window.learn(signal),
    identity: createHmac("sha256", OF_THIS_PROCESS)
      .update(JSON.stringify([model, options.api ?? "chat", endpoint]))
      .digest("base64url"),
    tryOut,
    changed: (changes) => openai({ ...options, limiter, profile: joinChanges(options.profile, changes) }),
    reply: (request, { signal }) =>
      ask(request, { signal, notify, dialect: memory.dialect, onSeen: ignore, onAccepted: ignore }),
  };
}

/** Nobody finds a key by trying what has the same identity. */
const OF_THIS_PROCESS = randomBytes(16);

function ignore(): void {
  // Nobody listens unless a step asks to.
}

function clientOf(
  endpoint: Endpoint,
  profileNow: () => ModelProfile,
  options: OpenAIOptions,
  onReply: EndpointClient["onReply"],
): EndpointClient {
  const { timeoutMs, firstByteTimeoutMs, idleTimeoutMs, price } = profileNow();
  return {
    client: openClient(endpoint),
    secrets: secretsOf(endpoint),
    api: options.api ?? "chat",
    model: options.model,
    get sampling() {
      const profile = profileNow();
      const { temperature = profile.temperature, maxOutputTokens = profile.maxOutputTokens } = options;
      return { temperature, maxOutputTokens, reasoningEffort: options.reasoningEffort ?? null };
    },
    timeouts: {
      timeoutMs: options.timeoutMs ?? timeoutMs,
      firstByteTimeoutMs: options.firstByteTimeoutMs ?? firstByteTimeoutMs,
      idleTimeoutMs: options.idleTimeoutMs ?? idleTimeoutMs,
    },
    price,
    onReply,
  };
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

function openClient({ baseURL, apiKey, organization, project, headers, proxies }: Endpoint): OpenAI {
  return new OpenAI({
    baseURL,
    apiKey,
    adminAPIKey: null,
    organization,
    project,
    defaultHeaders: headers,
    // Retries and time limits are decided in one place each, which is not the client.
    maxRetries: 0,
    timeout: LONGEST_TIMER_MS,
    fetch: withPlainErrors(withinOrigin(patientFetch(proxies))),
    logLevel: "off",
  });
}
