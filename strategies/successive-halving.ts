// Owns: successive halving over rounds - many cheap starts, more rounds for the promising.
import { bestFirst } from "../src/core/run/branch.ts";
import type { Branch, BranchId, Strategy } from "../src/contracts/index.ts";
import { checkWhole } from "./parts/options.ts";

export interface SuccessiveHalvingOptions {
  /** One in so many is promoted, and plays so many times the rounds; 2 or more; 3. */
  readonly eta?: number;
  /** Rungs, the drafts' one included; 1 or more; 4. */
  readonly rungs?: number;
  /** Rounds of a draft, 1 or more; 1. */
  readonly rounds?: number;
  /** The latest so many branches of a rung compete, `eta` or more; 81. */
  readonly window?: number;
}

export interface Rung {
  /** The latest, in the order told. */
  readonly branches: readonly Branch[];
  /** Those of them whose continuation was told. */
  readonly promoted: readonly BranchId[];
}

export interface Rungs {
  readonly founder: Branch;
  readonly rungs: readonly Rung[];
}

/**
 * Asynchronous successive halving: a branch among the best 1/eta of its rung goes on, from the highest rung where
 * there is one; else a new draft begins. `island` is the rung that the outcome comes to.
 * Source: Jamieson and Talwalkar 2016; Li et al. 2020 (ASHA). @throws RunError `bad-option`.
 */
export function successiveHalving(options: SuccessiveHalvingOptions = {}): Strategy<Rungs> {
  const { eta = 3, rungs: count = 4, rounds = 1, window = 81 } = options;
  checkWhole("successive-halving", 2, { eta });
  checkWhole("successive-halving", 1, { rungs: count, rounds });
  checkWhole("successive-halving", eta, { window });
  return {
    name: "successive-halving",
    settings: { eta, rungs: count, rounds, window },
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
        return { operator: "improve", parents: [next.id], island: at + 1, rounds: rounds * eta ** (at + 1) };
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
}
