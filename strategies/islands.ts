// Owns: islands: several populations of one strategy that meet by migration alone.
import { Set as PersistentSet } from "immutable";
import { bestFirst } from "../src/core/run/branch.ts";
import { randomAt } from "../src/core/random.ts";
import type { Branch, BranchId, Move, Outcome, Proposal, Strategy } from "../src/contracts/index.ts";
import {
  defineStrategy,
  oneOf,
  optional,
  refuse,
  whole,
  wrappedStrategy,
  type StrategyMethods,
} from "./parts/settings.ts";
import { tournament } from "./tournament.ts";

/** One of the populations of `islands`. */
export interface Island {
  readonly population: unknown;
  readonly fitness: number;
  /** Its best outcomes, best first, at most `rate`: those that migrate. */
  readonly best: readonly Success[];
  /** All branches that were told here, so that no migrant comes twice or back. */
  readonly members: PersistentSet<BranchId>;
  /** Proposals counted to it, to keep the islands level. */
  readonly turns: number;
}

/** The population of `islands`. */
export interface Archipelago {
  readonly founder: Branch;
  readonly islands: readonly Island[];
  readonly told: number;
  /** The best fitness of all, and `told` when it was found or an island was added. */
  readonly best: number;
  readonly bestAt: number;
}

type Success = Extract<Outcome, { ok: true }>;

interface IslandRules {
  readonly of: Strategy;
  readonly count: number;
  readonly migration: "ring" | "full" | "random";
  readonly interval: number;
  readonly rate: number;
  readonly reset: number;
  readonly stagnation: number;
  readonly most: number;
}

/**
 * Runs `of` on every island. A move carries its island, and its outcome goes back there: nothing else mixes them
 * but migration, which tells the target's population of a copy. Moves go to the island that had the fewest.
 * Source: Tanese 1989 (distributed genetic algorithms); Romera-Paredes et al. 2024 (FunSearch: resets).
 */
export const islands = defineStrategy(
  {
    name: "islands",
    summary: "several populations of one strategy (`of`) that meet by migration alone",
    source: "Tanese 1989; Romera-Paredes et al. 2024",
    settings: {
      of: wrappedStrategy(tournament, "The strategy of every island."),
      count: whole(1, 4, "Islands at the start."),
      migration: oneOf(
        ["ring", "full", "random"],
        "ring",
        "Whether the best go to the next island, to every other, or to one that is drawn.",
      ),
      interval: whole(0, 20, "Proposals told, on all islands together, between two migrations; 0 for none."),
      rate: whole(1, 1, "Branches that an island sends, its best."),
      reset: whole(
        0,
        0,
        "Proposals told between two resets, when the weakest island begins again from another's best; 0 for none.",
      ),
      stagnation: whole(
        0,
        0,
        "Proposals told without a new best, after which an island is added, from the founder; 0 for none.",
      ),
      most: optional(whole(1, 8, "Islands at the most; at least `count`."), "2 * count"),
    },
  },
  (settings): StrategyMethods<Archipelago> => {
    const { count, most } = settings;
    const rules: IslandRules = { ...settings, most: most ?? 2 * count };
    if (rules.most < count)
      refuse("islands", "most", rules.most, `a whole number of count, ${count}, or more`);
    return {
      settings: { most: rules.most },
      start: (founder) => ({
        founder,
        islands: Array.from({ length: count }, () => beginIsland(rules, founder, 0)),
        told: 0,
        best: founder.score.fitness,
        bestAt: 0,
      }),
      ask: (world, now) => askIslands(rules, world, now),
      tell: (world, outcome) => tellIslands(rules, world, outcome),
    };
  },
);

function beginIsland({ of }: IslandRules, from: Branch, turns: number): Island {
  const members = PersistentSet([from.id]);
  return { population: of.start(from), fitness: from.score.fitness, best: [], members, turns };
}

/** The move or proposal as the wrapped strategy knows it: its own islands lie beyond ours in `island`. */
function asInside<T extends Move>({ most }: IslandRules, move: T): T {
  return { ...move, island: Math.floor(move.island / most) };
}

