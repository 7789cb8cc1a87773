// Owns: a limit on what one model may take, over everything that is asked of it. Reserves before, settles after;
// what is paid for is always given out.
import { RunError } from "../../core/errors.ts";
import { addUsage } from "../../core/run/usage.ts";
import type { LanguageModel, Usage } from "../../contracts/index.ts";
import { ModelFailure } from "../signals/failure.ts";
import { pricingLike } from "../catalogue/pricing.ts";
import { estimatedInput } from "../openai/wire/reported-usage.ts";

export interface BudgetOptions {
  /** Input and output tokens together. */
  readonly tokens?: number;
  readonly costUsd?: number;
}

export interface BudgetedModel extends LanguageModel {
  /** All replies so far; `costUsd` null once any of them had no known cost. */
  readonly spent: Usage;
}

const NOTHING: Usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 };

/**
 * The same model until the budget is spent; then every request is a `ModelFailure` of kind `budget`, before it is
 * sent. Open requests count as if each took as much as the dearest reply so far, so that the limit holds.
 * @throws RunError `bad-option` (from `reply`) when a cost is limited and the model's cost is not known.
 */
export function withBudget(model: LanguageModel, limits: BudgetOptions): BudgetedModel {
  let spent = NOTHING;
  let dearest = NOTHING;
  let open = 0;
  return {
    name: model.name,
    ...pricingLike(model),
    get seesImages() {
      return model.seesImages;
    },
    get spent() {
      return spent;
    },
    async reply(request, options) {
      const ahead = {
        tokens: Math.max(estimatedInput(request), tokensOf(dearest)) + open * tokensOf(dearest),
        costUsd: (dearest.costUsd ?? 0) * (open + 1),
      };
      check(model.name, spent, ahead, limits);
      open++;
      try {
        const reply = await model.reply(request, options);
        spent = addUsage(spent, reply.usage);
        dearest = larger(dearest, reply.usage);
        return reply;
      } finally {
        open--;
      }
    },
  };
}

interface Ahead {
  readonly tokens: number;
  readonly costUsd: number;
}

function check(name: string, spent: Usage, ahead: Ahead, { tokens, costUsd }: BudgetOptions): void {
  if (costUsd !== undefined && spent.costUsd === null) {
    throw new RunError(
      "bad-option",
      `the cost of ${name} is not known: limit its tokens instead of its cost`,
    );
  }
  if (tokens !== undefined && tokensOf(spent) + ahead.tokens > tokens) {
    throw new ModelFailure(
      "budget",
      `${name}: the budget of ${tokens} tokens is spent (${tokensOf(spent)} used)`,
    );
  }
  const usd = spent.costUsd ?? 0;
  if (costUsd !== undefined && usd + ahead.costUsd > costUsd) {
    throw new ModelFailure("budget", `${name}: the budget of $${costUsd} is spent ($${usd.toFixed(4)} used)`);
  }
}

function tokensOf({ inputTokens, outputTokens }: Usage): number {
  return inputTokens + outputTokens;
}

function larger(a: Usage, b: Usage): Usage {
  return {
    inputTokens: Math.max(a.inputTokens, b.inputTokens),
    cachedTokens: Math.max(a.cachedTokens, b.cachedTokens),
    outputTokens: Math.max(a.outputTokens, b.outputTokens),
    costUsd: Math.max(a.costUsd ?? 0, b.costUsd ?? 0),
  };
}
