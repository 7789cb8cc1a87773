// Owns: drawing the course of a run: the best so far as a line, each branch as a dot, failures as ticks, goals as lines across.
import uPlot from "uplot";
import { useEffect, useRef } from "preact/hooks";
import type { ReadonlySignal } from "@preact/signals";
import { showNumber } from "../../core/run/goal.ts";
import { colourOf } from "../parts/colours.ts";
import { watchTheme } from "../parts/theme.tsx";
import { durationText, moneyText, shortCount } from "../data/words.ts";
import { placeAt, scoreRange, type RunCourse, type CourseAxis } from "./course.ts";
import type { ShownGoal } from "./facts.ts";

export interface ChartProps {
  readonly course: ReadonlySignal<RunCourse>;
  readonly axis: CourseAxis;
  readonly goals: readonly ShownGoal[];
  /** What is said of a place under the pointer. */
  readonly describe: (place: number) => string;
  readonly open: (place: number) => void;
}

/** Room at the bottom of the plot for the ticks of failures, and how far the pointer may be from a dot: CSS pixels. */
const TICKS = 9;
const NEAR = 12;
const HEIGHT = 340;

export const AXIS_TEXT: Readonly<Record<CourseAxis, (value: number) => string>> = {
  proposals: shortCount,
  tokens: shortCount,
  money: moneyText,
  time: (seconds) => durationText(seconds * 1000),
};

export function CourseChart(props: ChartProps) {
  const { course, axis } = props;
  const box = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    if (box.current === null) return;
    const { plot, end } = beginPlot(box.current, tip.current, axis, () => latest.current);
    let frame = 0;
    const stop = course.subscribe(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => plot.setData(dataOf(course.peek(), axis), !isZoomed(plot)));
    });
    return () => {
      cancelAnimationFrame(frame);
      stop();
      end();
    };
  }, [course, axis]);
  return (
    <div class="chart" ref={box}>
      <div class="tip" ref={tip} hidden />
    </div>
  );
}

function dataOf({ along, best }: RunCourse, axis: CourseAxis): uPlot.AlignedData {
  const xs = along[axis] ?? [];
  // The lists grow in place: the plot must see new ones.
  return [[...xs], best.slice(0, xs.length)];
}

function isZoomed({ data: [xs], scales: { x } }: uPlot): boolean {
  if (x?.min == null || x.max == null || xs.length < 2) return false;
  return x.min > (xs[0] ?? 0) || x.max < (xs.at(-1) ?? 0);
}

function beginPlot(
  box: HTMLElement,
  tip: HTMLElement | null,
  axis: CourseAxis,
  now: () => ChartProps,
): { readonly plot: uPlot; readonly end: () => void } {
  let under: number | null = null;
  const look = { stroke: () => colourOf("quiet"), font: `12px ${getComputedStyle(box).fontFamily}` };
  const line = { stroke: () => colourOf("line"), width: 1 };
  const plot = new uPlot(
    {
      width: Math.max(200, box.clientWidth),
      height: HEIGHT,
      padding: [8, 26, 0, 0],
      legend: { show: false },
      cursor: { points: { show: false }, y: false, drag: { x: true, y: false, dist: 8 } },
      scales: {
        x: { time: false, range: (_, min, max) => [min, max > min ? max : min + 1] },
        y: { range: (one) => rangeOf(one, now()) },
      },
      axes: [
        {
          ...look,
          grid: { show: false },
          ticks: line,
          size: 32,
          space: 84,
          values: (_, at) => at.map(AXIS_TEXT[axis]),
        },
        {
          ...look,
          grid: line,
          ticks: { show: false },
          size: sizeOfValues,
          values: (_, at) => at.map(shortScore),
        },
      ],
      series: [
        {},
        {
          stroke: () => colourOf("accent"),
          width: 2,
          ...(uPlot.paths.stepped === undefined ? {} : { paths: uPlot.paths.stepped({ align: 1 }) }),
          points: { show: false },
        },
      ],
      hooks: {
        drawAxes: [(one) => drawPoints(one, now(), under)],
        draw: [(one) => drawUnder(one, now(), under)],
        setCursor: [
          (one) => {
            const before = under;
            under = findNear(one, now().course.peek());
            if (tip !== null) showTip(one, tip, under === null ? null : now().describe(under), under);
            one.over.style.cursor = under === null ? "crosshair" : "pointer";
            if (before !== under) one.redraw(false, false);
          },
        ],
      },
    },
    dataOf(now().course.peek(), axis),
    box,
  );
  plot.over.addEventListener("click", () => {
    if (under !== null && plot.select.width < 4) now().open(under);
  });
  const size = new ResizeObserver(() =>
    plot.setSize({ width: Math.max(200, box.clientWidth), height: HEIGHT }),
  );
  size.observe(box);
  const endTheme = watchTheme(() => requestAnimationFrame(() => plot.redraw(false, true)));
  return {
    plot,
    end: () => {
      size.disconnect();
      endTheme();
      plot.destroy();
    },
  };
}

function sizeOfValues(plot: uPlot, values: readonly string[] | null, _axis: number, cycle: number): number {
  if (values === null) return 60;
  const before = plot.axes[1]?.size;
  if (cycle > 1 && typeof before === "number") return before;
  return Math.max(44, 14 + 7.5 * Math.max(...values.map(({ length }) => length)));
}

function shortScore(value: number): string {
  return `${Number(value.toPrecision(7))}`;
}

