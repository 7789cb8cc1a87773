// Owns: asking again after a failure that may pass. The waits are a function of the request's seed.
import { setTimeout as sleep } from "node:timers/promises";
import { randomAt, seedAt } from "../../core/random.ts";
import type { LanguageModel, ModelReply, ModelRequest } from "../../contracts/index.ts";
import {
  checkOptions,
  checkValue,
  MODEL_OPTION,
  OPTION,
  whole,
  type OptionKinds,
} from "../../core/options.ts";
import { ModelFailure, type FailureKind } from "../signals/failure.ts";
import type { NoticeListener, Notify, RetryPlan } from "../signals/notice.ts";
import { wrapModel } from "./wrap-model.ts";

/** How often and how patiently a model is asked again. */
export interface RetryOptions {
  /** Attempts after the first; 0 or more. Default 6. */
  readonly maxRetries?: number | undefined;
  /** The first wait; each further one is twice as long, up to `maxDelayMs`. Default 500. */
  readonly firstDelayMs?: number | undefined;
  /** Default 30,000. */
  readonly maxDelayMs?: number | undefined;
  /** When a server asks for a longer wait than this, the request is given up. Default 900,000 (15 minutes). */
  readonly maxRetryAfterMs?: number | undefined;
  /**
   * How long to go on trying while no connection can be made, even beyond `maxRetries` (unless that is 0), so that a
   * network that is down for a minute costs no episodes. Default 300,000 (5 minutes).
   */
  readonly maxOutageMs?: number | undefined;
  readonly onNotice?: NoticeListener | undefined;
  /** Milliseconds on a monotonic clock. Default: `performance.now`. */
  readonly clock?: (() => number) | undefined;
}

export const RETRY_OPTIONS: OptionKinds<RetryOptions> = {
  maxRetries: whole(0),
  firstDelayMs: whole(0),
  maxDelayMs: whole(0),
  maxRetryAfterMs: whole(0),
  maxOutageMs: whole(0),
  onNotice: OPTION.callback,
  clock: OPTION.callback,
};

type RetryPolicy = ReturnType<typeof policyOf>;

function policyOf({
  maxRetries = 6,
  firstDelayMs = 500,
  maxDelayMs = 30_000,
  maxRetryAfterMs = 15 * 60_000,
  maxOutageMs = 5 * 60_000,
  clock = () => performance.now(),
}: RetryOptions) {
  return { maxRetries, firstDelayMs, maxDelayMs, maxRetryAfterMs, maxOutageMs, clock };
}

/** The same model, asked again after each `ModelFailure` whose outcome is `retry`; any other error passes through. */
export function withRetry(model: LanguageModel, options: RetryOptions = {}): LanguageModel {
  checkValue("withRetry: model", model, MODEL_OPTION);
  checkOptions("withRetry", options, RETRY_OPTIONS);
  const { name } = model;
  const notify: Notify = (type, message, more) => options.onNotice?.({ type, model: name, message, ...more });
  const ask = retryFailures(name, options)((request, { signal }) => model.reply(request, { signal }));
  return wrapModel(model, (request, { signal }) => ask(request, { signal, notify }));
}

interface RetryContext {
  readonly signal: AbortSignal;
  readonly notify: Notify;
}

type AskOnce<Context> = (request: ModelRequest, context: Context) => Promise<ModelReply>;

/** The same as a step around any way to ask: see `openai/ask-chain.ts`. */
export function retryFailures(
  name: string,
  options: RetryOptions,
): <Context extends RetryContext>(next: AskOnce<Context>) => AskOnce<Context> {
  const policy = policyOf(options);
  return (next) => async (request, context) => {
    let attempt = request;
    const kinds = new Map<FailureKind, number>();
    const began = policy.clock();
    for (let failed = 1; ; failed++) {
      const asked = policy.clock();
      const failure = await attemptReply(next, attempt, context);
      if (!(failure instanceof ModelFailure)) return failure;
      const ofItsKind = (kinds.get(failure.kind) ?? 0) + 1;
      kinds.set(failure.kind, ofItsKind);
      const now = policy.clock();
      const trouble = { failure, failed, ofItsKind, tookMs: now - asked, elapsedMs: now - began };
      const plan = planRetry(request.seed, trouble, policy);
      if (plan === null) throw finalFailure(name, failure, failed);
      context.notify("retried", `${failure.message}; ${describePlan(plan)}`, { retry: plan });
      await wait(plan.waitMs, context.signal);
      if (ofItsKind >= (SAME_SEED[failure.kind] ?? Number.POSITIVE_INFINITY))
        attempt = { ...request, seed: seedAt(request.seed, "again", failed) };
    }
  };
}

