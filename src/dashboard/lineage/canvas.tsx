// Owns: the lineage under a person's hand: dragged, zoomed, pointed at, and walked through by keys.
import { useEffect, useRef, useState } from "preact/hooks";
import { watchTheme } from "../parts/theme.tsx";
import {
  fitCamera,
  nodeNear,
  panCamera,
  showInCamera,
  stepFrom,
  zoomCamera,
  type Camera,
  type TreeFrame,
} from "./camera.ts";
import type { Layout, PlacedNode } from "./layout.ts";
import type { NodeId } from "./nodes.ts";
import { paint, type TreePicture } from "./paint.ts";

export interface LineageCanvasProps extends Omit<TreePicture, "under" | "pulse"> {
  readonly onSelect: (id: NodeId | null) => void;
  readonly onOpen: (id: NodeId) => void;
  readonly describe: (node: PlacedNode) => string;
}

const ARROWS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const;

/** Where the arrows take what is looked at, with Shift. */
const PANS = { left: [80, 0], right: [-80, 0], up: [0, 80], down: [0, -80] } as const;

/** What is kept from one picture to the next. */
interface Held {
  camera: Camera | null;
  frame: TreeFrame;
  /** Somebody moved it: it is not fitted any more as the run goes on. */
  isMoved: boolean;
  drag: { x: number; y: number; far: number } | null;
  waiting: number;
}

