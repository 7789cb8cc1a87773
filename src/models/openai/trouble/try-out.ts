// Owns: the question that a server is asked before a run begins, and what each way to answer it means: whether the server, the
// key and the name are right. Never asks for more than a few tokens.
import { textMessage } from "../../../core/conversation.ts";
import { RunError } from "../../../core/errors.ts";
import type { ModelRequest } from "../../../contracts/index.ts";
import { ModelFailure, type FailureKind } from "../../signals/failure.ts";
import type { AskStep } from "../ask-chain.ts";
import type { Endpoint } from "../endpoint.ts";
import { refusedError, unreachableError } from "./remedies.ts";

const WORDS = "Is anybody there? Answer with the word yes.";
/** The fewest that every server takes: OpenAI's Responses API refuses less. */
export const QUESTION_TOKENS = 16;

export const FIRST_QUESTION: ModelRequest = {
  messages: [textMessage("user", WORDS)],
  breakpoints: [],
  tools: [],
  toolChoice: "none",
  seed: 1,
};

/** Whether the body of a request is the question's, by either API. */
export function isFirstQuestion(body: object): boolean {
  return JSON.stringify(body).includes(WORDS);
}

/** What a server made of the question. */
export interface FirstAnswer {
  readonly model: string;
  readonly baseURL: string;
  /** Input and output; null where it gave no reply, but accepted the key and the name as far as can be told. */
  readonly tokens: number | null;
  /** What it says in place of a reply, such as that its rate limit is reached; empty for a reply. */
  readonly words: string;
  /** Whether the cost of replies is known; null where it cannot be told yet. */
  readonly isPriced: boolean | null;
}

/** How often the question is asked again: what a server that is only starting may need, and no more. */
const RETRIES = 5;
/** Each try may take as long as a name server or a connection is waited for. */
const SLOW_RETRIES = 1;

/** Bounds the retries inside this step; a server that says that it loads its model is waited for as in a run. */
export const boundRetries: AskStep = (next) => async (request, context) => {
  try {
    return await next(request, context);
  } catch (thrown) {
    if (!(thrown instanceof ModelFailure) || thrown.outcome !== "retry") throw thrown;
    throw thrown.changed(thrown.message, { mostRetries: mostRetries(thrown) });
  }
};

function mostRetries({ kind, trouble }: ModelFailure): number | null {
  if (kind !== "unreachable") return kind === "busy" ? RETRIES : 0;
  if (trouble === "loading") return null;
  if (trouble === "certificate" || trouble === "no-https") return 0;
  return trouble === "unknown-host" || trouble === "no-connection" ? SLOW_RETRIES : RETRIES;
}

/** Failures of this one request, by which a server shows that it is there. Its key and name were looked at before, mostly. */
const ANSWERS: readonly FailureKind[] = [
  ...(["unsupported", "too-long", "bad-request", "filtered", "rate-limited"] as const),
  ...(["cut", "overtime", "empty"] as const),
];

/** What the failure of the question means. @throws RunError where it stops a run. */
export async function answerFrom(
  thrown: unknown,
  model: string,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<Pick<FirstAnswer, "tokens" | "words">> {
  if (!(thrown instanceof ModelFailure)) throw thrown;
  const { kind, message } = thrown;
  // A reasoning model that spends the few tokens on its thoughts says nothing, and needs no words about it.
  if (ANSWERS.includes(kind)) return { tokens: null, words: kind === "empty" ? "" : message };
  if (kind === "garbled")
    throw await refusedError(model, endpoint, thrown.changed(message, { trouble: "address" }), signal);
  if (kind === "busy" || kind === "stalled")
    throw new RunError(
      "model-unreachable",
      `no answer from ${endpoint.baseURL}: ${message}${kind === "busy" ? " (it is there, and fails: go on when it works again)" : ""}`,
    );
  throw unreachableError(endpoint, thrown);
}
