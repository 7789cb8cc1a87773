// Owns: what `import ... from "nbevolve/strategies"` gives: the shipped strategies, and all that they are made of.
/**
 * The strategies that ship, and what they are made of.
 * @module nbevolve/strategies
 */
export { adaptive, type Bandit, type Trial } from "./adaptive.ts";
export { bestOfN, type FounderOnly } from "./best-of-n.ts";
export { frontier, type Frontier, type MetricBest } from "./frontier.ts";
export { islands, type Archipelago, type Island } from "./islands.ts";
export { mapElites, type Niches } from "./map-elites.ts";
export { muPlusLambda, type Generation } from "./mu-plus-lambda.ts";
export { novelty, type Member, type NoveltyArchive } from "./novelty.ts";
export { pareto, type Fronts, type Objective, type Ranked } from "./pareto.ts";
export { puct, type SearchNode, type SearchTree } from "./puct.ts";
export { shippedStrategy, SHIPPED_STRATEGIES, strategyContext } from "./shipped.ts";
export { successiveHalving, type Rung, type Rungs } from "./successive-halving.ts";
export { tournament, type Living } from "./tournament.ts";
export { treeSearch, type BrokenDraft, type Tree } from "./tree-search.ts";

export { addElite, coverageOf, emptyArchive, qdScoreOf } from "./parts/archive.ts";
export { type Acceptance, type Archive, type Elite } from "./parts/archive.ts";
export { crowdingDistances, dominates, rankFronts } from "./parts/dominance.ts";
export {
  axesSetting,
  coordinatesOf,
  cvtCentroids,
  gridNiche,
  gridSize,
  nearestCentroid,
  squaredDistance,
  type Axis,
  type Point,
} from "./parts/niches.ts";
export {
  defineStrategy,
  finite,
  flag,
  jsonSetting,
  names,
  oneOf,
  optional,
  positive,
  refuse,
  share,
  weight,
  whole,
  wrappedStrategy,
  wrappedStrategies,
  type DeclaredStrategy,
  type OptionsOf,
  type Setting,
  type Settings,
  type StrategyContext,
  type StrategyDeclaration,
  type StrategyFactory,
  type StrategyMethods,
  type ValuesOf,
} from "./parts/settings.ts";
export { isAlike } from "../src/core/notebook/notebook-traits.ts";
export { randomAt } from "../src/core/random.ts";
export { bestFirst } from "../src/core/run/branch.ts";
export { rankShare, upperBound } from "../src/core/ucb.ts";
