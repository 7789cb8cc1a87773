// Owns: which part of a lineage is looked at, and how close. Columns and rows are stretched each by itself, so that a long thin
// tree fills its frame. Pure.
import type { Layout, PlacedNode } from "./layout.ts";

/** Screen pixels: `x = left + depth * column`, `y = top + row * line`. */
export interface Camera {
  readonly left: number;
  readonly top: number;
  /** Pixels from one column to the next, and from one row to the next. */
  readonly column: number;
  readonly line: number;
}

export interface TreeFrame {
  readonly width: number;
  readonly height: number;
}

const MARGIN = { left: 30, right: 76, top: 24, bottom: 24 };
const MOST = { column: 140, line: 40 };
const LEAST = { column: 3, line: 0.02 };
const CLOSEST = { column: 320, line: 90 };

/** All of it. */
export function fitCamera({ columns, rows: [first, last] }: Layout, { width, height }: TreeFrame): Camera {
  const [wide, high] = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
  const column = Math.min(MOST.column, Math.max(1, wide) / Math.max(1, columns));
  const line = Math.min(MOST.line, Math.max(1, high) / Math.max(1, last - first));
  return {
    column,
    line,
    left: MARGIN.left,
    top: MARGIN.top + (high - (last - first) * line) / 2 - first * line,
  };
}

/** Closer by the factor, with what is at the point staying there. */
export function zoomCamera(
  { left, top, column, line }: Camera,
  factor: number,
  x: number,
  y: number,
): Camera {
  const wide = Math.min(CLOSEST.column, Math.max(LEAST.column, column * factor));
  const high = Math.min(CLOSEST.line, Math.max(LEAST.line, line * factor));
  return {
    column: wide,
    line: high,
    left: x - ((x - left) * wide) / column,
    top: y - ((y - top) * high) / line,
  };
}

export function panCamera(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, left: camera.left + dx, top: camera.top + dy };
}

export function pointOf(
  { left, top, column, line }: Camera,
  { depth, row }: Pick<PlacedNode, "depth" | "row">,
): readonly [x: number, y: number] {
  return [left + depth * column, top + row * line];
}

/** Moves just as far as it takes to have the node well inside the frame. */
export function showInCamera(camera: Camera, node: PlacedNode, { width, height }: TreeFrame): Camera {
  const [x, y] = pointOf(camera, node);
  const edge = 60;
  const dx = x < edge ? edge - x : x > width - edge ? width - edge - x : 0;
  const dy = y < edge ? edge - y : y > height - edge ? height - edge - y : 0;
  return dx === 0 && dy === 0 ? camera : panCamera(camera, dx, dy);
}

/** The node nearest to the point, at most so many pixels away. */
export function nodeNear(
  { nodes }: Layout,
  camera: Camera,
  [x, y]: readonly [number, number],
  reach = 12,
): PlacedNode | null {
  let [nearest, least]: [PlacedNode | null, number] = [null, reach * reach];
  for (const node of nodes) {
    const [left, top] = pointOf(camera, node);
    const far = (left - x) ** 2 + (top - y) ** 2;
    if (far < least) [nearest, least] = [node, far];
  }
  return nearest;
}

/** Where an arrow key leads from a node: `left` to its parent, `right` to its most promising child, else along its column. */
export function stepFrom(
  { nodes, byId }: Layout,
  from: PlacedNode,
  to: "left" | "right" | "up" | "down",
): PlacedNode {
  if (to === "left") return byId.get(from.node.parent ?? "") ?? from;
  const isNearer = (one: PlacedNode, best: PlacedNode | null): boolean => {
    if (to === "right")
      return one.node.parent === from.node.id && (best === null || one.node.promise > best.node.promise);
    if (one.depth !== from.depth || one === from) return false;
    const gap = to === "up" ? from.row - one.row : one.row - from.row;
    return gap > 0 && (best === null || Math.abs(one.row - from.row) < Math.abs(best.row - from.row));
  };
  let best: PlacedNode | null = null;
  for (const one of nodes) if (isNearer(one, best)) best = one;
  return best ?? from;
}
