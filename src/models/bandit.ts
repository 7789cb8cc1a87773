// Owns: several models of which a run gives each proposal one, by what they brought for their price. The choice is the
// run's: this only names them.
import type { LanguageModel } from "../spec/index.ts";

/**
 * A team for `startRun`: see `members` of LanguageModel. Asked outside of a run, the first of them answers.
 * @throws RangeError without models, or where two have the same name.
 */
export function bandit(members: readonly LanguageModel[]): LanguageModel {
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
    reply: (request, options) => first.reply(request, options),
  };
}
