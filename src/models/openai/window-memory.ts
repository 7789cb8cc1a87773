// Owns: the window of a model whose profile does not know it: asked for once, and kept to from then on.
import type { ModelRequest } from "../../contracts/index.ts";
import { contentOf } from "../../core/conversation.ts";
import { estimateInput, tiktokenCounter } from "../catalogue/count-tokens.ts";
import { ModelFailure } from "../signals/failure.ts";
import type { AskStep } from "./ask-chain.ts";

export interface WindowMemory {
  /** Null until the server has said it. */
  readonly tokens: number | null;
  /**
   * Asks the server before the first request, and refuses a prompt that does not fit, which some servers would cut
   * without a word. Where it had no answer, it asks once more, since a server may only begin to load its model.
   */
  readonly keepWindow: AskStep;
}

/** The share of a window that a prompt may fill: tokenizers differ, and the reply needs room too. */
const FILLS = 0.95;
const MOST_TRIES = 2;

/** `ask` never fails; null: the server does not say. */
export function rememberWindow(ask: (signal: AbortSignal) => Promise<number | null>): WindowMemory {
  const countTokens = tiktokenCounter();
  let tokens: number | null = null;
  let tries = 0;
  let asking: Promise<void> | null = null;
  const learn = async (signal: AbortSignal): Promise<void> => {
    tokens = await ask(signal);
    asking = null;
    if (!signal.aborted) tries++;
  };
  return {
    get tokens() {
      return tokens;
    },
    keepWindow: (next) => async (request, context) => {
      if (tokens === null && tries < MOST_TRIES) await (asking ??= learn(context.signal));
      context.signal.throwIfAborted();
      if (tokens !== null) checkFits(request, tokens, countTokens);
      return next(request, context);
    },
  };
}

/** @throws ModelFailure `too-long`, as if the server had refused it. */
function checkFits(request: ModelRequest, windowTokens: number, count: (text: string) => number): void {
  // The estimate is rather too high, so that few prompts are counted.
  if (estimateInput(request) <= windowTokens * FILLS) return;
  const texts = [
    JSON.stringify(request.tools),
    ...request.messages.map((message) => contentOf(message).text),
  ];
  const tokens = texts.reduce((sum, text) => sum + count(text), 0);
  if (tokens <= windowTokens * FILLS) return;
  const message = `a prompt of about ${tokens} tokens does not fit the window of ${windowTokens} that the server states`;
  throw new ModelFailure("too-long", message, { windowTokens });
}
