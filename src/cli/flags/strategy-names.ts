// Owns: every shipped strategy by its name, made from settings as a journal or a command line gives them.
import * as z from "zod";
import { RunError } from "../../core/errors.ts";
import type { DescriptorSpec, Json, JsonObject, Strategy } from "../../contracts/index.ts";
import * as shipped from "../../../strategies/index.ts";

/** What a strategy may take from the task: its descriptors, where it has any. */
export interface StrategyContext {
  readonly descriptors: readonly DescriptorSpec[];
}

const number = z.number().exactOptional();
const flag = z.boolean().exactOptional();
const axes = z
  .array(z.strictObject({ metric: z.string(), min: z.number(), max: z.number(), bins: z.number() }))
  .exactOptional();
const objectives = z
  .array(z.strictObject({ metric: z.string(), direction: z.enum(["maximize", "minimize"]) }))
  .exactOptional();
const nested = z.union([z.string(), z.looseObject({ name: z.string() })]);

const SETTINGS = {
  tournament: z.strictObject({ size: number, capacity: number, elitism: number, crossover: number }),
  muPlusLambda: z.strictObject({ mu: number, lambda: number, crossover: number }),
  mapElites: z.strictObject({
    axes,
    centroids: number,
    cvtSeed: number,
    adaptive: flag,
    size: number,
    crossover: number,
    inspirations: number,
    learningRate: number,
    thresholdMin: z.number().nullable().exactOptional(),
  }),
  islands: z.strictObject({
    of: nested.exactOptional(),
    count: number,
    migration: z.enum(["ring", "full", "random"]).exactOptional(),
    interval: number,
    rate: number,
    reset: number,
    stagnation: number,
    most: number,
  }),
  pareto: z.strictObject({ objectives, capacity: number, crossover: number }),
  frontier: z.strictObject({
    metrics: z.array(z.string()).nullable().exactOptional(),
    ties: number,
    crossover: number,
  }),
  novelty: z.strictObject({ axes, k: number, capacity: number, size: number, duplicateBits: number }),
  treeSearch: z.strictObject({ drafts: number, debug: number, depth: number, remember: number }),
  puct: z.strictObject({ exploration: number, widening: number, width: number, horizon: number }),
  successiveHalving: z.strictObject({ eta: number, rungs: number, rounds: number, window: number }),
  adaptive: z.strictObject({
    of: z.array(nested).exactOptional(),
    window: number,
    exploration: number,
    plateau: number,
  }),
};

type Make = (settings: JsonObject, context: StrategyContext) => Strategy;

const STRATEGIES: Readonly<Record<string, Make>> = {
  tournament: (given) => shipped.tournament(parsed("tournament", SETTINGS.tournament, given)),
  "best-of-n": (given) => {
    parsed("best-of-n", z.strictObject({}), given);
    return shipped.bestOfN();
  },
  "mu-plus-lambda": (given) => shipped.muPlusLambda(parsed("mu-plus-lambda", SETTINGS.muPlusLambda, given)),
  "map-elites": (given, context) =>
    shipped.mapElites({ ...axesOf(context), ...parsed("map-elites", SETTINGS.mapElites, given) }),
  islands(given, context) {
    const { of = "tournament", ...settings } = parsed("islands", SETTINGS.islands, given);
    return shipped.islands(wrapped(of, context), settings);
  },
  pareto: (given) => shipped.pareto(parsed("pareto", SETTINGS.pareto, given)),
  frontier(given) {
    const { metrics, ...settings } = parsed("frontier", SETTINGS.frontier, given);
    return shipped.frontier({ ...settings, ...(metrics ? { metrics } : {}) });
  },
  novelty: (given, context) =>
    shipped.novelty({ ...axesOf(context), ...parsed("novelty", SETTINGS.novelty, given) }),
  "tree-search": (given) => shipped.treeSearch(parsed("tree-search", SETTINGS.treeSearch, given)),
  puct: (given) => shipped.puct(parsed("puct", SETTINGS.puct, given)),
  "successive-halving": (given) =>
    shipped.successiveHalving(parsed("successive-halving", SETTINGS.successiveHalving, given)),
  adaptive(given, context) {
    const { of = ["tournament", "map-elites", "tree-search"], ...settings } = parsed(
      "adaptive",
      SETTINGS.adaptive,
      given,
    );
    return shipped.adaptive(
      of.map((one) => wrapped(one, context)),
      settings,
    );
  },
};

/** Their names, the default first. */
export const STRATEGY_NAMES = Object.keys(STRATEGIES);

/** A shipped strategy with its settings. @throws RunError `bad-option` naming what is unknown or wrong. */
export function shippedStrategy(name: string, settings: JsonObject, context: StrategyContext): Strategy {
  const make = Object.hasOwn(STRATEGIES, name) ? STRATEGIES[name] : undefined;
  if (make !== undefined) return make(settings, context);
  const remedy = `there are ${STRATEGY_NAMES.join(", ")}; a file of your own is named by its path, ./mine.js`;
  throw new RunError("bad-option", `there is no strategy "${name}"; ${remedy}`);
}

function wrapped(of: z.infer<typeof nested>, context: StrategyContext): Strategy {
  if (typeof of === "string") return shippedStrategy(of, {}, context);
  const { name, ...settings } = of;
  // What a looseObject leaves open came out of JSON.
  return shippedStrategy(name, settings as Readonly<Record<string, Json>>, context);
}

function axesOf({ descriptors }: StrategyContext): { readonly axes?: readonly DescriptorSpec[] } {
  return descriptors.length === 0 ? {} : { axes: descriptors };
}

function parsed<T>(strategy: string, schema: z.ZodType<T>, settings: JsonObject): T {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`,
  );
  throw new RunError("bad-option", `settings of the strategy ${strategy}: ${problems.join("; ")}`);
}
