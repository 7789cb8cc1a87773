// Owns: the window of a model whose profile does not know it, or whose server keeps to another one: asked for once, learnt
// from what the server counts of the prompts that it was sent, and kept to from then on.
import type { ModelReply, ModelRequest } from "../../contracts/index.ts";
import { contentOf } from "../../core/conversation.ts";
import { estimateInput, tiktokenCounter, type TokenCounter } from "../catalogue/count-tokens.ts";
import { ModelFailure } from "../signals/failure.ts";
import type { Notify } from "../signals/notice.ts";
import type { AskModel, AskStep } from "./ask-chain.ts";

export interface WindowMemory {
  /** Null until the server has said it, or its counts have shown it. */
  readonly tokens: number | null;
  /**
   * Asks the server before the first prompt that is not short, and refuses one that does not fit, which some servers would
   * cut without a word. Where it had no answer, it asks once more, since a server may only begin to load its model. After
   * each reply it checks the server's count of the prompt against our own.
   */
  readonly keepWindow: AskStep;
  /** Asks the server, where it may still be asked and has not said it. */
  learn(signal: AbortSignal): Promise<void>;
}

/** The share of a window that a prompt may fill: tokenizers differ, and the reply needs room too. */
const FILLS = 0.95;
const MOST_TRIES = 2;
/** Every window has room for so many tokens: a server that takes such prompts is asked nothing that it may not know. */
const SHORT = 1_500;
/** A refusal that counts the room of the reply too. */
const COUNTS_REPLY = /completion|max_tokens|output tokens/i;

/** `ask` never fails; null: the server does not say. */
export function rememberWindow(ask: (signal: AbortSignal) => Promise<number | null>): WindowMemory {
  const countTokens = tiktokenCounter();
  const counts = watchCounts(countTokens);
  let stated: number | null = null;
  let tries = 0;
  let asking: Promise<void> | null = null;
  const askOnce = async (signal: AbortSignal): Promise<void> => {
    stated = await ask(signal);
    asking = null;
    if (!signal.aborted) tries++;
  };
  const learn = async (signal: AbortSignal): Promise<void> => {
    if (stated === null && tries < MOST_TRIES) await (asking ??= askOnce(signal));
  };
  /** A prompt that fits may be refused for the room that its reply is given, which is a share of a window that is known. */
  const askAgain = async (thrown: unknown, request: ModelRequest, signal: AbortSignal): Promise<void> => {
    if (!(thrown instanceof ModelFailure) || thrown.kind !== "too-long" || stated !== null) throw thrown;
    if (!COUNTS_REPLY.test(thrown.message)) throw thrown;
    stated = thrown.windowTokens;
    await learn(signal);
    if (stated === null || estimateInput(request) > stated / 2) throw thrown;
  };
  const askTwice: (next: AskModel, ...asked: Parameters<AskModel>) => Promise<ModelReply> = async (
    next,
    request,
    context,
  ) => {
    try {
      return await next(request, context);
    } catch (thrown) {
      await askAgain(thrown, request, context.signal);
      return await next(request, context);
    }
  };
  const tokensNow = (): number | null =>
    stated === null || counts.window === null ? (stated ?? counts.window) : Math.min(stated, counts.window);
  return {
    learn,
    get tokens() {
      return tokensNow();
    },
    keepWindow: (next) => async (request, context) => {
      if (estimateInput(request) > SHORT) await learn(context.signal);
      context.signal.throwIfAborted();
      const tokens = tokensNow();
      const source =
        tokens === stated ? "that the server states" : "that the server's counts of longer prompts show";
      if (tokens !== null) checkFits(request, tokens, source, countTokens);
      const reply = await askTwice(next, request, context);
      counts.check(request, reply.usage.inputTokens + reply.usage.cachedTokens, context.notify);
      return reply;
    },
  };
}

/** @throws ModelFailure `too-long`, as if the server had refused it. */
function checkFits(request: ModelRequest, windowTokens: number, source: string, count: TokenCounter): void {
  // The estimate is rather too high, so that few prompts are counted.
  if (estimateInput(request) <= windowTokens * FILLS) return;
  const tokens = count(JSON.stringify(request.tools)) + countTexts(request, count);
  if (tokens <= windowTokens * FILLS) return;
  const message = `a prompt of about ${tokens} tokens does not fit the window of ${windowTokens} ${source}`;
  throw new ModelFailure("too-long", message, { windowTokens });
}

/** The words of the messages alone: not every template shows its model the tools, and pictures count otherwise. */
function countTexts({ messages }: ModelRequest, count: TokenCounter): number {
  return messages.reduce((sum, message) => sum + count(contentOf(message).text), 0);
}

interface CountWatch {
  /** Null while the counts are those of whole prompts, or cannot be believed. */
  readonly window: number | null;
  /** `counted`: what the server counted of the request, with what it read from its cache. */
  check(request: ModelRequest, counted: number, notify: Notify): void;
}

/** No tokenizer needs so small a share of the tokens of ours. */
const FEWER = 0.6;
/** The shortest prompt that is judged, and the smallest window that anything can be done in; smaller counts count nothing. */
const [SHORTEST, SMALLEST] = [1_000, 512];
/** A prompt that is longer by this and counts the same, to within so many tokens, was cut. */
const [LONGER, SAME] = [1.2, 4];

/** Whether a server reads each prompt whole, by its counts. */
function watchCounts(count: TokenCounter): CountWatch {
  /** The highest count, and the estimate of its prompt. */
  let most = { counted: 0, estimate: Infinity };
  let state: "whole" | "cut" | "unbelieved" = "whole";
  const isCut = (request: ModelRequest, counted: number, estimate: number): boolean => {
    if (estimate < SHORTEST) return false;
    if (counted < FEWER * estimate) {
      const own = countTexts(request, count);
      if (own >= SHORTEST && counted < FEWER * own) return true;
    }
    const isSame = counted >= SMALLEST && Math.abs(counted - most.counted) <= SAME;
    return isSame && estimate >= LONGER * most.estimate;
  };
  const windowNow = (): number | null => (state === "cut" && most.counted >= SMALLEST ? most.counted : null);
  return {
    get window() {
      return windowNow();
    },
    check(request, counted, notify) {
      const estimate = estimateInput(request);
      const before = windowNow();
      const cut = state !== "unbelieved" && isCut(request, counted, estimate);
      if (counted > most.counted) most = { counted, estimate };
      if (!cut) return;
      const about = `its server counted ${counted} tokens of a prompt of about ${countTexts(request, count)}`;
      if (state === "whole") {
        state = "cut";
        const window = windowNow();
        const then =
          window === null
            ? "so it cuts prompts without a word, or does not count them"
            : `so it cuts prompts without a word; from now on they fit a window of ${window} tokens`;
        notify("adapted", `${about}, ${then}. Start it with a larger window (see the guide on local models)`);
      } else if (before !== null && countTexts(request, count) <= before * FILLS) {
        state = "unbelieved";
        notify(
          "adapted",
          `${about}, which fits its window: its counts say nothing about it, and no window is known`,
        );
      }
    },
  };
}
