// Owns: the model of several members of which a run gives each proposal one. The run chooses by what they brought for
// their price; this only names them.
import type { LanguageModel } from "../../contracts/index.ts";
import { checkOptions, checkValue, manyOf, MODEL_OPTION } from "../../core/options.ts";
import { createFallback, FALLBACK_OPTIONS, type FallbackOptions } from "./fallback.ts";
import { harnessOf, wrapModel } from "./wrap-model.ts";

/**
 * A team for `startRun`: see `members` of LanguageModel. While a member cannot be reached, the next one answers in its
 * place; a member's other failures are its own. Outside of a run the first member is asked.
 * @throws RangeError without models, or where two have the same name.
 */
export function bandit(models: readonly LanguageModel[], options: FallbackOptions = {}): LanguageModel {
  checkValue("bandit: models", models, manyOf(MODEL_OPTION, "language models"));
  checkOptions("bandit", options, FALLBACK_OPTIONS);
  const replyInOrder = createFallback("when-unreachable", options);
  const members = models.map((model, at) => {
    const others = [...models.slice(at + 1), ...models.slice(0, at)];
    return wrapModel(model, (request, within) => replyInOrder([model, ...others], request, within));
  });
  const [first] = members;
  const names = members.map(({ name }) => name);
  if (first === undefined || new Set(names).size < names.length)
    throw new RangeError(`a bandit needs models of different names, not [${names.join(", ")}]`);
  return {
    name: `bandit(${names.join(", ")})`,
    members,
    asks: members,
    harness: harnessOf(members),
    get seesImages() {
      return members.every(({ seesImages }) => seesImages);
    },
    reply: (request, within) => first.reply(request, within),
  };
}
