// Owns: one cell as JupyterLab shows it, with nbevolve's marks: what it is for, its state, where it came from.
import { useMemo, useState } from "preact/hooks";
import type { Cell } from "../../contracts/index.ts";
import { isCode, markOf } from "../../core/notebook/notebook.ts";
import { linkTo } from "../data/address.ts";
import { pythonRuns } from "./highlight.ts";
import { Markdown } from "./markdown.tsx";
import { Outputs } from "./outputs.tsx";
import { LongText } from "./text.tsx";

/** What is said of a cell besides its own marks. */
export interface CellRemark {
  readonly text: string;
  readonly title: string;
  readonly tone: "quiet" | "warn" | "good";
}

interface CellViewProps {
  readonly cell: Cell;
  readonly remark?: CellRemark | undefined;
}

export function CellView({ cell, remark }: CellViewProps) {
  const mark = markOf(cell);
  const [isShown, setShown] = useState(false);
  const prompt = isCode(cell) ? `[${cell.execution_count ?? " "}]` : "";
  return (
    <article class={`cell ${cell.cell_type} ${mark.state ?? ""}`} aria-label={`Cell ${cell.id}`}>
      <div class="prompt" aria-hidden={prompt === "" ? "true" : undefined}>
        {prompt}
      </div>
      <div class="cell-body">
        <Marks cell={cell} remark={remark} />
        {cell.cell_type === "markdown" ? (
          <Markdown text={cell.source} attachments={cell.attachments} />
        ) : (
          <Source cell={cell} />
        )}
        {isCode(cell) && cell.outputs.length > 0 ? <Outputs outputs={cell.outputs} cell={cell.id} /> : null}
        {cell.cell_type === "markdown" ? (
          <p class="more as-written">
            <button type="button" class="plain" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
              {isShown ? "Hide its text" : "As written"}
            </button>
          </p>
        ) : null}
        {isShown ? <LongText class="source" text={cell.source} /> : null}
      </div>
    </article>
  );
}

function Source({ cell }: { readonly cell: Cell }) {
  const runsOf = useMemo(() => (isCode(cell) ? pythonRuns : undefined), [cell]);
  return <LongText class="source" text={cell.source} runsOf={runsOf} />;
}

const STATES: Readonly<Record<string, readonly [word: string, title: string]>> = {
  failed: ["failed", "It raised an error, ran out of time or was interrupted."],
  stale: ["stale", "It ran, but something that it uses has changed since."],
  dirty: ["not run since it was edited", "It was rewritten after it ran."],
  unexecuted: ["never run", "It was never run."],
};

function Marks({ cell, remark }: CellViewProps) {
  const mark = markOf(cell);
  const [state, about] = STATES[mark.state ?? ""] ?? [];
  return (
    <div class="marks">
      <span class="cell-id">{cell.id}</span>
      {mark.role === "code" || mark.role === "note" ? null : <span class="chip">{mark.role}</span>}
      {state === undefined ? null : (
        <span class={mark.state === "failed" ? "chip bad" : "chip warn"} title={about}>
          {state}
        </span>
      )}
      {mark.folded === true ? (
        <span class="chip" title="It is folded: later prompts show one line in its place.">
          folded
        </span>
      ) : null}
      {mark.pinned === true ? (
        <span class="chip" title="It is pinned: it is never folded.">
          pinned
        </span>
      ) : null}
      {mark.from === undefined ? null : (
        <a
          class="chip"
          href={linkTo({ view: "branch", options: { branch: mark.from.branch, round: null, turn: null } })}
        >
          grafted from {mark.from.branch}, cell {mark.from.cell}
        </a>
      )}
      {remark === undefined ? null : (
        <span class={`chip ${remark.tone}`} title={remark.title}>
          {remark.text}
        </span>
      )}
      {mark.durationMs === undefined ? null : <span class="quiet small">{runTime(mark.durationMs)}</span>}
      {(mark.summary ?? "") === "" ? null : <span class="quiet small summary">{mark.summary}</span>}
    </div>
  );
}

function runTime(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toPrecision(3))} s`;
}
