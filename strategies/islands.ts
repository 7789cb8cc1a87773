// Owns: islands - several populations of one strategy that meet by migration alone.
import { Set as PersistentSet } from "immutable";
import { bestFirst } from "../src/core/run/branch.ts";
import { randomAt } from "../src/core/random.ts";
import type { Branch, BranchId, Move, Outcome, Proposal, Strategy } from "../src/contracts/index.ts";
import { checkWhole, refuse } from "./parts/options.ts";

export interface IslandsOptions {
  /** Islands at the start, 1 or more; 4. */
  readonly count?: number;
  /** Whom an island sends to: the next one, every other, or one that is drawn; ring. */
  readonly migration?: "ring" | "full" | "random";
  /** Proposals told, on all islands together, between two migrations; 0 for none; 20. */
  readonly interval?: number;
  /** Branches that an island sends, its best; 1 or more; 1. */
  readonly rate?: number;
  /** Proposals told between two resets: the weakest island begins anew from another's best; 0 for none; 0. */
  readonly reset?: number;
  /** Proposals told without a new best, after which an island is added, from the founder; 0 for none; 0. */
  readonly stagnation?: number;
  /** Islands at the most; 2 * count. */
  readonly most?: number;
}

type Success = Extract<Outcome, { ok: true }>;

export interface Island<P> {
  readonly population: P;
  readonly fitness: number;
  /** Its best, best first, at most `rate`: those that migrate. */
  readonly best: readonly Success[];
  /** All that were told here, so that no migrant comes twice or back. */
  readonly members: PersistentSet<BranchId>;
  /** Proposals counted to it, to keep the islands level. */
  readonly turns: number;
}

export interface Archipelago<P> {
  readonly founder: Branch;
  readonly islands: readonly Island<P>[];
  readonly told: number;
  /** The best fitness of all, and `told` when it was found or an island was added. */
  readonly best: number;
  readonly bestAt: number;
}

/**
 * Runs `of` on every island. A move carries its island, and its outcome goes back there: nothing else mixes them
 * but migration, which tells the target's population of a copy. Moves go to the island that had the fewest.
 * Source: Tanese 1989 (distributed genetic algorithms); Romera-Paredes et al. 2024 (FunSearch: resets).
 * @throws RunError `bad-option`.
 */
export function islands<P>(of: Strategy<P>, options: IslandsOptions = {}): Strategy<Archipelago<P>> {
  const { count = 4, migration = "ring", interval = 20, rate = 1, reset = 0, stagnation = 0 } = options;
  const { most = 2 * count } = options;
  checkWhole("islands", 1, { count, rate });
  checkWhole("islands", 0, { interval, reset, stagnation });
  if (!["ring", "full", "random"].includes(migration))
    refuse("islands", "migration", migration, "ring, full or random");
  if (!Number.isInteger(most) || most < count)
    refuse("islands", "most", most, "a whole number from count on");

  const homeOf = (island: number): number => island % most;
  /** A wrapped strategy has islands of its own in `island`, beyond ours. */
  const inward = <T extends Move>(move: T): T => ({ ...move, island: Math.floor(move.island / most) });
  const begin = (from: Branch, turns: number): Island<P> => ({
    population: of.start(from),
    fitness: from.score.fitness,
    best: [],
    members: PersistentSet([from.id]),
    turns,
  });

  function settle(island: Island<P>, outcome: Outcome): Island<P> {
    const inside = { ...outcome, proposal: inward(outcome.proposal) };
    const next = { ...island, population: of.tell(island.population, inside) };
    if (!outcome.ok) return next;
    const best = [...island.best, outcome].toSorted((a, b) => bestFirst(a.branch, b.branch)).slice(0, rate);
    return {
      ...next,
      best,
      fitness: Math.max(island.fitness, outcome.branch.score.fitness),
      members: island.members.add(outcome.branch.id),
    };
  }

  function ask({ islands }: Archipelago<P>, now: Parameters<Strategy["ask"]>[1]): Move | null {
    const openAt = (at: number): readonly Proposal[] =>
      now.open.filter(({ island }) => homeOf(island) === at);
    const load = islands.map((island, at) => island.turns + openAt(at).length);
    const order = load.map((_, at) => at).toSorted((a, b) => (load[a] ?? 0) - (load[b] ?? 0) || a - b);
    for (const at of order) {
      const island = islands[at];
      const move =
        island === undefined ? null : of.ask(island.population, { ...now, open: openAt(at).map(inward) });
      if (move !== null) return { ...move, island: at + most * move.island };
    }
    return null;
  }

  /** All leave at once: who arrives now does not travel on now. */
  function migrate(world: Archipelago<P>): Archipelago<P> {
    const travels = world.islands.flatMap(({ best }, from) => {
      const to = targets(migration, from, world.islands.length, world.told);
      return best.flatMap((migrant) => to.map((at) => ({ migrant, at })));
    });
    const arrive = (island: Island<P>, { migrant, at }: (typeof travels)[number]): Island<P> =>
      island.members.has(migrant.branch.id)
        ? island
        : settle(island, { ...migrant, proposal: { ...migrant.proposal, island: at } });
    const next = world.islands.map((island, at) =>
      travels.filter((travel) => travel.at === at).reduce(arrive, island),
    );
    return { ...world, islands: next };
  }

  function resetWeakest(world: Archipelago<P>): Archipelago<P> {
    const ranked = world.islands.map(({ fitness }, at) => ({ fitness, at }));
    const weakest = ranked.toSorted((a, b) => a.fitness - b.fitness || b.at - a.at)[0]?.at;
    const others = world.islands.filter((_, at) => at !== weakest);
    if (others.length === 0) return world;
    const from = randomAt("islands reset", world.told).pick(others).best[0]?.branch ?? world.founder;
    const next = world.islands.map((island, at) => (at === weakest ? begin(from, island.turns) : island));
    return { ...world, islands: next };
  }

  function tell(world: Archipelago<P>, outcome: Outcome): Archipelago<P> {
    const home = homeOf(outcome.proposal.island);
    const told = world.told + 1;
    const isBest = outcome.ok && outcome.branch.score.fitness > world.best;
    let next: Archipelago<P> = {
      ...world,
      told,
      best: isBest ? outcome.branch.score.fitness : world.best,
      bestAt: isBest ? told : world.bestAt,
      islands: world.islands.map((island, at) =>
        at === home ? { ...settle(island, outcome), turns: island.turns + 1 } : island,
      ),
    };
    if (interval > 0 && told % interval === 0) next = migrate(next);
    if (reset > 0 && told % reset === 0) next = resetWeakest(next);
    if (stagnation === 0 || told - next.bestAt < stagnation || next.islands.length >= most) return next;
    const added = begin(next.founder, Math.max(...next.islands.map((island) => island.turns)));
    return { ...next, islands: [...next.islands, added], bestAt: told };
  }

  return {
    name: "islands",
    settings: {
      of: { name: of.name, ...of.settings },
      count,
      migration,
      interval,
      rate,
      reset,
      stagnation,
      most,
    },
    start: (founder) => ({
      founder,
      islands: Array.from({ length: count }, () => begin(founder, 0)),
      told: 0,
      best: founder.score.fitness,
      bestAt: 0,
    }),
    ask,
    tell,
  };
}

function targets(how: string, from: number, among: number, told: number): readonly number[] {
  const others = Array.from({ length: among }, (_, at) => at).filter((at) => at !== from);
  if (others.length === 0 || how === "full") return others;
  return how === "ring" ? [(from + 1) % among] : [randomAt("islands", told, from).pick(others)];
}
