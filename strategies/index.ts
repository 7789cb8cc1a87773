// Owns: what `import ... from "nbevolve/strategies"` gives.
export { adaptive, type AdaptiveOptions, type Bandit } from "./adaptive.ts";
export { type Acceptance, type Archive, type Elite } from "./parts/archive.ts";
export { type Axis } from "./parts/axes.ts";
export { bestOfN, type FounderOnly } from "./best-of-n.ts";
export { frontier, type Frontier, type FrontierOptions } from "./frontier.ts";
export { islands, type Archipelago, type Island, type IslandsOptions } from "./islands.ts";
export { mapElites, type MapElitesOptions, type Niches } from "./map-elites.ts";
export { muPlusLambda, type Generation, type MuPlusLambdaOptions } from "./mu-plus-lambda.ts";
export { novelty, type NoveltyArchive, type NoveltyOptions } from "./novelty.ts";
export { pareto, type Fronts, type Objective, type ParetoOptions } from "./pareto.ts";
export { puct, type PuctOptions, type SearchTree } from "./puct.ts";
export { successiveHalving, type Rungs, type SuccessiveHalvingOptions } from "./successive-halving.ts";
export { tournament, type Living, type TournamentOptions } from "./tournament.ts";
export { treeSearch, type Tree, type TreeSearchOptions } from "./tree-search.ts";