/** The first move of an island, asked in the order of how little each has had. */
function askIslands(
  rules: IslandRules,
  { islands }: Archipelago,
  now: Parameters<Strategy["ask"]>[1],
): Move | null {
  const openAt = (at: number): readonly Proposal[] =>
    now.open.filter(({ island }) => island % rules.most === at);
  const load = islands.map((island, at) => island.turns + openAt(at).length);
  const order = [...load.keys()].toSorted((a, b) => (load[a] ?? 0) - (load[b] ?? 0) || a - b);
  for (const at of order) {
    const open = openAt(at).map((proposal) => asInside(rules, proposal));
    const move = rules.of.ask(islands[at]?.population, { ...now, open });
    if (move !== null) return { ...move, island: at + rules.most * move.island };
  }
  return null;
}

function tellIslands(rules: IslandRules, world: Archipelago, outcome: Outcome): Archipelago {
  const { interval, reset, stagnation, most } = rules;
  const home = outcome.proposal.island % most;
  const told = world.told + 1;
  const isBest = outcome.ok && outcome.branch.score.fitness > world.best;
  let next: Archipelago = {
    ...world,
    told,
    best: isBest ? outcome.branch.score.fitness : world.best,
    bestAt: isBest ? told : world.bestAt,
    islands: world.islands.map((island, at) =>
      at === home ? { ...tellIsland(rules, island, outcome), turns: island.turns + 1 } : island,
    ),
  };
  if (interval > 0 && told % interval === 0) next = migrate(rules, next);
  if (reset > 0 && told % reset === 0) next = resetWeakest(rules, next);
  const isStuck = stagnation > 0 && told - next.bestAt >= stagnation && next.islands.length < most;
  return isStuck ? addIsland(rules, next) : next;
}

function tellIsland(rules: IslandRules, island: Island, outcome: Outcome): Island {
  const inside = { ...outcome, proposal: asInside(rules, outcome.proposal) };
  const next = { ...island, population: rules.of.tell(island.population, inside) };
  if (!outcome.ok) return next;
  const ranked = [...island.best, outcome].toSorted((a, b) => bestFirst(a.branch, b.branch));
  return {
    ...next,
    best: ranked.slice(0, rules.rate),
    fitness: Math.max(island.fitness, outcome.branch.score.fitness),
    members: island.members.add(outcome.branch.id),
  };
}

/** All leave at once: a migrant that arrives now does not travel on now. */
function migrate(rules: IslandRules, world: Archipelago): Archipelago {
  const travels = world.islands.flatMap(({ best }, from) => {
    const targets = migrationTargets(rules.migration, from, world.islands.length, world.told);
    return best.flatMap((migrant) => targets.map((at) => ({ migrant, at })));
  });
  const arrive = (island: Island, { migrant, at }: (typeof travels)[number]): Island =>
    island.members.has(migrant.branch.id)
      ? island
      : tellIsland(rules, island, { ...migrant, proposal: { ...migrant.proposal, island: at } });
  const islands = world.islands.map((island, at) =>
    travels.filter((travel) => travel.at === at).reduce(arrive, island),
  );
  return { ...world, islands };
}

function migrationTargets(
  migration: IslandRules["migration"],
  from: number,
  count: number,
  told: number,
): readonly number[] {
  const others = Array.from({ length: count }, (_, at) => at).filter((at) => at !== from);
  if (others.length === 0 || migration === "full") return others;
  return migration === "ring" ? [(from + 1) % count] : [randomAt("islands", told, from).pick(others)];
}

/** The weakest island begins again from the best of another that is drawn. */
function resetWeakest(rules: IslandRules, world: Archipelago): Archipelago {
  const ranked = world.islands.map(({ fitness }, at) => ({ fitness, at }));
  const weakest = ranked.toSorted((a, b) => a.fitness - b.fitness || b.at - a.at)[0]?.at;
  const others = world.islands.filter((_, at) => at !== weakest);
  if (others.length === 0) return world;
  const from = randomAt("islands reset", world.told).pick(others).best[0]?.branch ?? world.founder;
  const islands = world.islands.map((island, at) =>
    at === weakest ? beginIsland(rules, from, island.turns) : island,
  );
  return { ...world, islands };
}

function addIsland(rules: IslandRules, world: Archipelago): Archipelago {
  const turns = Math.max(...world.islands.map((island) => island.turns));
  return {
    ...world,
    islands: [...world.islands, beginIsland(rules, world.founder, turns)],
    bestAt: world.told,
  };
}
