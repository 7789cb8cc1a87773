// Owns: what changed inside a text: by lines, and by words within lines that were changed. Pure; what differs too much is
// shown as all gone and all new.
import { diffLines, diffWordsWithSpace } from "diff";

/** A line of one side or of both. */
export interface ChangedLine {
  readonly kind: "same" | "gone" | "new";
  readonly pieces: readonly ChangedPiece[];
}

interface ChangedPiece {
  readonly text: string;
  readonly isChanged: boolean;
}

const MOST_LINE_CHANGES = 1_500;
const MOST_WORD_CHANGES = 400;
const MOST_WORDS_IN = 4_000;

export function changedLines(before: string, after: string): readonly ChangedLine[] {
  const parts = diffLines(before, after, { maxEditLength: MOST_LINE_CHANGES });
  if (parts === undefined) return [...plainLines("gone", before), ...plainLines("new", after)];
  const lines: ChangedLine[] = [];
  for (let at = 0; at < parts.length; at++) {
    const [part, next] = [parts[at], parts[at + 1]];
    if (part === undefined) continue;
    if (part.removed && next?.added === true) {
      lines.push(...changedWords(part.value, next.value));
      at += 1;
    } else lines.push(...plainLines(part.removed ? "gone" : part.added ? "new" : "same", part.value));
  }
  return lines;
}

function plainLines(kind: ChangedLine["kind"], text: string): readonly ChangedLine[] {
  return splitLines([{ text, isChanged: false }]).map((pieces) => ({ kind, pieces }));
}

function changedWords(before: string, after: string): readonly ChangedLine[] {
  const isShort = before.length < MOST_WORDS_IN && after.length < MOST_WORDS_IN;
  const parts = isShort ? diffWordsWithSpace(before, after, { maxEditLength: MOST_WORD_CHANGES }) : undefined;
  if (parts === undefined) return [...plainLines("gone", before), ...plainLines("new", after)];
  const sideOf = (kind: "gone" | "new"): readonly ChangedLine[] =>
    splitLines(
      parts
        .filter(({ added, removed }) => (kind === "gone" ? !added : !removed))
        .map(({ value, added, removed }) => ({ text: value, isChanged: added || removed })),
    ).map((pieces) => ({ kind, pieces }));
  return [...sideOf("gone"), ...sideOf("new")];
}

/** The pieces by lines, without the line ends. */
function splitLines(pieces: readonly ChangedPiece[]): readonly (readonly ChangedPiece[])[] {
  const lines: ChangedPiece[][] = [[]];
  for (const { text, isChanged } of pieces)
    for (const [at, line] of text.split("\n").entries()) {
      if (at > 0) lines.push([]);
      if (line !== "") lines.at(-1)?.push({ text: line, isChanged });
    }
  // A text ends with a line end: no line begins behind it.
  if (lines.length > 1 && lines.at(-1)?.length === 0) lines.pop();
  return lines;
}
