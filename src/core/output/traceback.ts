// Owns: a traceback as its message, the frames of the user's own code and the line that failed. Libraries are counted.
import { capText, shortenLine } from "./clip.ts";

interface Frame {
  readonly head: string;
  readonly body: readonly string[];
}

const HEAD = /^(?:\s*File |<ipython-input|Cell In\s?\[|Input In\s?\[|In\s?\[\d+\])/;
const OWN = /ipython-input|Cell In|Input In|^In\s?\[|__main__|<cell line|ipykernel_\d+/;
const LIBRARY = /(?:site|dist)-packages|[/\\]lib[/\\]python|<frozen |<__array_function__|[/\\]anaconda/;
const ARROW = /^\s*-+>|^\s*\u2192/;
const MOST_FRAMES = 4;

/** The lines of the short form. `text` is the traceback without colours. */
export function shortenTraceback(name: string, value: string, text: string): string[] {
  const message = shortenLine(`${name}: ${value.split("\n", 6).join("\n")}`.trim(), 500);
  const frames = framesOf(text);
  const own = frames.filter((frame, i) => i === frames.length - 1 || isOwn(frame));
  const shown = own.length <= MOST_FRAMES ? own : [...own.slice(0, 1), ...own.slice(1 - MOST_FRAMES)];
  const hidden = frames.length - shown.length;
  const libraries = frames.length - own.length;
  const what = libraries === hidden ? "library frames" : "frames";
  return [
    message,
    ...(frames.length === 0 ? linesWithoutFrames(text, name) : shown.flatMap(frameLines)),
    ...(hidden > 0 ? [`(${hidden} ${hidden === 1 ? what.slice(0, -1) : what} hidden)`] : []),
  ];
}

/** The innermost line of a cell's own code that the traceback names; null when it names none. */
export function codePlace(text: string): { readonly line: number; readonly code: string } | null {
  for (const { head, body } of framesOf(text).toReversed()) {
    if (!OWN.test(head)) continue;
    const arrow = body.find((line) => ARROW.test(line)) ?? "";
    const [, line, code = ""] = /^\s*(?:-+>|\u2192)\s*(\d+)\s?(.*)/.exec(arrow) ?? [];
    if (line !== undefined) return { line: Number(line), code: code.trim() };
  }
  return null;
}

function framesOf(text: string): Frame[] {
  const frames: { head: string; body: string[] }[] = [];
  for (const line of capText(text).split("\n")) {
    if (isHead(line)) frames.push({ head: line.trim(), body: [] });
    else frames.at(-1)?.body.push(line);
  }
  return frames;
}

/** `Cell In[3], line 2`, `File "a.py", line 2`, `~/a.py in f(x)`, `/a/b.pyx:12`. */
function isHead(line: string): boolean {
  if (HEAD.test(line)) return true;
  const path = /^[~/.\w-]\S*/.exec(line)?.[0] ?? "";
  if (/^[~/]/.test(path) && /:\d/.test(path)) return true;
  const at = path.slice(1).search(/\.py\b/);
  return at >= 0 && line.includes(" in ", at);
}

function isOwn({ head }: Frame): boolean {
  return OWN.test(head) || !(LIBRARY.test(head) || /^[~/.\w-]\S*\.pyx?\b/.test(head));
}

function frameLines({ head, body }: Frame): string[] {
  const arrows = body.filter((line) => ARROW.test(line));
  const lines =
    arrows.length > 0 ? arrows.slice(0, 1) : body.filter((line) => line.trim() !== "").slice(0, 1);
  const place = head
    .replace(/^.*(?:site-packages|dist-packages)[/\\]/, ".../")
    .replace(/^File "([^"]*)", line (\d+),?/, "$1:$2")
    .replace(/<ipython-input-(\d+)-[\da-f]+>/, "In[$1]")
    .replace(/(?<!\S)\S*[/\\]ipykernel_\d+[/\\]\d+\.py/, "In")
    .replace(/(?<!\s)\s+in <module>(?:\(\))?$/, "");
  return [`at ${shortenLine(place, 120)}`, ...lines.map((line) => `  ${shortenLine(line.trim(), 140)}`)];
}

/** A traceback without frames: another language's, or a message alone. */
function linesWithoutFrames(text: string, name: string): string[] {
  return capText(text)
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^-{5,}/.test(line) && !line.startsWith(name))
    .slice(0, 3)
    .map((line) => shortenLine(line, 160));
}