export function LineageCanvas(props: LineageCanvasProps) {
  const { layout, selected, describe } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const held = useRef<Held>({
    camera: null,
    frame: { width: 0, height: 0 },
    isMoved: false,
    drag: null,
    waiting: 0,
  });
  const [under, setUnder] = useState<{
    readonly node: PlacedNode;
    readonly x: number;
    readonly y: number;
  } | null>(null);
  const now = useRef({ ...props, under: under?.node.node.id ?? null });
  now.current = { ...props, under: under?.node.node.id ?? null };

  const draw = (): void => {
    held.current.waiting = 0;
    const to = canvas.current?.getContext("2d");
    const { frame, isMoved } = held.current;
    if (to === undefined || to === null || frame.width === 0) return;
    if (held.current.camera === null || !isMoved) held.current.camera = fitCamera(now.current.layout, frame);
    to.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const pulse = isCalm ? 1 : 0.5 + 0.5 * Math.sin(performance.now() / 450);
    paint(to, frame, held.current.camera, { ...now.current, pulse });
    if (!isCalm && hasOpen(now.current.layout)) setTimeout(ask, 60);
  };
  const ask = (): void => {
    if (held.current.waiting === 0 && canvas.current !== null)
      held.current.waiting = requestAnimationFrame(draw);
  };
  const move = (camera: Camera): void => {
    held.current.camera = camera;
    held.current.isMoved = true;
    ask();
  };
  const zoomBy = (
    factor: number,
    x = held.current.frame.width / 2,
    y = held.current.frame.height / 2,
  ): void => {
    if (held.current.camera !== null) move(zoomCamera(held.current.camera, factor, x, y));
  };
  const fit = (): void => {
    held.current.isMoved = false;
    ask();
  };

  useEffect(ask);
  useEffect(() => {
    const node = box.current;
    const to = canvas.current;
    if (node === null || to === null) return;
    const resize = new ResizeObserver(() => {
      const frame = { width: node.clientWidth, height: node.clientHeight };
      held.current.frame = frame;
      to.width = Math.round(frame.width * devicePixelRatio);
      to.height = Math.round(frame.height * devicePixelRatio);
      draw();
    });
    resize.observe(node);
    const endTheme = watchTheme(() => requestAnimationFrame(ask));
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const [x, y] = placeIn(node, event);
      zoomBy(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 220), x, y);
    };
    node.addEventListener("wheel", wheel, { passive: false });
    return () => {
      resize.disconnect();
      endTheme();
      node.removeEventListener("wheel", wheel);
      cancelAnimationFrame(held.current.waiting);
    };
  }, []);
  // What was selected elsewhere, or by a key, comes into sight.
  useEffect(() => {
    const one = layout.byId.get(selected ?? "");
    const { camera, frame } = held.current;
    if (one === undefined || camera === null || frame.width === 0) return;
    const shown = showInCamera(camera, one, frame);
    if (shown !== camera) move(shown);
  }, [selected]);

  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    const { camera } = held.current;
    if (key in ARROWS && camera !== null) {
      const to = ARROWS[key as keyof typeof ARROWS];
      const from = layout.byId.get(selected ?? "") ?? layout.byId.get(props.best) ?? layout.nodes[0];
      const [dx, dy] = PANS[to];
      if (event.shiftKey) move(panCamera(camera, dx, dy));
      else if (from !== undefined)
        props.onSelect(selected === null ? from.node.id : stepFrom(layout, from, to).node.id);
    } else if (key === "+" || key === "=") zoomBy(1.25);
    else if (key === "-") zoomBy(0.8);
    else if (key === "0") fit();
    else if (key === "Enter" && selected !== null) props.onOpen(selected);
    else if (key === "Escape") props.onSelect(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const point = (event: PointerEvent): void => {
    const { drag, camera } = held.current;
    if (box.current === null || camera === null) return;
    const [x, y] = placeIn(box.current, event);
    if (drag !== null) {
      drag.far += Math.abs(x - drag.x) + Math.abs(y - drag.y);
      if (drag.far > 4) move(panCamera(camera, x - drag.x, y - drag.y));
      [drag.x, drag.y] = [x, y];
      return;
    }
    const node = nodeNear(layout, camera, [x, y]);
    if (node?.node.id !== under?.node.node.id) setUnder(node === null ? null : { node, x, y });
  };
  const release = (event: PointerEvent): void => {
    const { drag, camera } = held.current;
    held.current.drag = null;
    if (drag === null || drag.far > 4 || box.current === null || camera === null) return;
    props.onSelect(nodeNear(layout, camera, placeIn(box.current, event), 16)?.node.id ?? null);
  };
  return (
    <div
      class="tree"
      ref={box}
      role="application"
      tabIndex={0}
      aria-label="The lineage as a tree. Arrow keys walk through it, Enter opens a branch."
      onKeyDown={press}
      onPointerDown={(event) => {
        const [x, y] = placeIn(event.currentTarget, event);
        held.current.drag = { x, y, far: 0 };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={point}
      onPointerUp={release}
      onPointerLeave={() => setUnder(null)}
      onDblClick={() => under !== null && props.onOpen(under.node.node.id)}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {under === null ? null : (
        <div class="tip" style={tipPlace(under, held.current.frame)}>
          {describe(under.node)}
        </div>
      )}
      <div class="zoom">
        <button type="button" aria-label="Closer" onClick={() => zoomBy(1.4)} onPointerDown={stop}>
          +
        </button>
        <button type="button" aria-label="Farther" onClick={() => zoomBy(1 / 1.4)} onPointerDown={stop}>
          −
        </button>
        <button type="button" onClick={fit} onPointerDown={stop}>
          Fit
        </button>
      </div>
    </div>
  );
}

/** A button on the tree is no place to drag it by. */
function stop(event: Event): void {
  event.stopPropagation();
}

function hasOpen({ nodes }: Layout): boolean {
  // The open ones are among the latest.
  return nodes.slice(-64).some(({ node }) => node.kind === "open");
}

function placeIn(box: HTMLElement, { clientX, clientY }: MouseEvent): readonly [number, number] {
  const { left, top } = box.getBoundingClientRect();
  return [clientX - left, clientY - top];
}

function tipPlace({ x, y }: { readonly x: number; readonly y: number }, { width }: TreeFrame) {
  const isRight = x > width - 260;
  return {
    left: `${isRight ? x - 14 : x + 14}px`,
    top: `${y + 12}px`,
    transform: isRight ? "translateX(-100%)" : "",
  };
}
