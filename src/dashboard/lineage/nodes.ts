// Owns: the lineage of a run as nodes: every branch, every failed proposal and every open one, each below its first parent. Pure.
import { ownScore } from "../../core/run/goal.ts";
import type { History } from "../../core/run/history.ts";
import type { Operator, Proposal } from "../../contracts/index.ts";

/** `b7`, or `p7` where proposal 7 has left no branch. */
export type NodeId = string;

export interface LineageNode {
  readonly id: NodeId;
  readonly number: number;
  readonly kind: "branch" | "failed" | "open";
  /** Null for the founder. */
  readonly operator: Operator | null;
  /** What it hangs below; null for the founder and for injected notebooks. */
  readonly parent: NodeId | null;
  /** Where it has more than one parent, or goes on from a failure. */
  readonly others: readonly NodeId[];
  /** Higher is better; null without a branch. */
  readonly fitness: number | null;
  /** In the task's own direction. */
  readonly score: number | null;
  /** The best fitness of the node and what descends from it; what failed counts as its parent, for it is no worse to look at. */
  readonly promise: number;
  /** Nodes that descend from it. */
  readonly descendants: number;
}

/** In the order of the proposals: what a node descends from is before it. */
export function lineageNodes(history: Pick<History, "founder" | "ended" | "open">): readonly LineageNode[] {
  const { founder, ended, open } = history;
  const first = nodeOf({
    id: founder.id,
    number: 0,
    operator: null,
    parent: null,
    fitness: founder.score.fitness,
  });
  first.score = ownScore(founder.score);
  const nodes: MadeNode[] = [first];
  for (const { outcome } of ended) {
    const { proposal } = outcome;
    const node = nodeOf({
      ...placeOf(proposal),
      id: outcome.ok ? outcome.branch.id : proposal.id,
      kind: outcome.ok ? "branch" : "failed",
      fitness: outcome.ok ? outcome.branch.score.fitness : null,
    });
    if (outcome.ok) node.score = ownScore(outcome.branch.score);
    nodes.push(node);
  }
  for (const { proposal, outcome } of open.values())
    if (outcome === null) nodes.push(nodeOf({ ...placeOf(proposal), id: proposal.id, kind: "open" }));
  nodes.sort((a, b) => a.number - b.number);
  addUp(nodes);
  return nodes;
}

/** A node in the making. */
type MadeNode = { -readonly [K in keyof LineageNode]: LineageNode[K] };

function nodeOf(known: Partial<LineageNode> & Pick<LineageNode, "id" | "number">): MadeNode {
  const { fitness = null } = known;
  return {
    ...{
      kind: "branch",
      operator: null,
      parent: null,
      others: [],
      fitness: null,
      score: null,
      descendants: 0,
    },
    ...known,
    promise: fitness ?? -Infinity,
  };
}

function placeOf({
  number,
  operator,
  parents,
  repairs,
}: Proposal): Pick<LineageNode, "number" | "operator" | "parent" | "others"> {
  const [parent = null, ...more] = operator === "inject" ? [] : parents;
  return { number, operator, parent, others: repairs === undefined ? more : [...more, repairs.proposal] };
}

/** Adds to each node what descends from it. */
function addUp(nodes: readonly MadeNode[]): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes)
    if (node.fitness === null) node.promise = byId.get(node.parent ?? "")?.fitness ?? -Infinity;
  for (const node of nodes.toReversed()) {
    const parent = byId.get(node.parent ?? "");
    if (parent === undefined) continue;
    parent.descendants += node.descendants + 1;
    parent.promise = Math.max(parent.promise, node.promise);
  }
}
