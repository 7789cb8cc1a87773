// Owns: AIDE's tree search: first some drafts, then repair of what failed or improvement of the best.
import { bestFirst } from "../src/core/run/branch.ts";
import type { Branch, Move } from "../src/contracts/index.ts";
import { defineStrategy, share, whole, type StrategyMethods } from "./parts/settings.ts";

/** A draft that failed, and may be repaired. */
export interface BrokenDraft {
  readonly repairs: NonNullable<Move["repairs"]>;
  readonly parent: string;
  /** Repairs that led to it and failed. */
  readonly depth: number;
}

/** The population of `treeSearch`. */
export interface Tree {
  readonly founder: Branch;
  readonly best: Branch;
  /** Drafts that were told. */
  readonly drafts: number;
  readonly broken: readonly BrokenDraft[];
}

/**
 * Drafts, then repairs or improvements; improving is greedy.
 * Source: Jiang et al. 2025, "AIDE: AI-driven exploration in the space of code".
 */
export const treeSearch = defineStrategy(
  {
    name: "tree-search",
    summary: "drafts, then repair of what failed or improvement of the best",
    source: "Jiang et al. 2025 (AIDE)",
    settings: {
      drafts: whole(1, 5, "Fresh drafts before anything else."),
      debug: share(0.5, "Probability of a repair while there is something to repair."),
      depth: whole(0, 3, "Repairs in a row on one draft."),
      remember: whole(0, 16, "Failures that are kept for repair, the latest ones."),
    },
  },
  ({ drafts, debug, depth, remember }): StrategyMethods<Tree> => ({
    start: (founder) => ({ founder, best: founder, drafts: 0, broken: [] }),
    ask(tree, { open, random }) {
      const drafting = open.filter(({ operator }) => operator === "draft").length;
      if (tree.drafts + drafting < drafts)
        return { operator: "draft", parents: [tree.founder.id], island: 0 };
      const mending = new Set(open.map(({ repairs }) => repairs?.proposal));
      const broken = tree.broken.filter(({ repairs }) => !mending.has(repairs.proposal));
      if (broken.length > 0 && random.next() < debug) {
        const { parent, repairs } = random.pick(broken);
        return { operator: "repair", parents: [parent], repairs, island: 0 };
      }
      return { operator: "improve", parents: [tree.best.id], island: 0 };
    },
    tell(tree, outcome) {
      const { proposal } = outcome;
      const mended = tree.broken.find(({ repairs }) => repairs.proposal === proposal.repairs?.proposal);
      const others = tree.broken.filter((one) => one !== mended);
      const next = { ...tree, drafts: tree.drafts + (proposal.operator === "draft" ? 1 : 0) };
      if (outcome.ok) {
        const best = bestFirst(outcome.branch, tree.best) < 0 ? outcome.branch : tree.best;
        return { ...next, best, broken: others };
      }
      const { failure } = outcome;
      const tries = mended === undefined ? 0 : mended.depth + 1;
      const [parent] = proposal.parents;
      const isHopeless = failure.notebook === undefined || failure.kernel === undefined || tries >= depth;
      if (isHopeless || parent === undefined) return { ...next, broken: others };
      const one: BrokenDraft = { repairs: { proposal: proposal.id, failure }, parent, depth: tries };
      return { ...next, broken: [...others, one].slice(-remember || Infinity) };
    },
  }),
);
