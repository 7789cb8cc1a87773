// Owns: several models as one: each request goes to one of them, chosen by its seed and their weights.
import { randomAt } from "../../core/random.ts";
import type { LanguageModel } from "../../contracts/index.ts";
import { checkOptions, checkValue, manyOf, MODEL_OPTION, objectOf, OPTION } from "../../core/options.ts";
import { createFallback, FALLBACK_OPTIONS, type FallbackOptions } from "./fallback.ts";
import { harnessOf } from "./wrap-model.ts";

/** A model, and how often it is asked. */
export interface EnsembleMember {
  readonly model: LanguageModel;
  /** Its share of the requests, relative to the other weights; above 0. Default 1. */
  readonly weight?: number;
}

/**
 * A model that asks one member a request, and the next one in line when that member has no reply (`ModelError`) or
 * cannot be reached. The choice is a function of the request's seed.
 * @throws RangeError without members, or for a weight that is not above 0.
 */
export function ensemble(members: readonly EnsembleMember[], options: FallbackOptions = {}): LanguageModel {
  const member = objectOf<EnsembleMember>({ model: MODEL_OPTION, weight: OPTION.any }, ["model"]);
  checkValue("ensemble: members", members, manyOf(member, "{ model, weight }"));
  checkOptions("ensemble", options, FALLBACK_OPTIONS);
  const weights = members.map(({ weight = 1 }) => weight);
  if (weights.length === 0 || !weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new RangeError("an ensemble needs at least one member, and each needs a weight above 0");
  }
  const models = members.map(({ model }) => model);
  const replyInOrder = createFallback("after-any-failure", options);
  return {
    name: `ensemble(${models.map(({ name }) => name).join(", ")})`,
    harness: harnessOf(models),
    asks: models,
    get seesImages() {
      return models.every(({ seesImages }) => seesImages);
    },
    reply(request, within) {
      const first = chooseIndex(weights, randomAt(request.seed, "ensemble").next());
      return replyInOrder([...models.slice(first), ...models.slice(0, first)], request, within);
    },
  };
}

/** The index whose share of the weights contains `at`, in [0, 1). */
function chooseIndex(weights: readonly number[], at: number): number {
  let left = at * weights.reduce((sum, weight) => sum + weight, 0);
  const chosen = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return chosen === -1 ? weights.length - 1 : chosen;
}
