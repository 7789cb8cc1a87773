// Owns: how maths is found in Markdown: between single or double dollars, in TeX's own brackets, or in an environment. Pure.
import type { MarkdownIt } from "markdown-it";

/** The longest formula that is looked for. */
const MOST = 20_000;

/** What opens a formula in a line, what closes it, and whether it stands by itself. */
const INLINE = [
  ["$$", "$$", true],
  ["\\\\[", "\\\\]", true],
  ["\\\\(", "\\\\)", false],
  ["\\[", "\\]", true],
  ["\\(", "\\)", false],
  ["$", "$", false],
] as const;

/** Formulas become `<x-maths>` with their TeX as text; `display` where they stand by themselves. */
export function addMaths(markdown: MarkdownIt): MarkdownIt {
  markdown.inline.ruler.before("escape", "maths", (state, silent) => {
    const first = state.src[state.pos];
    if (first !== "$" && first !== "\\") return false;
    for (const [open, close, isBlock] of INLINE) {
      if (!state.src.startsWith(open, state.pos)) continue;
      const from = state.pos + open.length;
      const end = closeOf(state.src, from, Math.min(state.posMax, from + MOST), close);
      if (end === null) continue;
      if (!silent) {
        const token = state.push("maths", "x-maths", 0);
        token.content = state.src.slice(from, end);
        token.meta = { isBlock };
      }
      state.pos = end + close.length;
      return true;
    }
    return false;
  });
  markdown.block.ruler.before(
    "fence",
    "maths",
    (state, startLine, endLine, silent) => {
      const begin = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
      const first = state.src.slice(begin, state.eMarks[startLine]);
      const environment = /^\\begin\{([a-z]{1,20}\*?)\}/.exec(first)?.[1];
      if (environment === undefined && !first.startsWith("$$")) return false;
      const close = environment === undefined ? "$$" : `\\end{${environment}}`;
      const from = begin + (environment === undefined ? 2 : 0);
      const end = state.src.slice(0, Math.min(state.src.length, from + MOST)).indexOf(close, from);
      if (end === -1) return false;
      const last = end + close.length;
      let line = startLine;
      while (line < endLine && (state.eMarks[line] ?? 0) < last) line += 1;
      if (line >= endLine || state.src.slice(last, state.eMarks[line]).trim() !== "") return false;
      if (silent) return true;
      const token = state.push("maths", "x-maths", 0);
      token.content = state.src.slice(from, environment === undefined ? end : last);
      token.meta = { isBlock: true };
      token.map = [startLine, line + 1];
      state.line = line + 1;
      return true;
    },
    { alt: ["paragraph", "blockquote", "list"] },
  );
  markdown.renderer.rules["maths"] = (tokens, at) => {
    const token = tokens[at];
    const tex = markdown.utils.escapeHtml(token?.content ?? "");
    return token?.meta?.["isBlock"] === true
      ? `<x-maths display="block">${tex}</x-maths>`
      : `<x-maths>${tex}</x-maths>`;
  };
  return markdown;
}

/** Where a formula ends; null where what looks like one is none, as in `from $5 to $6`. */
function closeOf(text: string, from: number, to: number, close: string): number | null {
  if (close === "$" && /\s/.test(text[from] ?? " ")) return null;
  for (let at = from; at < to; at++) {
    if (text.startsWith(close, at)) {
      if (at === from) return null;
      const isMoney = close === "$" && (/\s/.test(text[at - 1] ?? "") || /\d/.test(text[at + 1] ?? ""));
      return isMoney ? null : at;
    }
    if (text[at] === "\\") at += 1;
    if (close === "$" && text[at] === "\n" && text[at + 1] === "\n") return null;
  }
  return null;
}
