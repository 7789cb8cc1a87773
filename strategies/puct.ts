// Owns: tree search by PUCT - where a subtree has done well or was little tried, go on there.
import { Map as PersistentMap } from "immutable";
import type { Branch, BranchId, Proposal, Strategy } from "../src/spec/index.ts";
import { checkWhole, refuse } from "./options.ts";

export interface PuctOptions {
  /** Weight of exploration against exploitation, 0 or more; 1. */
  readonly exploration?: number;
  /** A node may have so many times the square root of its visits in children, above 0; 1. */
  readonly widening?: number;
  /** Children of a node at the most, 1 or more; 12. */
  readonly width?: number;
}

export interface Node {
  readonly parent: BranchId | null;
  readonly children: readonly BranchId[];
  /** Proposals told from here and below, failures included. */
  readonly visits: number;
  /** The best fitness here and below. */
  readonly best: number;
}

export interface SearchTree {
  readonly root: Branch;
  readonly nodes: PersistentMap<BranchId, Node>;
  /** The range of fitness seen, by which values are brought to 0 to 1. */
  readonly least: number;
  readonly most: number;
}

/**
 * Descends from the founder to the child with the most value + exploration * sqrt(visits of all) / children /
 * (1 + own visits), until a node may have one more child. What is open counts as visited. A node's value is the
 * best below it: the search wants one best branch, not a good average.
 * Source: Rosin 2011 and Silver et al. 2017 (PUCT); Couetoux et al. 2011 (progressive widening);
 * Schrittwieser et al. 2020 (values by the range seen). @throws RunError `bad-option`.
 */
export function puct(options: PuctOptions = {}): Strategy<SearchTree> {
  const { exploration = 1, widening = 1, width = 12 } = options;
  checkWhole("puct", 1, { width });
  if (!(exploration >= 0)) refuse("puct", "exploration", exploration, "0 or more");
  if (!(widening > 0)) refuse("puct", "widening", widening, "above 0");

  function choose(tree: SearchTree, visitsOf: (id: BranchId) => number): BranchId {
    let at = tree.root.id;
    while (true) {
      const node = tree.nodes.get(at);
      const visits = visitsOf(at);
      const room = Math.min(width, Math.max(1, Math.floor(widening * Math.sqrt(visits))));
      if (node === undefined || node.children.length < room) return at;
      const bonus = (exploration * Math.sqrt(visits)) / node.children.length;
      const worth = (id: BranchId): number => valueOf(tree, id) + bonus / (1 + visitsOf(id));
      at = node.children.reduce((a, b) => (worth(b) > worth(a) ? b : a));
    }
  }

  return {
    name: "puct",
    settings: { exploration, widening, width },
    start(founder) {
      const { fitness } = founder.score;
      const node: Node = { parent: null, children: [], visits: 0, best: fitness };
      return { root: founder, nodes: PersistentMap([[founder.id, node]]), least: fitness, most: fitness };
    },
    ask(tree, { open }) {
      const under = openBelow(tree, open);
      const id = choose(tree, (node) => (tree.nodes.get(node)?.visits ?? 0) + (under.get(node) ?? 0));
      const isDraft = id === tree.root.id && tree.root.number === 0;
      return { operator: isDraft ? "found" : "improve", parents: [id], island: 0 };
    },
    tell(tree, outcome) {
      const parent = knownParent(tree, outcome.proposal);
      const fitness = outcome.ok ? outcome.branch.score.fitness : -Infinity;
      const nodes = tree.nodes.withMutations((next) => {
        for (let id: BranchId | null = parent; id !== null; id = next.get(id)?.parent ?? null)
          next.update(id, (node) => node && seen(node, fitness));
        if (!outcome.ok) return;
        const { id } = outcome.branch;
        next.update(parent, (node) => node && { ...node, children: [...node.children, id] });
        next.set(id, { parent, children: [], visits: 0, best: fitness });
      });
      if (!outcome.ok) return { ...tree, nodes };
      return { ...tree, nodes, least: Math.min(tree.least, fitness), most: Math.max(tree.most, fitness) };
    },
  };
}

function valueOf({ nodes, least, most }: SearchTree, id: BranchId): number {
  return most === least ? 0 : ((nodes.get(id)?.best ?? least) - least) / (most - least);
}

function seen(node: Node, fitness: number): Node {
  return { ...node, visits: node.visits + 1, best: Math.max(node.best, fitness) };
}

/** A branch of another's making (a migrant) counts as a child of the founder. */
function knownParent({ nodes, root }: SearchTree, { parents }: Proposal): BranchId {
  return parents.find((id) => nodes.has(id)) ?? root.id;
}

function openBelow(tree: SearchTree, open: readonly Proposal[]): ReadonlyMap<BranchId, number> {
  const under = new Map<BranchId, number>();
  for (const proposal of open) {
    let id: BranchId | null = knownParent(tree, proposal);
    for (; id !== null; id = tree.nodes.get(id)?.parent ?? null) under.set(id, (under.get(id) ?? 0) + 1);
  }
  return under;
}
