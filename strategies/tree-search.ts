// Owns: AIDE's tree search - first some drafts, then repair what failed or improve the best.
import { bestFirst } from "../src/core/run/branch.ts";
import type { Branch, Move, Strategy } from "../src/contracts/index.ts";
import { checkShare, checkWhole } from "./parts/options.ts";

export interface TreeSearchOptions {
  /** Fresh drafts before anything else, 1 or more; 5. */
  readonly drafts?: number;
  /** Probability of a repair while there is something to repair; 0 to 1; 0.5. */
  readonly debug?: number;
  /** Repairs in a row on one draft, 0 or more; 3. */
  readonly depth?: number;
  /** Failures kept for repair, the latest; 0 or more; 16. */
  readonly remember?: number;
}

export interface Broken {
  readonly repairs: NonNullable<Move["repairs"]>;
  readonly parent: string;
  /** Repairs that led to it and failed. */
  readonly depth: number;
}

export interface Tree {
  readonly founder: Branch;
  readonly best: Branch;
  /** Drafts that were told. */
  readonly drafts: number;
  readonly broken: readonly Broken[];
}

/**
 * Draft, improve, debug; improving is greedy.
 * Source: Jiang et al. 2025, "AIDE: AI-driven exploration in the space of code". @throws RunError `bad-option`.
 */
export function treeSearch(options: TreeSearchOptions = {}): Strategy<Tree> {
  const { drafts = 5, debug = 0.5, depth = 3, remember = 16 } = options;
  checkWhole("tree-search", 1, { drafts });
  checkWhole("tree-search", 0, { depth, remember });
  checkShare("tree-search", { debug });
  return {
    name: "tree-search",
    settings: { drafts, debug, depth, remember },
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
      const one: Broken = { repairs: { proposal: proposal.id, failure }, parent, depth: tries };
      return { ...next, broken: [...others, one].slice(-remember || Infinity) };
    },
  };
}
