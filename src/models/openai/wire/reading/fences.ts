// Owns: a code fence in a reply: where it ends, and what is said about its language. Pure.

export interface Fence {
  readonly from: number;
  readonly to: number;
  readonly bodyFrom: number;
  readonly bodyTo: number;
  /** The language, in lower case; empty where none is named. */
  readonly tag: string;
  readonly isPython: boolean;
  /** The body without the indentation of its fence. */
  readonly body: string;
  /** False where the reply ends before the fence does. */
  readonly closed: boolean;
}

const PYTHON =
  /^(?:\{?\.?(?:i?python3?|py3?|code-cell|jupyter|notebook|py:percent|sage)\b.*|tool_code|tool-code)$/;

/** The fence whose opening marks are `opening`, at `from`. A line that opens another fence closes it. */
export function cutFence(text: string, from: number, opening: string): Fence {
  const mark = opening.trim().at(-1) ?? "`";
  const marks = opening.slice(opening.indexOf(mark));
  const after = from + opening.length;
  const newline = text.indexOf("\n", after);
  const lineEnd = newline === -1 ? text.length : newline;
  const line = text.slice(after, lineEnd);
  const [, tag = "", rest = ""] = /^[ \t]*([^\s`~[({]*|\{[^\s}]*\}?)([\s\S]*)$/.exec(line) ?? [];
  const within = closeOnLine(rest, marks);
  const isShort = within !== null || /^\s*[[{]/.test(rest);
  const bodyFrom = isShort ? lineEnd - rest.length : Math.min(text.length, lineEnd + 1);
  const close = within === null ? findClose(text, bodyFrom, mark, marks.length) : null;
  const bodyTo = within === null ? (close?.bodyTo ?? text.length) : bodyFrom + within;
  const to = within === null ? (close?.to ?? text.length) : bodyTo + marks.length;
  const name = tag.toLowerCase();
  return {
    from,
    to,
    bodyFrom,
    bodyTo,
    tag: name,
    isPython: PYTHON.test(name),
    body: removeIndent(text.slice(bodyFrom, bodyTo), opening.length - marks.length),
    closed: within !== null || close !== null,
  };
}

/** Where a fence that stands on one line ends, within what follows its language; null where it goes on. */
function closeOnLine(rest: string, marks: string): number | null {
  const at = rest.indexOf(marks);
  return at === -1 ? null : at;
}

/** The line of marks alone, the marks at the end of a line of code, or the line that opens the next fence. */
function findClose(
  text: string,
  from: number,
  mark: string,
  width: number,
): { readonly bodyTo: number; readonly to: number } | null {
  const pattern = mark === "~" ? /(?<!~)(~{3,})([^\n~]*)$/gm : /(?<!`)(`{3,})([^\n`]*)$/gm;
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [whole, marks = "", info = ""] = match;
    const lineStart = text.lastIndexOf("\n", match.index - 1) + 1;
    const before = text.slice(Math.max(lineStart, from), match.index);
    const isAlone = before.trim() === "";
    const end = match.index + whole.length;
    if (info.trim() === "" && marks.length >= width) {
      const bodyTo = isAlone ? Math.max(from, lineStart - 1) : match.index;
      return { bodyTo, to: end };
    }
    if (isAlone && /^\w[\w+-]*$/.test(info.trim()) && marks.length === width)
      return { bodyTo: Math.max(from, lineStart - 1), to: lineStart };
  }
  return null;
}

function removeIndent(body: string, indent: number): string {
  if (indent === 0) return body;
  return body
    .split("\n")
    .map((line) => line.slice(Math.min(indent, line.length - line.trimStart().length)))
    .join("\n");
}
