// Owns: tree search by PUCT: go on where a subtree has done well or was little tried.
import { Map as PersistentMap } from "immutable";
import type { Branch, BranchId, Proposal } from "../src/contracts/index.ts";
import { defineStrategy, positive, weight, whole, type StrategyMethods } from "./parts/settings.ts";

/** A branch in the tree. */
export interface SearchNode {
  readonly parent: BranchId | null;
  readonly children: readonly BranchId[];
  /** Proposals told from here and below, failures included. */
  readonly visits: number;
  /** The best fitness here and below. */
  readonly best: number;
}

/** The population of `puct`. */
export interface SearchTree {
  readonly founder: Branch;
  readonly root: BranchId;
  readonly nodes: PersistentMap<BranchId, SearchNode>;
  /** The range of fitness seen, by which values are brought to 0 to 1. */
  readonly least: number;
  readonly most: number;
}

/**
 * Descends from the founder to the child with the most value + exploration * sqrt(visits of all) / children /
 * (1 + own visits), until a node may have one more child. What is open counts as visited. A node's value is the
 * best below it: the search wants one best branch, not a good average. As in a game, the root moves on once it was
 * visited enough, and what is not below it is forgotten: the tree never outgrows the horizon.
 * Source: Rosin 2011 and Silver et al. 2017 (PUCT); Couetoux et al. 2011 (progressive widening);
 * Schrittwieser et al. 2020 (values by the range seen).
 */
export const puct = defineStrategy(
  {
    name: "puct",
    summary: "a tree that goes on where it did well or was little tried",
    source: "Rosin 2011; Silver et al. 2017",
    settings: {
      exploration: weight(1, "Weight of exploration against exploitation."),
      widening: positive(1, "Children that a node may have, as a multiple of the square root of its visits."),
      width: whole(1, 12, "Children of a node at the most."),
      horizon: whole(2, 1000, "Visits of the root at which its most visited child becomes the root."),
    },
  },
  (settings): StrategyMethods<SearchTree> => ({
    start(founder) {
      const { fitness } = founder.score;
      const node: SearchNode = { parent: null, children: [], visits: 0, best: fitness };
      const nodes = PersistentMap([[founder.id, node]]);
      return { founder, root: founder.id, nodes, least: fitness, most: fitness };
    },
    ask(tree, { open }) {
      const under = countOpenBelow(tree, open);
      const id = chooseNode(
        tree,
        settings,
        (node) => (tree.nodes.get(node)?.visits ?? 0) + (under.get(node) ?? 0),
      );
      const isDraft = id === tree.founder.id && tree.founder.number === 0;
      return { operator: isDraft ? "draft" : "improve", parents: [id], island: 0 };
    },
    tell(tree, outcome) {
      const parent = parentOf(tree, outcome.proposal);
      const fitness = outcome.ok ? outcome.branch.score.fitness : -Infinity;
      const nodes = tree.nodes.withMutations((next) => {
        for (let id: BranchId | null = parent; id !== null; id = next.get(id)?.parent ?? null)
          next.update(id, (node) => node && countVisit(node, fitness));
        if (!outcome.ok) return;
        const { id } = outcome.branch;
        next.update(parent, (node) => node && { ...node, children: [...node.children, id] });
        next.set(id, { parent, children: [], visits: 0, best: fitness });
      });
      const next = advanceRoot({ ...tree, nodes }, settings.horizon);
      if (!outcome.ok) return next;
      return { ...next, least: Math.min(tree.least, fitness), most: Math.max(tree.most, fitness) };
    },
  }),
);

interface Widening {
  readonly exploration: number;
  readonly widening: number;
  readonly width: number;
}

/** Where to go on: down from the root, until a node may have one more child. */
function chooseNode(
  tree: SearchTree,
  { exploration, widening, width }: Widening,
  visitsOf: (id: BranchId) => number,
): BranchId {
  let at = tree.root;
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

function valueOf({ nodes, least, most }: SearchTree, id: BranchId): number {
  return most === least ? 0 : ((nodes.get(id)?.best ?? least) - least) / (most - least);
}

function countVisit(node: SearchNode, fitness: number): SearchNode {
  return { ...node, visits: node.visits + 1, best: Math.max(node.best, fitness) };
}

/** The tree below the most visited child, once the root was visited enough. */
function advanceRoot(tree: SearchTree, horizon: number): SearchTree {
  const visitsOf = (id: BranchId): number => tree.nodes.get(id)?.visits ?? 0;
  const [first, ...others] = tree.nodes.get(tree.root)?.children ?? [];
  if (first === undefined || visitsOf(tree.root) < horizon) return tree;
  const root = others.reduce((a, b) => (visitsOf(b) > visitsOf(a) ? b : a), first);
  const kept = subtreeOf(tree.nodes, root).map(
    ([id, node]) => [id, id === root ? { ...node, parent: null } : node] as const,
  );
  return { ...tree, root, nodes: PersistentMap(kept) };
}

function subtreeOf(nodes: SearchTree["nodes"], id: BranchId): readonly (readonly [BranchId, SearchNode])[] {
  const node = nodes.get(id);
  return node === undefined ? [] : [[id, node], ...node.children.flatMap((child) => subtreeOf(nodes, child))];
}

/** A migrant, or a branch whose parent is forgotten, counts as a child of the root. */
function parentOf({ nodes, root }: SearchTree, { parents }: Proposal): BranchId {
  return parents.find((id) => nodes.has(id)) ?? root;
}

function countOpenBelow(tree: SearchTree, open: readonly Proposal[]): ReadonlyMap<BranchId, number> {
  const under = new Map<BranchId, number>();
  for (const proposal of open) {
    let id: BranchId | null = parentOf(tree, proposal);
    for (; id !== null; id = tree.nodes.get(id)?.parent ?? null) under.set(id, (under.get(id) ?? 0) + 1);
  }
  return under;
}
