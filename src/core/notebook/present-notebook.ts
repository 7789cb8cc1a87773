// Owns: a branch's notebook as it is handed on to readers: with a head, headings for its rounds, captions, long code folded and
// the last picture as its result; and the way back to the notebook that it was made of. Pure.
import type { Cell, CellId, CodeCell, Notebook, TextCell } from "../../contracts/index.ts";
import { clipLine, isRecord, recordOf } from "../untrusted.ts";
import { isCode, markOf } from "./notebook.ts";

/** On cells that are there for readers alone. */
const FOR_READERS = "nbevolve-for-readers";
/** Longer code is folded: libraries, setups. */
const MOST_LINES = 40;
/** Readers get no longer title or fact. */
const MOST_CHARACTERS = 2_000;

/** What the head of a notebook says. Values are plain text. */
export interface NotebookHead {
  readonly title: string;
  /** Names and values, in the order shown. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Titles of rounds, by number. */
  readonly rounds: ReadonlyMap<number, string>;
}

/** The same notebook for readers. It runs from top to bottom as before. */
export function presentNotebook(notebook: Notebook, head: NotebookHead): Notebook {
  const plain = withoutReaderCells(notebook).cells;
  const cells: Cell[] = [readerCell("head", headText(head))];
  let before: Cell | null = null;
  for (const cell of plain) {
    const { round, from } = markOf(cell);
    if (round > 0 && round !== (before === null ? 0 : markOf(before).round))
      cells.push(
        readerCell(`round-${round}-${cells.length}`, `## ${head.rounds.get(round) ?? `Round ${round}`}`),
      );
    if (from !== undefined && from.branch !== (before === null ? undefined : markOf(before).from?.branch))
      cells.push(readerCell(`from-${cells.length}`, `_From branch ${escapeText(from.branch)}:_`));
    cells.push(isCode(cell) ? presentCode(cell) : presentText(cell));
    before = cell;
  }
  cells.push(...resultCells(plain, head));
  return { ...notebook, cells };
}

/** The notebook without what is there for readers alone. */
export function withoutReaderCells(notebook: Notebook): Notebook {
  const cells = notebook.cells.filter(
    ({ cell_type, metadata }) => cell_type !== "markdown" || metadata.tags?.includes(FOR_READERS) !== true,
  );
  return cells.length === notebook.cells.length ? notebook : { ...notebook, cells };
}

function readerCell(id: string, source: string): TextCell {
  return { cell_type: "markdown", id: `for-readers-${id}`, metadata: { tags: [FOR_READERS] }, source };
}

function headText({ title, facts }: NotebookHead): string {
  // The first one heads the table: a head without words would say nothing to who hears it.
  const [first = "| task | |", ...rows] = facts.map(
    ([name, value]) => `| ${escapeText(name)} | ${escapeText(value)} |`,
  );
  return [`# ${escapeText(title)}`, "", first, "| --- | --- |", ...rows].join("\n");
}

/** As words of one line of Markdown, whatever is in it. Parts between backticks stay code. */
function escapeText(text: string): string {
  return clipLine(text, MOST_CHARACTERS)
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith("`") ? part.replaceAll("|", "\\|") : part.replaceAll(/[\\*_[\]<>|#~]/g, "\\$&"),
    )
    .join("");
}

function presentCode(cell: CodeCell): CodeCell {
  const isLong = cell.source.split("\n", MOST_LINES + 1).length > MOST_LINES;
  const { jupyter, tags = [] } = cell.metadata;
  const hidden = { jupyter: { ...(isRecord(jupyter) ? jupyter : {}), source_hidden: true } };
  const metadata = isLong
    ? { ...cell.metadata, ...hidden, tags: [...tags.filter((tag) => tag !== "hide-input"), "hide-input"] }
    : cell.metadata;
  return { ...cell, metadata };
}

/** The last picture again, with words for who cannot see it; none where there is no picture. */
function resultCells(cells: readonly Cell[], { title }: NotebookHead): readonly TextCell[] {
  const result = resultPicture(cells, "image/png");
  if (result === null || !cells.some((cell) => markOf(cell).round > 0)) return [];
  const words = `Result. ${title}: the picture that cell ${result.cell} made.`;
  return [
    {
      ...readerCell("result", `## Result\n\n![${escapeText(words)}](attachment:result.png)`),
      attachments: { "result.png": { "image/png": result.picture } },
    },
  ];
}

export interface ResultPicture {
  readonly cell: CellId;
  /** PNG in base64, SVG as text. */
  readonly picture: string;
}

/** The last picture of the branch's own cells; null where they draw none of that kind. */
export function resultPicture(
  cells: readonly Cell[],
  mime: "image/png" | "image/svg+xml",
): ResultPicture | null {
  for (const cell of cells.toReversed()) {
    const picture = markOf(cell).from === undefined ? pictureOf(cell, mime) : null;
    if (picture !== null) return { cell: cell.id, picture };
  }
  return null;
}

/** The cell's last one. */
function pictureOf(cell: Cell, mime: string): string | null {
  if (!isCode(cell)) return null;
  const found = cell.outputs.findLast(
    (output) =>
      (output.output_type === "display_data" || output.output_type === "execute_result") &&
      mime in output.data,
  );
  const data = found !== undefined && "data" in found ? recordOf(found.data)[mime] : undefined;
  return typeof data === "string" ? data : null;
}

/** Tallies for the next round are no prose. */
function presentText(cell: TextCell): TextCell {
  if (markOf(cell).role !== "summary") return cell;
  const lines = cell.source.split("\n").filter((line) => !line.startsWith("offline: "));
  return { ...cell, source: lines.join("\n").trimEnd() };
}
