// Owns: one attempt at one endpoint: a body in its dialect, the exchange, the reply. Never asks twice.
import type OpenAI from "openai";
import type { ModelRequest } from "../../contracts/index.ts";
import { estimateUsage } from "../catalogue/count-tokens.ts";
import type { Price } from "../catalogue/prices.ts";
import type { ModelFailure } from "../signals/failure.ts";
import type { AskModel, AskContext } from "./ask-chain.ts";
import { startDeadlines, type Timeouts } from "./deadlines.ts";
import { createRedactor } from "./endpoint.ts";
import { receiveReply, type SentRequest } from "./exchange.ts";
import { addChunk } from "./wire/chat-draft.ts";
import { writeChatBody, type Sampling } from "./wire/chat-request.ts";
import { closingWordIn, shownFormIn } from "./wire/protocols.ts";
import { finishReply, type ReplyFrame } from "./wire/finish-reply.ts";
import { translateTools } from "./wire/toolsets.ts";
import { readUsage, withCost } from "./wire/reported-usage.ts";
import { addResponseEvent } from "./wire/responses-draft.ts";
import { writeResponsesBody } from "./wire/responses-request.ts";
import { classifyFailure } from "./wire/server-errors.ts";

/** One model at one endpoint. */
export interface EndpointClient {
  readonly client: OpenAI;
  /** Removed from every message. */
  readonly secrets: readonly string[];
  readonly api: "chat" | "responses";
  readonly model: string;
  readonly sampling: Sampling;
  readonly timeouts: Timeouts;
  readonly price: Price | null;
  /** Called after each complete reply. */
  readonly onReply: (facts: ReplyFacts) => void;
}

/** How a reply came, whatever it says. */
export interface ReplyFacts {
  readonly streamed: boolean;
  /** The server counted its tokens. */
  readonly reportsUsage: boolean;
}

/** @throws ModelFailure, without secrets in its message; the signal's reason when aborted. */
export function askEndpoint(endpoint: EndpointClient): AskModel {
  const redact = createRedactor(endpoint.secrets);
  return async (asked, context) => {
    const { signal, notify, dialect } = context;
    const { request, toOwn } = translateTools(asked, dialect);
    signal.throwIfAborted();
    using limits = startDeadlines(endpoint.timeouts, signal);
    try {
      const origin = `${endpoint.api}:${endpoint.model}`;
      const sent = sendRequest(endpoint, origin, request, { ...context, signal: limits.signal });
      const { draft, streamed } = await receiveReply(sent, limits);
      const reported = readUsage(draft.usage, endpoint.price);
      const usage = reported ?? withCost(estimateUsage(request, draft), endpoint.price);
      const onRepair: ReplyFrame["onRepair"] = (what, repair) => notify("repaired", what, { repair });
      const closingWord = closingWordIn(request, dialect);
      const reply = finishReply(draft, request, {
        origin,
        usage,
        closingWord,
        shownForm: shownFormIn(dialect),
        onRepair,
        onSeen: context.onSeen,
      });
      endpoint.onReply({ streamed, reportsUsage: reported !== null });
      return { ...reply, calls: toOwn(reply.calls) };
    } catch (thrown) {
      signal.throwIfAborted();
      throw redactFailure(limits.signal.aborted ? limits.signal.reason : thrown, redact);
    }
  };
}

function sendRequest(
  { client, api, model, sampling }: EndpointClient,
  origin: string,
  request: ModelRequest,
  { dialect, signal, onAccepted }: AskContext,
): SentRequest {
  return api === "responses"
    ? {
        sent: client.responses.create(writeResponsesBody(model, origin, request, dialect, sampling), {
          signal,
        }),
        addPiece: addResponseEvent,
        onAccepted,
      }
    : {
        sent: client.chat.completions.create(writeChatBody(model, origin, request, dialect, sampling), {
          signal,
        }),
        addPiece: addChunk,
        onAccepted,
      };
}

function redactFailure(thrown: unknown, redact: (text: string) => string): ModelFailure {
  const failure = classifyFailure(thrown, Date.now());
  return failure.changed(redact(failure.message), { parameter: redact(failure.parameter) });
}
