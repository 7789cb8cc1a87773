// Owns: the kinds of failure that one attempt can have, and what each one leads to. Never decides how long to wait.
import { ModelError } from "../../core/errors.ts";

/** What went wrong with one attempt. */
export type FailureKind =
  /** The endpoint does not take a parameter, a role, tools or images. */
  | "unsupported"
  /** 401, 403, no such model, no credit: nobody will answer until a person acts. */
  | "refused"
  /** The prompt does not fit the context window (or the request the server's size limit). */
  | "too-long"
  /** Any other 4xx: the same request would fail again. */
  | "bad-request"
  /** The provider's content filter refused the prompt. */
  | "filtered"
  /** A limit of our own: a budget is spent. */
  | "budget"
  | "rate-limited"
  /** 408, 409, 425, 5xx, or an error inside a 200. */
  | "busy"
  /** No connection, or one that broke before the reply began; once retries are over, nobody will answer. */
  | "unreachable"
  /** The reply broke off. */
  | "cut"
  /** Nothing came for too long. */
  | "stalled"
  /** A complete reply with neither text nor calls, or one that the server itself could not read. */
  | "empty"
  /** The reply is not what the protocol says: HTML, broken compression, broken JSON. */
  | "garbled";

/** `retry`: the same again, later. `adapt`: again without what was refused. `fail`: the episode. `stop`: the run. */
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
  empty: "retry",
  garbled: "retry",
};

export type FailureDetails = Partial<
  Pick<ModelFailure, "retryAfterMs" | "parameter" | "isFinal" | "windowTokens" | "mostRetries">
>;

/** One attempt failed. As it leaves a model after any retries, it is the `ModelError` that fails the episode. */
export class ModelFailure extends ModelError {
  readonly kind: FailureKind;
  /** What the server asked us to wait; null when it did not say. */
  readonly retryAfterMs: number | null;
  /** The parameter that the server named, or empty. */
  readonly parameter: string;
  /** Already asked again as often as it may be: no wrapper further out starts over. */
  readonly isFinal: boolean;
  /** With `too-long`: the tokens that the server says it takes; null when it did not say. */
  readonly windowTokens: number | null;
  /** More retries than these help nobody; null: as many as there may be. */
  readonly mostRetries: number | null;
  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, kind === "too-long" ? { promptWindow: { tokens: details.windowTokens ?? null } } : {});
    this.kind = kind;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.parameter = details.parameter ?? "";
    this.isFinal = details.isFinal ?? false;
    this.windowTokens = details.windowTokens ?? null;
    this.mostRetries = details.mostRetries ?? null;
  }
  get outcome(): FailureOutcome {
    const outcome = OUTCOMES[this.kind];
    if (!this.isFinal || outcome !== "retry") return outcome;
    return this.kind === "unreachable" ? "stop" : "fail";
  }
}
