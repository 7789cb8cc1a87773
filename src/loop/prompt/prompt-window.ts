// Owns: how long a prompt of an episode may be, once a model has refused one as too long. Until then nothing is
// narrower than the run's settings. A function of the journal: what is learnt stands with the turn that it cost.
import { ModelError } from "../../core/errors.ts";
import { DEFAULT_PRICING } from "../../core/fold-price.ts";
import { contentOf } from "../../core/conversation.ts";
import type { ModelRequest, Notebook, RenderInput, ToolSpec } from "../../contracts/index.ts";

export interface PromptWindow {
  /** Tokens of a prompt that fits; null: none was refused. */
  readonly windowTokens: number | null;
  /** What a renderer sees of the world, with what fits. */
  inputFor(notebook: Notebook): RenderInput;
  /** Whether a prompt has a chance, by what is known. */
  fits(request: Pick<ModelRequest, "messages">, notebook: Notebook): boolean;
  /** From now on a prompt takes at most `windowTokens`. */
  shrinkTo(windowTokens: number): void;
  /** After a refusal of `request`. @throws the error, when it is no such refusal or `folds` were enough. */
  shrinkAfter(error: unknown, request: ModelRequest, notebook: Notebook, folds: number): void;
}

/** How often a prompt is made shorter before its episode fails. */
const MOST_FOLDS = 2;
/** The share of a window that a prompt fills: the reply needs room too, and tokenizers differ. */
const FILLS = 0.9;
/** The share of what is left beside the instructions that the notebook takes; the rest is the round's. */
const VIEW = 0.5;
/** The next prompt is this share of the refused one, where the server names no limit. */
const SHORTER = 0.6;
const IMAGE_TOKENS = 800;

/** `base`: as the run was set up. `first`: what the run knew when the episode began. */
export function promptWindow(
  base: (notebook: Notebook) => RenderInput,
  tools: readonly ToolSpec[],
  first: number | null,
): PromptWindow {
  let windowTokens = first;
  const toolTokens = (input: RenderInput): number => input.countTokens(JSON.stringify(tools));
  const tokensOf = ({ messages }: Pick<ModelRequest, "messages">, input: RenderInput): number =>
    messages.reduce((sum, message) => {
      const { text, images } = contentOf(message);
      const pictures = images.map((image) => input.countImageTokens?.(image) ?? IMAGE_TOKENS);
      return pictures.reduce((all, tokens) => all + tokens, sum + input.countTokens(text));
    }, toolTokens(input));
  return {
    get windowTokens() {
      return windowTokens;
    },
    inputFor(notebook) {
      const input = base(notebook);
      return windowTokens === null ? input : narrowInput(input, windowTokens, toolTokens(input));
    },
    fits: (request, notebook) =>
      windowTokens === null || tokensOf(request, base(notebook)) <= windowTokens * FILLS,
    shrinkTo(tokens) {
      windowTokens = tokens;
    },
    shrinkAfter(error, request, notebook, folds) {
      if (!(error instanceof ModelError) || error.promptWindow === null) throw error;
      const tokens = tokensOf(request, base(notebook));
      if (folds >= MOST_FOLDS)
        throw new ModelError(`a prompt of about ${tokens} tokens is still too long: ${error.message}`);
      const shorter = Math.floor(tokens * SHORTER);
      windowTokens = Math.min(error.promptWindow.tokens ?? shorter, folds > 0 ? shorter : tokens);
    },
  };
}

function narrowInput(input: RenderInput, windowTokens: number, toolTokens: number): RenderInput {
  const pricing = input.pricing ?? DEFAULT_PRICING;
  const fixed = input.countTokens(input.instructions) + input.countTokens(input.statement) + toolTokens;
  const left = Math.max(windowTokens / 8, windowTokens * FILLS - fixed);
  return {
    ...input,
    budgetTokens: Math.min(input.budgetTokens, Math.floor(left * VIEW)),
    pricing: { ...pricing, windowTokens: Math.min(pricing.windowTokens ?? windowTokens, windowTokens) },
  };
}