/**
 * After so many failures of the kind the same seed would only bring the same again. One empty reply may be chance; a
 * reply without end is not.
 */
const SAME_SEED: Partial<Record<FailureKind, number>> = { empty: 2, overtime: 1 };

/** The reply, or the failure after which to ask again; any other error is thrown. */
async function attemptReply<Context extends RetryContext>(
  next: AskOnce<Context>,
  request: ModelRequest,
  context: Context,
): Promise<ModelReply | ModelFailure> {
  context.signal.throwIfAborted();
  try {
    return await next(request, context);
  } catch (thrown) {
    context.signal.throwIfAborted();
    if (thrown instanceof ModelFailure && thrown.outcome === "retry") return thrown;
    throw thrown;
  }
}

interface Trouble {
  readonly failure: ModelFailure;
  /** Attempts so far, and those that ended like this one. */
  readonly failed: number;
  readonly ofItsKind: number;
  /** The last attempt, and all of them with the waits between them. */
  readonly tookMs: number;
  readonly elapsedMs: number;
}

/** When to ask again, and when to give up; null: give up now. */
function planRetry(seed: number, trouble: Trouble, policy: RetryPolicy): RetryPlan | null {
  const { failure, failed, ofItsKind, tookMs, elapsedMs } = trouble;
  const waitMs = delayAfter(seed, failed, failure, policy);
  if ((failure.retryAfterMs ?? 0) > policy.maxRetryAfterMs) return null;
  const isOutage = failure.kind === "unreachable" && failure.mostRetries === null && policy.maxRetries > 0;
  const outageLeftMs = isOutage ? policy.maxOutageMs - elapsedMs : 0;
  const ofItsKindLeft = (failure.mostRetries ?? Number.POSITIVE_INFINITY) - ofItsKind;
  const left = Math.min(policy.maxRetries - failed, ofItsKindLeft);
  if (left < 0 && outageLeftMs <= waitMs) return null;
  let givesUpMs = waitMs + tookMs;
  // What the server asked for holds for one wait; the later ones are our own.
  const later = new ModelFailure(failure.kind, "");
  for (let next = failed + 1; next <= failed + left; next++)
    givesUpMs += delayAfter(seed, next, later, policy) + tookMs;
  return { failed, waitMs, givesUpMs: Math.max(givesUpMs, outageLeftMs) };
}

function delayAfter(seed: number, failed: number, failure: ModelFailure, policy: RetryPolicy): number {
  const jitter = randomAt(seed, "retry", failure.kind, failed).next();
  // After a time that the server named, the episodes must not all come back at once.
  if (failure.retryAfterMs !== null) return failure.retryAfterMs * (1 + 0.1 * jitter);
  return Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (failed - 1)) * (0.5 + 0.5 * jitter);
}

function describePlan({ failed, waitMs, givesUpMs }: RetryPlan): string {
  return `attempt ${failed + 1} in ${describeMs(waitMs)}, given up in ${describeMs(givesUpMs)}`;
}

/** `357 ms`, `2.5 s`, `27 s`. */
export function describeMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

function finalFailure(name: string, last: ModelFailure, attempts: number): ModelFailure {
  const message =
    attempts > 1
      ? `${name}: given up after ${attempts} attempts; the last one: ${last.message}`
      : last.message;
  return last.changed(message, { isFinal: true });
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // The timer throws an error of its own; the caller's reason is the one that counts.
    signal.throwIfAborted();
  }
}
