// Owns: how the rows of a difference look: changed lines and words, outputs beside each other, runs without change folded.
import { useMemo, useState } from "preact/hooks";
import type { Cell } from "../../contracts/index.ts";
import { isCode } from "../../core/notebook/notebook.ts";
import { countOf, countText } from "../data/words.ts";
import { CellView } from "../notebook/cell.tsx";
import { colouredRuns } from "../notebook/coloured-text.ts";
import { NotebookView, WhenNear } from "../notebook/notebook.tsx";
import { shownParts } from "../notebook/output-parts.ts";
import { Outputs } from "../notebook/outputs.tsx";
import { groupRows, type AlignedCells } from "./align.ts";
import { changedLines, type ChangedLine } from "./words.ts";

export function DifferenceRows({ rows }: { readonly rows: readonly AlignedCells[] }) {
  const groups = useMemo(() => groupRows(rows), [rows]);
  return (
    <div class="difference-rows">
      {groups.map((group, at) =>
        group.kind === "same" ? (
          <SameRows key={at} cells={group.rows.flatMap(({ right }) => right ?? [])} />
        ) : (
          <WhenNear key={at} height={160}>
            {() => <ChangedRow row={group.row} />}
          </WhenNear>
        ),
      )}
    </div>
  );
}

function SameRows({ cells }: { readonly cells: readonly Cell[] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="same-rows">
      <button type="button" class="plain" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {countOf(cells.length, "cell")} without a difference: {isOpen ? "hide" : "show"}
      </button>
      {isOpen ? <NotebookView cells={cells} /> : null}
    </div>
  );
}

function ChangedRow({
  row: { left, right, isMoved, isEdited, isOtherwise },
}: {
  readonly row: AlignedCells;
}) {
  if (left === null || right === null) {
    const only = left ?? right;
    return (
      <div class={left === null ? "row new" : "row gone"}>
        <p class="row-head">
          <span class={left === null ? "chip good" : "chip bad"}>{left === null ? "new" : "gone"}</span>
        </p>
        {only === null ? null : <CellView cell={only} />}
      </div>
    );
  }
  return (
    <div class="row changed">
      <p class="row-head">
        <span class="cell-id">{left.id === right.id ? right.id : `${left.id} → ${right.id}`}</span>
        {isEdited ? <span class="chip warn">changed</span> : null}
        {isMoved ? <span class="chip">moved</span> : null}
        {isOtherwise ? <span class="chip">other output</span> : null}
      </p>
      {isEdited ? <ChangedText before={left.source} after={right.source} /> : null}
      {isOtherwise ? <ChangedOutputs left={left} right={right} /> : null}
    </div>
  );
}

const MOST_LINES = 400;
const SIGNS = { same: " ", gone: "−", new: "+" } as const;

function ChangedText({ before, after }: { readonly before: string; readonly after: string }) {
  const [isWhole, setWhole] = useState(false);
  const lines = useMemo(() => nearChanges(changedLines(before, after), isWhole), [before, after, isWhole]);
  return (
    <>
      <pre class="changed-text">
        {lines.slice(0, MOST_LINES).map((line, at) =>
          typeof line === "number" ? (
            <button key={at} type="button" class="plain gap" onClick={() => setWhole(true)}>
              {countOf(line, "line")} as before
            </button>
          ) : (
            <span key={at} class={`line ${line.kind}`}>
              <span class="sign">{SIGNS[line.kind]}</span>
              <span>
                {line.pieces.map(({ text, isChanged }) => (isChanged ? <mark>{text}</mark> : text))}
              </span>
            </span>
          ),
        )}
      </pre>
      {lines.length > MOST_LINES ? (
        <p class="withheld">{countText(lines.length - MOST_LINES)} more lines are not shown.</p>
      ) : null}
    </>
  );
}

/** Three lines around each change stay; a number stands for as many lines that were left out. */
function nearChanges(lines: readonly ChangedLine[], isWhole: boolean): readonly (ChangedLine | number)[] {
  if (isWhole) return lines;
  const near = new Set<number>();
  for (const [at, { kind }] of lines.entries())
    if (kind !== "same") for (let by = -3; by <= 3; by++) near.add(at + by);
  const shown: (ChangedLine | number)[] = [];
  for (const [at, line] of lines.entries()) {
    const last = shown.at(-1);
    if (near.has(at)) shown.push(line);
    else if (typeof last === "number") shown[shown.length - 1] = last + 1;
    else shown.push(1);
  }
  return shown;
}

const MOST_OUTPUT = 200_000;

/** The text of outputs that are text alone, without its colours; null where one is not, or it is too long to compare. */
function outputText(cell: Cell): string | null {
  const parts = isCode(cell) ? cell.outputs.slice(0, 200).flatMap(shownParts) : [];
  const texts = parts.flatMap((part) => (part.kind === "text" ? part.text : []));
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (texts.length < parts.length || length > MOST_OUTPUT) return null;
  return texts
    .flatMap(colouredRuns)
    .map(({ text }) => text)
    .join("");
}

function ChangedOutputs({ left, right }: { readonly left: Cell; readonly right: Cell }) {
  const [before, after] = useMemo(() => [outputText(left), outputText(right)], [left, right]);
  if (typeof before === "string" && typeof after === "string" && before !== after)
    return <ChangedText before={before} after={after} />;
  return (
    <div class="two-outputs">
      {[left, right].map((cell, at) => (
        <div key={at}>
          <p class="quiet small">{at === 0 ? "Before" : "After"}</p>
          {isCode(cell) && cell.outputs.length > 0 ? (
            <Outputs outputs={cell.outputs} cell={cell.id} />
          ) : (
            <p class="quiet">No output.</p>
          )}
        </div>
      ))}
    </div>
  );
}
