// Owns: some runs beside each other: their courses in one plot, and what each came to in a table.
import { signal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import uPlot from "uplot";
import { showNumber } from "../../core/run/goal.ts";
import { tokensOf } from "../../core/run/usage.ts";
import type { Task } from "../../contracts/index.ts";
import { linkTo } from "../data/address.ts";
import { openRunData, type RunData } from "../data/run-data.ts";
import { countText, durationText, moneyText, shortCount } from "../data/words.ts";
import { colourOf } from "../parts/colours.ts";
import { watchTheme } from "../parts/theme.tsx";
import type { Source } from "../source.ts";
import { compareLoaded, type ComparedLines, type LoadedRun } from "./comparison.ts";

/** Variables of the style sheet, one for each run. */
const COLOURS = ["run-1", "run-2", "run-3", "run-4", "run-5", "run-6", "run-7", "run-8"];
const HEIGHT = 340;

interface OpenedRun {
  readonly data: RunData;
  readonly task: ReadonlySignal<Task | null>;
}

/** The runs are read as long as they are shown. */
function useOpened(source: Source, names: readonly string[]): readonly OpenedRun[] {
  const opened = useRef(new Map<string, OpenedRun>());
  for (const name of names)
    if (!opened.current.has(name)) opened.current.set(name, openOne(source, name));
  for (const [name, { data }] of opened.current)
    if (!names.includes(name)) {
      data.close();
      opened.current.delete(name);
    }
  useEffect(
    () => () => {
      for (const { data } of opened.current.values()) data.close();
      opened.current.clear();
    },
    [],
  );
  return names.flatMap((name) => opened.current.get(name) ?? []);
}

function openOne(source: Source, name: string): OpenedRun {
  const data = openRunData(source.openRun(name));
  const task = signal<Task | null>(null);
  const end = data.latest.subscribe((history) => {
    if (history === null) return;
    void data.readJson<Task>(history.task).then((read) => (task.value = read));
    queueMicrotask(() => end());
  });
  return { data, task };
}

export function ComparePanel({ source, names }: { readonly source: Source; readonly names: readonly string[] }) {
  const opened = useOpened(source, names);
  const loaded = opened.flatMap(({ data, task }, at): readonly LoadedRun[] => {
    const history = data.latest.value;
    const isWhole = history !== null && history.events >= data.total.value;
    if (!isWhole || task.value === null) return [];
    const standing = data.standing.value?.standing ?? (history.stopped === null ? "interrupted" : "finished");
    return [{ name: names[at] ?? "", standing, history, task: task.value }];
  });
  const key = loaded.map(({ name, history, standing }) => `${name} ${history.ended.size} ${standing}`).join("\n");
  const compared = useMemo(() => compareLoaded(loaded), [key]);
  const waiting = names.length - loaded.length;
  const { comparison } = compared;
  return (
    <section class="panel compare" aria-label="Comparison">
      <div class="head">
        <h2>Best so far, by proposals</h2>
        {waiting > 0 ? <span class="quiet small">reading {countText(waiting)} more ...</span> : null}
      </div>
      {comparison.apart === null ? (
        <ComparePlot compared={compared} names={loaded.map(({ name }) => name)} colours={loaded.map(({ name }) => colourFor(names, name))} />
      ) : (
        <p class="warn">Their scores cannot be compared: {comparison.apart}.</p>
      )}
      <div class="table-frame">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col" class="number">Best</th>
              <th scope="col" class="number">Best after</th>
              <th scope="col" class="number">Goal after</th>
              <th scope="col" class="number">Proposals</th>
              <th scope="col" class="number">Failed</th>
              <th scope="col" class="number">Tokens</th>
              <th scope="col" class="number">Money</th>
              <th scope="col" class="number">Time</th>
            </tr>
          </thead>
          <tbody>
            {comparison.runs.map((run) => (
              <tr key={run.run}>
                <td>
                  <span class="swatch" style={{ background: `var(--${colourFor(names, run.run)})` }} />
                  <a href={linkTo({ run: run.run, view: "run" })}>{run.run}</a>
                </td>
                <td class="number">{showNumber(run.best)}</td>
                <td class="number">{countText(run.toBest)}</td>
                <td class="number">{run.toGoal === null ? "–" : countText(run.toGoal)}</td>
                <td class="number">{countText(run.proposals)}</td>
                <td class="number">{countText(run.failures)}</td>
                <td class="number">{shortCount(tokensOf(run.usage))}</td>
                <td class="number">{moneyText(run.usage.costUsd)}</td>
                <td class="number">{durationText(run.seconds === null ? null : run.seconds * 1000)}</td>
              </tr>
            ))}
            {comparison.seeds.map(({ runs, best }) => (
              <tr key={runs.join("\n")} class="spread">
                <td>{countText(runs.length)} seeds of one setting</td>
                <td class="number" colSpan={8}>
                  median {showNumber(best.median)}, from {showNumber(best.low)} to {showNumber(best.high)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function colourFor(names: readonly string[], name: string): string {
  return COLOURS[names.indexOf(name) % COLOURS.length] ?? "accent";
}

interface ComparePlotProps {
  readonly compared: ComparedLines;
  readonly names: readonly string[];
  readonly colours: readonly string[];
}

function ComparePlot({ compared, names, colours }: ComparePlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const shape = `${names.join("\n")}\n${compared.spreads.map(({ runs }) => runs.join(" ")).join("\n")}`;
  const plot = useRef<uPlot | null>(null);
  useEffect(() => {
    const node = box.current;
    if (node === null) return;
    const made = new uPlot(optionsOf(node, compared, names, colours), dataOf(compared), node);
    plot.current = made;
    const size = new ResizeObserver(() => made.setSize({ width: Math.max(200, node.clientWidth), height: HEIGHT }));
    size.observe(node);
    const end = watchTheme(() => requestAnimationFrame(() => made.redraw(false, true)));
    return () => {
      size.disconnect();
      end();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(dataOf(compared)), [compared]);
  return <div class="chart" ref={box} />;
}

function dataOf({ at, lines, spreads }: ComparedLines): uPlot.AlignedData {
  const bands = spreads.flatMap(({ low, median, high }) => [[...low], [...high], [...median]]);
  return [[...at], ...lines.map((line) => [...line]), ...bands];
}

function optionsOf(
  box: HTMLElement,
  { lines, spreads }: ComparedLines,
  names: readonly string[],
  colours: readonly string[],
): uPlot.Options {
  const look = { stroke: () => colourOf("quiet"), font: `12px ${getComputedStyle(box).fontFamily}` };
  const grid = { stroke: () => colourOf("line"), width: 1 };
  const stepped = uPlot.paths.stepped === undefined ? {} : { paths: uPlot.paths.stepped({ align: 1 }) };
  const inGroup = new Set(spreads.flatMap(({ runs }) => runs));
  const edge = { ...stepped, stroke: "transparent", width: 0, points: { show: false } };
  const bandColour = (group: number): string => colours[spreads[group]?.runs[0] ?? 0] ?? "accent";
  return {
    width: Math.max(200, box.clientWidth),
    height: HEIGHT,
    padding: [8, 26, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, dist: 8 } },
    scales: { x: { time: false, range: (_, min, max) => [min, max > min ? max : min + 1] } },
    axes: [
      { ...look, grid: { show: false }, ticks: grid, size: 32, space: 84, values: (_, at) => at.map(shortCount) },
      { ...look, grid, ticks: { show: false }, size: 64, values: (_, at) => at.map((one) => `${Number(one.toPrecision(7))}`) },
    ],
    series: [
      {},
      ...lines.map((_, at) => ({
        ...stepped,
        label: names[at] ?? "",
        stroke: () => colourOf(colours[at] ?? "accent"),
        width: inGroup.has(at) ? 1 : 2,
        points: { show: false },
      })),
      ...spreads.flatMap((_, group) => [
        edge,
        edge,
        { ...stepped, stroke: () => colourOf(bandColour(group)), width: 2.5, dash: [7, 4], points: { show: false } },
      ]),
    ],
    bands: spreads.map((_, group) => {
      const first = 1 + lines.length + 3 * group;
      return {
        series: [first + 1, first] as [number, number],
        fill: () => colourOf(bandColour(group)).replace(/^rgb\((.*)\)$/, "rgba($1, 0.14)"),
      };
    }),
  };
}
