// Owns: the shipped strategies by their names. Never knows what one does.
import { didYouMean } from "../src/core/nearest-word.ts";
import { RunError } from "../src/core/errors.ts";
import type { DescriptorSpec, JsonObject, Strategy } from "../src/contracts/index.ts";
import { adaptive } from "./adaptive.ts";
import { bestOfN } from "./best-of-n.ts";
import { frontier } from "./frontier.ts";
import { islands } from "./islands.ts";
import { mapElites } from "./map-elites.ts";
import { muPlusLambda } from "./mu-plus-lambda.ts";
import { novelty } from "./novelty.ts";
import { pareto } from "./pareto.ts";
import type { DeclaredStrategy, StrategyContext } from "./parts/settings.ts";
import { puct } from "./puct.ts";
import { successiveHalving } from "./successive-halving.ts";
import { tournament } from "./tournament.ts";
import { treeSearch } from "./tree-search.ts";

/** All of them; the first is the default of a run. */
export const SHIPPED_STRATEGIES: readonly DeclaredStrategy[] = [
  tournament,
  bestOfN,
  muPlusLambda,
  mapElites,
  islands,
  pareto,
  frontier,
  novelty,
  treeSearch,
  puct,
  successiveHalving,
  adaptive,
];

/**
 * A shipped strategy, made from settings as a command line or a journal has them. `descriptors`: those of the task.
 * @throws RunError `bad-option` that names what is unknown or out of range.
 */
export function shippedStrategy(
  name: string,
  settings: JsonObject = {},
  descriptors: readonly DescriptorSpec[] = [],
): Strategy {
  const shipped = SHIPPED_STRATEGIES.find(({ declaration }) => declaration.name === name);
  if (shipped !== undefined) return shipped.fromSettings(settings, strategyContext(descriptors));
  const names = SHIPPED_STRATEGIES.map(({ declaration }) => declaration.name);
  const remedy = `there are ${names.join(", ")}; a file of your own is named by its path, ./mine.mjs`;
  throw new RunError("bad-option", `there is no strategy "${name}"${didYouMean(name, names)}; ${remedy}`);
}

/** What a strategy is made from in a run of a task with these descriptors. */
export function strategyContext(descriptors: readonly DescriptorSpec[]): StrategyContext {
  return {
    descriptors,
    strategyNamed: (name, settings) => shippedStrategy(name, settings, descriptors),
  };
}
