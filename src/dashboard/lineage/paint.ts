// Owns: painting a lineage on a canvas, as much of it as its frame shows.
import { colourOf } from "../parts/colours.ts";
import { pointOf, type Camera, type TreeFrame } from "./camera.ts";
import type { Layout, PlacedNode } from "./layout.ts";
import type { NodeId } from "./nodes.ts";
import { cornersOf, SCORE_COLOURS, shadeOf, SHAPES, type FitnessRange } from "./scale.ts";

export interface TreePicture {
  readonly layout: Layout;
  readonly range: FitnessRange;
  /** The way to the best branch. */
  readonly bestLine: ReadonlySet<NodeId>;
  readonly best: NodeId;
  readonly selected: NodeId | null;
  readonly under: NodeId | null;
  /** From 0 to 1 and back, for what is open. */
  readonly pulse: number;
}

const CORNERS = new Map(Object.entries(SHAPES).map(([operator, shape]) => [operator, cornersOf(shape)]));

/** With more lines than this, second parents are thin and not dashed: dashes take long. */
const MOST_DASHED = 1500;

export function paint(
  to: CanvasRenderingContext2D,
  { width, height }: TreeFrame,
  camera: Camera,
  picture: TreePicture,
): void {
  const { layout, bestLine } = picture;
  to.clearRect(0, 0, width, height);
  const isSeen = (x: number, y: number): boolean => x > -40 && x < width + 40 && y > -20 && y < height + 20;
  const seen: (readonly [PlacedNode, number, number])[] = [];
  const plain = new Path2D();
  const leading = new Path2D();
  for (const one of layout.nodes) {
    const [x, y] = pointOf(camera, one);
    if (isSeen(x, y)) seen.push([one, x, y]);
    const parent = layout.nodes[one.parent];
    if (parent === undefined) continue;
    const [px, py] = pointOf(camera, parent);
    if (Math.max(x, px) < 0 || Math.min(x, px) > width || Math.max(y, py) < 0 || Math.min(y, py) > height)
      continue;
    const path = bestLine.has(one.node.id) ? leading : plain;
    path.moveTo(px, py);
    const middle = (px + x) / 2;
    if (camera.line < 2) path.lineTo(x, y);
    else path.bezierCurveTo(middle, py, middle, y, x, y);
  }
  to.lineWidth = 1;
  to.strokeStyle = colourOf("edge");
  to.globalAlpha = 0.6;
  to.stroke(plain);
  paintOthers(to, camera, layout);
  to.globalAlpha = 1;
  to.lineWidth = 3;
  to.strokeStyle = colourOf("accent");
  to.stroke(leading);
  const radius = Math.min(8, Math.max(2.2, Math.min(camera.line * 0.42, camera.column * 0.3)));
  paintNodes(to, seen, radius, picture);
  if (camera.line >= 13 && camera.column >= 54) paintLabels(to, seen, radius, picture);
  paintMarked(to, camera, radius, picture);
}

function paintOthers(to: CanvasRenderingContext2D, camera: Camera, { nodes, byId }: Layout): void {
  const path = new Path2D();
  let count = 0;
  for (const one of nodes)
    for (const id of one.node.others) {
      const other = byId.get(id);
      if (other === undefined) continue;
      count += 1;
      const [x, y] = pointOf(camera, one);
      const [ox, oy] = pointOf(camera, other);
      path.moveTo(ox, oy);
      path.lineTo(x, y);
    }
  to.globalAlpha = count > 300 ? 0.25 : 0.55;
  if (count <= MOST_DASHED) to.setLineDash([4, 4]);
  to.strokeStyle = colourOf("quiet");
  to.stroke(path);
  to.setLineDash([]);
}

type Seen = readonly (readonly [PlacedNode, number, number])[];

function paintNodes(
  to: CanvasRenderingContext2D,
  seen: Seen,
  radius: number,
  { range, pulse }: TreePicture,
): void {
  const shades = SCORE_COLOURS.map(() => new Path2D());
  const [failed, open] = [new Path2D(), new Path2D()];
  for (const [{ node }, x, y] of seen) {
    if (node.kind === "failed") {
      const r = Math.min(3.5, radius * 0.8);
      failed.moveTo(x - r, y - r);
      failed.lineTo(x + r, y + r);
      failed.moveTo(x - r, y + r);
      failed.lineTo(x + r, y - r);
    } else if (node.kind === "open") {
      open.moveTo(x + radius, y);
      open.arc(x, y, radius, 0, 7);
    } else {
      const path = shades[shadeOf(node.fitness ?? -Infinity, range)];
      if (path !== undefined)
        addShape(path, node.operator === null ? [] : (CORNERS.get(node.operator) ?? []), x, y, radius);
    }
  }
  to.lineWidth = 0.75;
  to.strokeStyle = colourOf("edge");
  for (const [at, path] of shades.entries()) {
    to.fillStyle = SCORE_COLOURS[at] ?? "";
    to.fill(path);
    if (radius > 3) to.stroke(path);
  }
  to.lineWidth = 1.5;
  to.strokeStyle = colourOf("bad");
  to.stroke(failed);
  to.lineWidth = 2;
  to.globalAlpha = 0.35 + 0.65 * pulse;
  to.strokeStyle = colourOf("accent");
  to.fillStyle = colourOf("paper");
  to.fill(open);
  to.stroke(open);
  to.globalAlpha = 1;
}

function addShape(
  path: Path2D,
  corners: readonly (readonly [number, number])[],
  x: number,
  y: number,
  radius: number,
): void {
  if (corners.length === 0) {
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 7);
    return;
  }
  for (const [at, [cx, cy]] of corners.entries()) {
    if (at === 0) path.moveTo(x + cx * radius, y + cy * radius);
    else path.lineTo(x + cx * radius, y + cy * radius);
  }
  path.closePath();
}

function paintLabels(
  to: CanvasRenderingContext2D,
  seen: Seen,
  radius: number,
  { bestLine, best, selected, under }: TreePicture,
): void {
  const marked = new Set([best, selected, under]);
  to.font = `11.5px ${getComputedStyle(document.body).fontFamily}`;
  to.textBaseline = "middle";
  to.lineWidth = 4;
  to.lineJoin = "round";
  to.strokeStyle = colourOf("raised");
  for (const [{ node, hidden }, x, y] of seen) {
    to.fillStyle = colourOf(bestLine.has(node.id) ? "ink" : "quiet");
    const text = hidden > 0 ? `${node.id} +${hidden}` : node.id;
    const left = x + radius + (marked.has(node.id) ? 10 : 5);
    to.strokeText(text, left, y);
    to.fillText(text, left, y);
  }
}

/** The founder, the best, what is selected and what the pointer is at. */
function paintMarked(
  to: CanvasRenderingContext2D,
  camera: Camera,
  radius: number,
  picture: TreePicture,
): void {
  const { layout, best, selected, under } = picture;
  const ring = (id: NodeId | null, colour: string, by: number, width: number): void => {
    const one = layout.byId.get(id ?? "");
    if (one === undefined) return;
    const [x, y] = pointOf(camera, one);
    to.lineWidth = width;
    to.strokeStyle = colourOf(colour);
    to.beginPath();
    to.arc(x, y, radius + by, 0, 7);
    to.stroke();
  };
  ring(best, "accent", 3.5, 2);
  ring(selected, "ink", 6, 2);
  if (under !== selected) ring(under, "edge", 5, 1.5);
}
