// Owns: which nodes of a lineage are shown, and where: a column for each generation, and rows in which no two nodes meet. Pure.
import { hierarchy, tree } from "d3-hierarchy";
import type { LineageNode, NodeId } from "./nodes.ts";

export interface PlacedNode {
  readonly node: LineageNode;
  /** Steps from its root: the column. */
  readonly depth: number;
  /** The row; nodes of one column are at least 1 apart. Not a whole number. */
  readonly row: number;
  /** Place of its parent among those that are placed; -1 for a root. */
  readonly parent: number;
  /** How many of its descendants are not shown. */
  readonly hidden: number;
}

export interface Layout {
  readonly nodes: readonly PlacedNode[];
  readonly byId: ReadonlyMap<NodeId, PlacedNode>;
  /** The last column, and the first and last row. */
  readonly columns: number;
  readonly rows: readonly [first: number, last: number];
}

/** What is to be shown of a lineage. */
export interface WantedNodes {
  /** At most so many nodes, those of the most promising lines, besides what is asked for by name. */
  readonly most: number;
  /** Shown with all that they descend from. */
  readonly always: Iterable<NodeId>;
  /** Each child of these is shown. */
  readonly unfolded: ReadonlySet<NodeId>;
}

/** `nodes`: in the order of the proposals. Each is shown once or not at all, and never without its parent. */
export function layOut(nodes: readonly LineageNode[], wanted: WantedNodes): Layout {
  const shown = chooseNodes(nodes, wanted);
  const listed = nodes.filter(({ id }) => shown.has(id));
  const places = new Map(listed.map(({ id }, place) => [id, place]));
  const children = new Map<NodeId | null, number>();
  for (const { parent, descendants } of listed) {
    const above = parent !== null && shown.has(parent) ? parent : null;
    children.set(above, (children.get(above) ?? 0) + descendants + 1);
  }
  const below: number[][] = listed.map(() => []);
  const roots: number[] = [];
  for (const [place, { parent }] of listed.entries())
    (below[places.get(parent ?? "") ?? -1] ?? roots).push(place);
  // All roots hang below one that is not there.
  const root = hierarchy(-1, (place) => (place < 0 ? roots : below[place]));
  tree<number>()
    .nodeSize([1, 1])
    .separation((a, b) => (a.parent === b.parent ? 1 : 1.4))(root);
  const placed: PlacedNode[] = [];
  let [columns, first, last] = [0, 0, 0];
  for (const { data, x: row = 0, depth, parent } of root.descendants()) {
    const node = listed[data];
    if (node === undefined) continue;
    const hidden = node.descendants - (children.get(node.id) ?? 0);
    placed[data] = { node, depth: depth - 1, row, parent: parent?.data ?? -1, hidden };
    columns = Math.max(columns, depth - 1);
    first = Math.min(first, row);
    last = Math.max(last, row);
  }
  return {
    nodes: placed,
    byId: new Map(placed.map((one) => [one.node.id, one])),
    columns,
    rows: [first, last],
  };
}

/** The most promising first; a parent is as promising as its child or more, and earlier, so that it comes before it. */
function chooseNodes(
  nodes: readonly LineageNode[],
  { most, always, unfolded }: WantedNodes,
): ReadonlySet<NodeId> {
  const chosen =
    nodes.length <= most
      ? nodes
      : nodes.toSorted((a, b) => compareDown(a.promise, b.promise) || a.number - b.number).slice(0, most);
  const shown = new Set(chosen.map(({ id }) => id));
  const asked = new Set(always);
  if (asked.size === 0 && unfolded.size === 0) return shown;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const add = (id: NodeId | null): void => {
    for (
      let node = byId.get(id ?? "");
      node !== undefined && !shown.has(node.id);
      node = byId.get(node.parent ?? "")
    )
      shown.add(node.id);
  };
  for (const id of asked) add(id);
  if (unfolded.size > 0)
    for (const { id, parent } of nodes) if (parent !== null && unfolded.has(parent)) add(id);
  return shown;
}

/** Infinities are equal to themselves. */
function compareDown(a: number, b: number): number {
  return a === b ? 0 : a > b ? -1 : 1;
}

/** The ids from the node up to its root, itself included. */
export function lineOf(byId: ReadonlyMap<NodeId, Pick<PlacedNode, "node">>, id: NodeId): ReadonlySet<NodeId> {
  const line = new Set<NodeId>();
  for (let at = byId.get(id); at !== undefined && !line.has(at.node.id); at = byId.get(at.node.parent ?? ""))
    line.add(at.node.id);
  return line;
}
