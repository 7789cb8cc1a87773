// Owns: one attempt at one endpoint: a body in its dialect, the exchange, the reply. Never asks twice.
import type OpenAI from "openai";
import type { ModelReply, ModelRequest } from "../../contracts/index.ts";
import { withChunk } from "./wire/chat-draft.ts";
import { chatBody, type Sampling } from "./wire/chat-request.ts";
import { classify } from "./wire/server-errors.ts";
import { deadlines, type Timeouts } from "./deadlines.ts";
import type { Dialect } from "../catalogue/dialect.ts";
import { redactor } from "./endpoint.ts";
import { exchange, type Exchange } from "./exchange.ts";
import { ModelFailure } from "../signals/failure.ts";
import { finishReply } from "./wire/finish-reply.ts";
import type { Notify } from "../signals/notice.ts";
import { withResponseEvent } from "./wire/responses-draft.ts";
import { responsesBody } from "./wire/responses-request.ts";
import { estimatedUsage, reportedUsage, type Price } from "./wire/reported-usage.ts";

/** One model at one endpoint. */
export interface EndpointState {
  readonly client: OpenAI;
  /** Never to be seen in a message. */
  readonly secrets: readonly string[];
  readonly api: "chat" | "responses";
  readonly model: string;
  readonly sampling: Sampling;
  readonly timeouts: Timeouts;
  readonly price: Price | null;
  /** Told how a complete reply came. */
  readonly heard: (facts: ReplyFacts) => void;
}

/** How a reply came, whatever it says. */
export interface ReplyFacts {
  readonly streamed: boolean;
  /** It counted its tokens. */
  readonly reportsUsage: boolean;
}

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly notify: Notify;
  /** Told the headers as soon as the server begins to answer. */
  readonly accepted: (headers: Headers) => void;
}

/**
 * The reply.
 * @throws ModelFailure, with nothing secret in its message; the signal's reason when aborted.
 */
export async function askEndpoint(
  seat: EndpointState,
  request: ModelRequest,
  dialect: Dialect,
  { signal, accepted, notify }: AskOptions,
): Promise<ModelReply> {
  signal.throwIfAborted();
  using limits = deadlines(seat.timeouts, signal);
  try {
    const origin = `${seat.api}:${seat.model}`;
    const { draft, streamed } = await exchange(
      { ...sendTo(seat, origin, request, dialect, limits.signal), accepted },
      limits,
    );
    const reported = reportedUsage(draft.usage, seat.price);
    const usage = reported ?? estimatedUsage(request, draft);
    const repaired = (what: string): void => notify("repaired", what);
    const reply = finishReply(draft, request, { origin, usage, repaired });
    seat.heard({ streamed, reportsUsage: reported !== null });
    return reply;
  } catch (thrown) {
    signal.throwIfAborted();
    throw told(limits.signal.aborted ? limits.signal.reason : thrown, redactor(seat.secrets));
  }
}

function sendTo(
  seat: EndpointState,
  origin: string,
  request: ModelRequest,
  dialect: Dialect,
  signal: AbortSignal,
): Omit<Exchange, "accepted"> {
  const { client, model, sampling } = seat;
  return seat.api === "responses"
    ? {
        sent: client.responses.create(responsesBody(model, origin, request, dialect, sampling), { signal }),
        add: withResponseEvent,
      }
    : {
        sent: client.chat.completions.create(chatBody(model, origin, request, dialect, sampling), { signal }),
        add: withChunk,
      };
}

function told(thrown: unknown, redact: (text: string) => string): ModelFailure {
  const { kind, message, retryAfterMs, parameter, windowTokens } = classify(thrown, Date.now());
  return new ModelFailure(kind, redact(message), {
    retryAfterMs,
    parameter: redact(parameter),
    windowTokens,
  });
}
