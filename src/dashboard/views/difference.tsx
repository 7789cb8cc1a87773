// Owns: the view of the difference between two branches: metrics side by side, and their notebooks cell by cell.
import { useMemo, useState } from "preact/hooks";
import { ColumnHeads } from "../parts/column-heads.tsx";
import type { Branch, Direction } from "../../contracts/index.ts";
import { ownScore, showNumber } from "../../core/run/goal.ts";
import type { History } from "../../core/run/history.ts";
import { cleanText, clipLine } from "../../core/untrusted.ts";
import { address, goTo, linkTo } from "../data/address.ts";
import type { RunData } from "../data/run-data.ts";
import { countOf } from "../data/words.ts";
import { alignCells, isChanged, type AlignedCells } from "../difference/align.ts";
import { DifferenceRows } from "../difference/rows.tsx";
import { readNotebook } from "../notebook/read-notebook.ts";
import { useRead } from "../parts/use-read.ts";
import { findSubject } from "../branch/subject.ts";
import { metricText } from "../branch/head.tsx";
import type { ViewProps } from "./view-props.ts";

export function DifferenceView({ data, history, task }: ViewProps) {
  const { branch: chosen, other } = address.value.options;
  const right = branchOf(history.value, chosen);
  const left = right === null ? null : branchOf(history.value, other ?? right.parents[0] ?? right.id);
  return (
    <div class="difference">
      <Choices left={left?.id ?? other ?? ""} right={right?.id ?? chosen ?? ""} history={history.value} />
      {right === null || left === null ? (
        <p class="notice">At this moment the run has no branch {right === null ? chosen : other}.</p>
      ) : left.id === right.id ? (
        <p class="notice">{right.id} is the same on both sides. Choose another branch to compare it with.</p>
      ) : (
        <>
          <Metrics left={left} right={right} direction={task.direction} />
          <Notebooks data={data} left={left} right={right} />
        </>
      )}
    </div>
  );
}

function branchOf(history: History, id: string | undefined): Branch | null {
  const subject = findSubject(history, id);
  return typeof subject === "string" ? null : subject.branch;
}

const MOST_OFFERED = 500;

interface ChoicesProps {
  readonly left: string;
  readonly right: string;
  readonly history: History;
}

function Choices({ left, right, history }: ChoicesProps) {
  const ids = useMemo(() => {
    const latest = history.ended.takeLast(MOST_OFFERED).toArray();
    return [history.founder.id, ...latest.flatMap(({ outcome }) => (outcome.ok ? [outcome.branch.id] : []))];
  }, [history.ended]);
  return (
    <form class="choices" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span class="quiet">From</span>
        <IdField key={`left ${left}`} value={left} name="other" />
      </label>
      <label>
        <span class="quiet">to</span>
        <IdField key={`right ${right}`} value={right} name="branch" />
      </label>
      <button
        type="button"
        disabled={left === "" || right === ""}
        onClick={() => goTo({ options: { branch: left, other: right } })}
      >
        Swap
      </button>
      <a href={linkTo({ view: "branch", options: { branch: right, round: null, turn: null } })}>
        Branch {right}
      </a>
      <datalist id="branch-ids">
        {ids.map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
    </form>
  );
}

function IdField({ value, name }: { readonly value: string; readonly name: "branch" | "other" }) {
  const [text, setText] = useState(value);
  return (
    <input
      class="mono"
      list="branch-ids"
      size={8}
      value={text}
      aria-label={name === "other" ? "Compare from this branch" : "Compare to this branch"}
      onInput={({ currentTarget }) => setText(currentTarget.value.trim())}
      onChange={() => goTo({ options: { [name]: text } })}
    />
  );
}

const MOST_METRICS = 60;

interface MetricsProps {
  readonly left: Branch;
  readonly right: Branch;
  readonly direction: Direction;
}

function Metrics({ left, right, direction }: MetricsProps) {
  const [before, after] = [metricsOf(left), metricsOf(right)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return (
    <section class="panel" aria-labelledby="metrics-title">
      <h2 id="metrics-title">Metrics</h2>
      <div class="table-frame">
        <table class="table metrics-table">
          <ColumnHeads heads={["Metric", { number: left.id }, { number: right.id }, { number: "Change" }]} />
          <tbody>
            {names.slice(0, MOST_METRICS).map((name) => (
              <tr key={name}>
                <td>{clipLine(cleanText(name), 60)}</td>
                <td class="number">{name in before ? metricText(before[name]) : "–"}</td>
                <td class="number">{name in after ? metricText(after[name]) : "–"}</td>
                <td class={`number ${name === "score" ? toneOf(before[name], after[name], direction) : ""}`}>
                  {changeText(before[name], after[name])}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {names.length > MOST_METRICS ? <p class="quiet">{names.length - MOST_METRICS} more metrics</p> : null}
    </section>
  );
}

/** The score first. */
function metricsOf({ score }: Branch): Readonly<Record<string, unknown>> {
  return { score: ownScore(score), ...score.metrics };
}

function changeText(before: unknown, after: unknown): string {
  if (typeof before !== "number" || typeof after !== "number" || !Number.isFinite(after - before)) return "–";
  const change = after - before;
  return change === 0
    ? "0"
    : `${change > 0 ? "+" : "−"}${showNumber(Number(Math.abs(change).toPrecision(6)))}`;
}

function toneOf(before: unknown, after: unknown, direction: Direction): string {
  if (typeof before !== "number" || typeof after !== "number" || before === after) return "";
  return after > before === (direction === "maximize") ? "good" : "bad";
}

interface NotebooksProps {
  readonly data: RunData;
  readonly left: Branch;
  readonly right: Branch;
}

function Notebooks({ data, left, right }: NotebooksProps) {
  const read = useRead(`${left.notebook} ${right.notebook}`, async () => {
    const [before, after] = (
      await Promise.all([data.readBlob(left.notebook), data.readBlob(right.notebook)])
    ).map(readNotebook);
    if (before?.ok !== true || after?.ok !== true) {
      const bad = before?.ok === false ? before : after;
      throw new Error(bad?.ok === false ? bad.problem : "There is no notebook.");
    }
    return alignCells(before.cells, after.cells);
  });
  if (read === null) return <p class="quiet">Reading the notebooks ...</p>;
  if ("problem" in read) return <p class="withheld">{read.problem}</p>;
  return (
    <section aria-labelledby="cells-title">
      <h2 id="cells-title" class="title">
        Cells <span class="quiet">{summaryOf(read.value)}</span>
      </h2>
      <DifferenceRows rows={read.value} />
    </section>
  );
}

function summaryOf(rows: readonly AlignedCells[]): string {
  const count = (test: (row: AlignedCells) => boolean): number => rows.filter(test).length;
  const words = [
    [count(({ left }) => left === null), "new"],
    [count(({ right }) => right === null), "gone"],
    [count(({ isEdited }) => isEdited), "changed"],
    [count(({ isMoved }) => isMoved), "moved"],
    [count(({ isEdited, isOtherwise }) => isOtherwise && !isEdited), "with another output alone"],
  ]
    .filter(([many]) => many !== 0)
    .map(([many, what]) => `${many} ${what}`);
  const same = count((row) => !isChanged(row));
  return [...words, `${countOf(same, "cell")} without a difference`].join(", ");
}
