// Owns: a limit on the tokens or the cost of all requests to one model. Reserves before a request and settles after
// it. A reply that is paid for is always returned.
import { RunError } from "../../core/errors.ts";
import { addUsage, tokensOf } from "../../core/run/usage.ts";
import type { LanguageModel, Usage } from "../../contracts/index.ts";
import { estimateInput } from "../catalogue/count-tokens.ts";
import { checkOptions, checkValue, MODEL_OPTION, OPTION } from "../../core/options.ts";
import { ModelFailure } from "../signals/failure.ts";

/** Limits of a model. */
export interface BudgetOptions {
  /** Input and output tokens together. */
  readonly tokens?: number | undefined;
  readonly costUsd?: number | undefined;
}

/** A model that stops at a limit, and says what it has used. */
export interface BudgetedModel extends LanguageModel {
  /** All replies so far; `costUsd` is null once any of them had an unknown cost. */
  readonly spent: Usage;
}

const NOTHING: Usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 };

/**
 * The same model until the budget is spent; then every request fails with a `ModelFailure` of kind `budget` before it
 * is sent. Pending requests count as much as the largest reply so far, so that the limit holds.
 * @throws RunError `bad-option` (from `reply`) when the cost is limited and the model's cost is unknown.
 */
export function withBudget(model: LanguageModel, limits: BudgetOptions): BudgetedModel {
  checkValue("withBudget: model", model, MODEL_OPTION);
  checkOptions("withBudget", limits, { tokens: OPTION.number, costUsd: OPTION.number });
  let spent = NOTHING;
  let largest = NOTHING;
  let pending = 0;
  return {
    name: model.name,
    harness: model.harness,
    pricing: model.pricing,
    asks: [model],
    get seesImages() {
      return model.seesImages;
    },
    get spent() {
      return spent;
    },
    async reply(request, options) {
      const reserved = {
        tokens: Math.max(estimateInput(request), tokensOf(largest)) + pending * tokensOf(largest),
        costUsd: (largest.costUsd ?? 0) * (pending + 1),
      };
      checkBudget(model.name, spent, reserved, limits);
      pending++;
      try {
        const reply = await model.reply(request, options);
        spent = addUsage(spent, reply.usage);
        largest = largestOf(largest, reply.usage);
        return reply;
      } finally {
        pending--;
      }
    },
  };
}

interface ReservedUsage {
  readonly tokens: number;
  readonly costUsd: number;
}

function checkBudget(
  name: string,
  spent: Usage,
  reserved: ReservedUsage,
  { tokens, costUsd }: BudgetOptions,
): void {
  if (costUsd !== undefined && spent.costUsd === null) {
    throw new RunError("bad-option", `the cost of ${name} is unknown: limit its tokens instead of its cost`);
  }
  if (tokens !== undefined && tokensOf(spent) + reserved.tokens > tokens) {
    throw new ModelFailure(
      "budget",
      `${name}: the budget of ${tokens} tokens is spent (${tokensOf(spent)} used)`,
    );
  }
  const usd = spent.costUsd ?? 0;
  if (costUsd !== undefined && usd + reserved.costUsd > costUsd) {
    throw new ModelFailure("budget", `${name}: the budget of $${costUsd} is spent ($${usd.toFixed(4)} used)`);
  }
}

function largestOf(a: Usage, b: Usage): Usage {
  return {
    inputTokens: Math.max(a.inputTokens, b.inputTokens),
    cachedTokens: Math.max(a.cachedTokens, b.cachedTokens),
    outputTokens: Math.max(a.outputTokens, b.outputTokens),
    costUsd: Math.max(a.costUsd ?? 0, b.costUsd ?? 0),
  };
}
