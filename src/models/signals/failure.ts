// Owns: the kinds of failure that one attempt can have, and what each leads to. Never decides how long to wait.
import { ModelError } from "../../core/errors.ts";

/** What went wrong with one attempt. */
export type FailureKind =
  /** The endpoint does not accept a parameter, a role, tools or images. */
  | "unsupported"
  /** 401, 403, an unknown model or no credit: every request fails until a person acts. */
  | "refused"
  /** The prompt does not fit the context window, or the request is larger than the server accepts. */
  | "too-long"
  /** Any other 4xx: the same request would fail again. */
  | "bad-request"
  /** The provider's content filter refused the prompt. */
  | "filtered"
  /** A budget set by the user is spent. */
  | "budget"
  | "rate-limited"
  /** 408, 409, 425, 5xx, or an error inside a reply with status 200. */
  | "busy"
  /** No connection, one that broke before the reply began, or a server that still loads its model. */
  | "unreachable"
  /** The reply broke off. */
  | "cut"
  /** Nothing came for a whole time limit. */
  | "stalled"
  /** The attempt did not end within its time limit, and what had come until then was of no use. */
  | "overtime"
  /** A complete reply with neither text nor calls, or one that the server itself could not parse. */
  | "empty"
  /** The reply does not follow the protocol: HTML, broken compression, broken JSON. */
  | "garbled";

/** Why a server refuses every request, or no answer comes from it: each has a remedy of its own (`openai/trouble`). */
export type TroubleCause =
  | "key"
  /** The key is good, and may not do this. */
  | "forbidden"
  | "model-name"
  | "credit"
  /** A server answers, and not as a model's does. */
  | "address"
  /** It sends requests on to somebody else. */
  | "redirect"
  | "bad-port"
  | "unknown-host"
  | "closed-port"
  | "certificate"
  /** HTTPS was asked for, and the server speaks plain HTTP. */
  | "no-https"
  | "proxy"
  | "no-connection"
  | "loading"
  | "other";

/**
 * `retry`: ask the same again later. `adapt`: ask again without what was refused. `fail`: the episode fails.
 * `stop`: the run stops.
 */
export type FailureOutcome = "retry" | "adapt" | "fail" | "stop";

const OUTCOMES: Readonly<Record<FailureKind, FailureOutcome>> = {
  unsupported: "adapt",
  refused: "stop",
  "too-long": "fail",
  "bad-request": "fail",
  filtered: "fail",
  budget: "fail",
  "rate-limited": "retry",
  busy: "retry",
  unreachable: "retry",
  cut: "retry",
  stalled: "retry",
  overtime: "retry",
  empty: "retry",
  garbled: "retry",
};

/** What is known of a failure of a model. */
export type FailureDetails = Partial<
  Pick<ModelFailure, "retryAfterMs" | "parameter" | "isFinal" | "windowTokens" | "mostRetries" | "trouble">
>;

/** One attempt failed. When a model throws it after its retries, it is the `ModelError` that fails the episode. */
export class ModelFailure extends ModelError {
  readonly kind: FailureKind;
  /** How long the server asked us to wait; null when it did not say. */
  readonly retryAfterMs: number | null;
  /** The parameter that the server named; empty when it named none. */
  readonly parameter: string;
  /** Retries are already used up: no outer wrapper starts over. */
  readonly isFinal: boolean;
  /** With `too-long`: the context window in tokens, as the server states it; null when it did not say. */
  readonly windowTokens: number | null;
  /** More retries after failures of this kind are pointless; null: no such limit. */
  readonly mostRetries: number | null;
  /** With `refused` and `unreachable`: what is wrong. */
  readonly trouble: TroubleCause;
  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, kind === "too-long" ? { promptWindow: { tokens: details.windowTokens ?? null } } : {});
    this.kind = kind;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.parameter = details.parameter ?? "";
    this.isFinal = details.isFinal ?? false;
    this.windowTokens = details.windowTokens ?? null;
    this.mostRetries = details.mostRetries ?? null;
    this.trouble = details.trouble ?? "other";
  }
  /** The same in other words, or with other details. */
  changed(message: string, details: FailureDetails = {}): ModelFailure {
    const { retryAfterMs, parameter, isFinal, windowTokens, mostRetries, trouble } = this;
    const own = { retryAfterMs, parameter, isFinal, windowTokens, mostRetries, trouble };
    return new ModelFailure(this.kind, message, { ...own, ...details });
  }
  get outcome(): FailureOutcome {
    const outcome = OUTCOMES[this.kind];
    if (!this.isFinal || outcome !== "retry") return outcome;
    return this.kind === "unreachable" ? "stop" : "fail";
  }
}
