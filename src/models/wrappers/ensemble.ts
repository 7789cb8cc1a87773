// Owns: several models as one: each request goes to one of them, chosen by its seed and their weights.
import { randomAt } from "../../core/random.ts";
import type { LanguageModel } from "../../contracts/index.ts";
import { lineup, type LineupOptions } from "./fallback.ts";

export interface EnsembleMember {
  readonly model: LanguageModel;
  /** How often it is asked, against the others; above 0. Default 1. */
  readonly weight?: number;
}

/**
 * A model that asks one member a request; when that one has no reply (`ModelError`) or is out of reach, the next in
 * line is asked. The choice is a function of the request's seed.
 * @throws RangeError without members, or for a weight that is not above 0.
 */
export function ensemble(members: readonly EnsembleMember[], options: LineupOptions = {}): LanguageModel {
  const weights = members.map(({ weight = 1 }) => weight);
  if (weights.length === 0 || !weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new RangeError("an ensemble needs members, and each a weight above 0");
  }
  const models = members.map(({ model }) => model);
  const line = lineup("after-any-failure", options);
  return {
    name: `ensemble(${models.map(({ name }) => name).join(", ")})`,
    get seesImages() {
      return models.every(({ seesImages }) => seesImages);
    },
    reply(request, within) {
      const first = chosen(weights, randomAt(request.seed, "ensemble").next());
      return line.reply([...models.slice(first), ...models.slice(0, first)], request, within);
    },
  };
}

/** The index whose share of the weights holds `at`, in [0, 1). */
function chosen(weights: readonly number[], at: number): number {
  let left = at * weights.reduce((sum, weight) => sum + weight, 0);
  const found = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return found === -1 ? weights.length - 1 : found;
}
