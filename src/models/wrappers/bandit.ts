// Owns: several models of which a run gives each proposal one, by what they brought for their price. The choice is the
// run's: this only names them.
import type { LanguageModel } from "../../contracts/index.ts";
import { lineup, type Lineup, type LineupOptions } from "./fallback.ts";
import { pricingLike } from "../catalogue/pricing.ts";

/**
 * A team for `startRun`: see `members` of LanguageModel. A member that is out of reach is stood in for by the next.
 * Asked outside of a run, the first of them answers.
 * @throws RangeError without models, or where two have the same name.
 */
export function bandit(models: readonly LanguageModel[], options: LineupOptions = {}): LanguageModel {
  const line = lineup("after-absence", options);
  const members = models.map((model, at) => {
    const others = [...models.slice(at + 1), ...models.slice(0, at)];
    return stoodInFor(model, others, line);
  });
  const [first] = members;
  const names = members.map(({ name }) => name);
  if (first === undefined || new Set(names).size < names.length)
    throw new RangeError(`a bandit needs models of different names, not [${names.join(", ")}]`);
  return {
    name: `bandit(${names.join(", ")})`,
    members,
    get seesImages() {
      return members.every(({ seesImages }) => seesImages);
    },
    reply: (request, within) => first.reply(request, within),
  };
}

/** The model under its own name; others answer only where it is out of reach: its own failures are its own. */
function stoodInFor(model: LanguageModel, others: readonly LanguageModel[], line: Lineup): LanguageModel {
  return {
    name: model.name,
    ...pricingLike(model),
    get seesImages() {
      return model.seesImages;
    },
    reply: (request, within) => line.reply([model, ...others], request, within),
  };
}