function rangeOf(plot: uPlot, { course, goals }: ChartProps): [number, number] {
  const { best, score } = course.peek();
  const xs = plot.data[0] as readonly number[];
  const { min, max } = plot.scales["x"] ?? {};
  const from = min == null ? 0 : Math.max(0, placeAt(xs, min) - 1);
  const to = max == null ? best.length - 1 : Math.min(best.length - 1, placeAt(xs, max));
  const [low, high] = scoreRange(
    { best, score },
    goals.map(({ value }) => value),
    [from, to],
  );
  return [low - ((high - low) * (TICKS + 4)) / (HEIGHT - 40), high];
}

/** Goals, dots and ticks: under the line of the best. */
function drawPoints(plot: uPlot, { course, axis, goals }: ChartProps, _under: number | null): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const { score, best, along, improved } = course.peek();
  const xs = along[axis] ?? [];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  drawGoals(plot, goals);
  const many = score.length > 1500;
  const size = (many ? 2 : score.length > 300 ? 3 : 5) * ratio;
  const bottom = bbox.top + bbox.height;
  const top = (best.length < 2 ? 0 : bbox.top) + size;
  const draw = (colour: string, alpha: number, places: Iterable<number>, width: number): void => {
    ctx.fillStyle = colour;
    ctx.globalAlpha = alpha;
    ctx.beginPath();
    for (const place of places) {
      const own = score[place];
      if (own === null || own === undefined) continue;
      const x = plot.valToPos(xs[place] ?? 0, "x", true);
      const y = Math.min(bottom - TICKS * ratio - width, Math.max(top, plot.valToPos(own, "y", true)));
      if (many) ctx.rect(x - width / 2, y - width / 2, width, width);
      else {
        ctx.moveTo(x + width / 2, y);
        ctx.arc(x, y, width / 2, 0, 7);
      }
    }
    ctx.fill();
  };
  draw(colourOf("quiet"), many ? 0.4 : 0.55, score.keys(), size);
  ctx.globalAlpha = 0.75;
  ctx.fillStyle = colourOf("bad");
  for (const [place, own] of score.entries()) {
    if (own !== null) continue;
    const x = plot.valToPos(xs[place] ?? 0, "x", true);
    ctx.fillRect(x - ratio / 2, bottom - (TICKS - 1) * ratio, ratio, (TICKS - 2) * ratio);
  }
  draw(colourOf("accent"), 1, improved, (many ? 5 : 7) * ratio);
  ctx.restore();
}

function drawGoals(plot: uPlot, goals: readonly ShownGoal[]): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  for (const { name, value, colour } of goals) {
    const y = Math.round(plot.valToPos(value, "y", true));
    ctx.strokeStyle = colourOf(colour);
    ctx.fillStyle = colourOf(colour);
    ctx.lineWidth = 1.25 * ratio;
    ctx.setLineDash([6 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${12 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "top";
    ctx.fillText(`${name} ${showNumber(value)}`, bbox.left + 8 * ratio, y + 4 * ratio);
  }
  ctx.setLineDash([]);
}

/** A ring around what the pointer is at. */
function drawUnder(plot: uPlot, { course, axis }: ChartProps, under: number | null): void {
  const { score, along } = course.peek();
  const own = under === null ? null : score[under];
  if (under === null || own === null || own === undefined) return;
  const { ctx } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colourOf("ink");
  ctx.lineWidth = 1.5 * ratio;
  ctx.beginPath();
  ctx.arc(
    plot.valToPos(along[axis]?.[under] ?? 0, "x", true),
    Math.min(plot.bbox.top + plot.bbox.height - TICKS * ratio, plot.valToPos(own, "y", true)),
    5.5 * ratio,
    0,
    7,
  );
  ctx.stroke();
  ctx.restore();
}

/** The place that the pointer is nearest to; null where it is at none. */
function findNear(plot: uPlot, { score }: RunCourse): number | null {
  const { left = -1, top = -1 } = plot.cursor;
  if (left < 0 || top < 0) return null;
  const sorted = plot.data[0] as readonly number[];
  const from = placeAt(sorted, plot.posToVal(left - NEAR, "x"));
  const to = placeAt(sorted, plot.posToVal(left + NEAR, "x"));
  const height = plot.over.clientHeight;
  let [nearest, least]: [number | null, number] = [null, NEAR * NEAR];
  for (let place = from; place <= to && place < sorted.length; place += 1) {
    const own = score[place];
    const floor = height - TICKS;
    const y =
      own === null || own === undefined
        ? height - TICKS / 2
        : Math.min(floor, Math.max(0, plot.valToPos(own, "y")));
    const far = (plot.valToPos(sorted[place] ?? 0, "x") - left) ** 2 + (y - top) ** 2;
    if (far < least) [nearest, least] = [place, far];
  }
  return nearest;
}

function showTip(plot: uPlot, tip: HTMLElement, text: string | null, place: number | null): void {
  tip.hidden = text === null;
  if (text === null || place === null) return;
  tip.textContent = text;
  const { left = 0, top = 0 } = plot.cursor;
  const x = plot.over.offsetLeft + left;
  const isRight = x > plot.root.clientWidth - 240;
  tip.style.left = `${isRight ? x - 14 : x + 14}px`;
  tip.style.top = `${plot.over.offsetTop + Math.max(0, top - 14)}px`;
  tip.style.transform = isRight ? "translateX(-100%)" : "";
}
