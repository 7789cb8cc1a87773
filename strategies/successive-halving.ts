// Owns: successive halving over rounds: many cheap starts, more rounds for the promising.
import { bestFirst } from "../src/core/run/branch.ts";
import type { Branch, BranchId } from "../src/contracts/index.ts";
import { defineStrategy, refuse, whole, type StrategyMethods } from "./parts/settings.ts";

/** The branches that have had the same number of rounds. */
export interface Rung {
  /** The latest, in the order told. */
  readonly branches: readonly Branch[];
  /** Those of them whose continuation was told. */
  readonly promoted: readonly BranchId[];
}

/** The population of `successiveHalving`. */
export interface Rungs {
  readonly founder: Branch;
  readonly rungs: readonly Rung[];
}

/**
 * Asynchronous successive halving: a branch among the best 1/eta of its rung goes on, from the highest rung where
 * there is one; else a new draft begins. `island` is the rung that the outcome comes to.
 * Source: Jamieson and Talwalkar 2016; Li et al. 2020 (ASHA).
 */
export const successiveHalving = defineStrategy(
  {
    name: "successive-halving",
    summary: "many starts of few rounds, more rounds for the promising",
    source: "Jamieson and Talwalkar 2016; Li et al. 2020",
    settings: {
      eta: whole(2, 3, "One branch in `eta` is promoted, and plays `eta` times the rounds."),
      rungs: whole(1, 4, "Rungs, that of the drafts included."),
      rounds: whole(1, 1, "Rounds of a draft."),
      window: whole(1, 81, "Latest branches of a rung that compete; at least `eta`."),
    },
  },
  ({ eta, rungs: count, rounds, window }): StrategyMethods<Rungs> => {
    if (window < eta)
      refuse("successive-halving", "window", window, `a whole number of eta, ${eta}, or more`);
    return {
      start: (founder) => ({
        founder,
        rungs: Array.from({ length: count }, () => ({ branches: [], promoted: [] })),
      }),
      ask({ founder, rungs }, { open }) {
        const taken = new Set(open.flatMap(({ parents }) => parents));
        for (let at = count - 2; at >= 0; at--) {
          const { branches, promoted } = rungs[at] ?? { branches: [], promoted: [] };
          const top = branches.toSorted(bestFirst).slice(0, Math.floor(branches.length / eta));
          const next = top.find(({ id }) => !promoted.includes(id) && !taken.has(id));
          if (next === undefined) continue;
          return {
            operator: "improve",
            parents: [next.id],
            island: at + 1,
            rounds: rounds * eta ** (at + 1),
          };
        }
        return { operator: "draft", parents: [founder.id], island: 0, rounds };
      },
      tell({ founder, rungs }, outcome) {
        const { island, parents } = outcome.proposal;
        const next = rungs.map((rung, at) => {
          if (at === island - 1) return { ...rung, promoted: [...rung.promoted, ...parents] };
          if (at !== island || !outcome.ok) return rung;
          const branches = [...rung.branches, outcome.branch].slice(-window);
          return { branches, promoted: rung.promoted.filter((id) => branches.some((one) => one.id === id)) };
        });
        return { founder, rungs: next };
      },
    };
  },
);
