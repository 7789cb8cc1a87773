// Owns: a cell's source as Python that runs in a plain script: IPython's lines left out or called by name, and what is no plain
// Python handed to IPython as text. Pure.
import { firstSyntaxError, parsePython } from "../core/python/parse-python.ts";
import { toPython } from "../core/python/python-literal.ts";

export interface PlainPython {
  readonly text: string;
  /** `from __future__ import ...`, which a script must have at its top. */
  readonly futures: readonly string[];
  /** Whether it calls `get_ipython`. */
  readonly needsShell: boolean;
}

/** The cell as part of a script. `mayFail`: it is run to where it fails, and the script goes on. */
export function plainPython(source: string, mayFail = false): PlainPython {
  const text = mayFail ? null : translateCell(source.replaceAll(/\r\n?/g, "\n"));
  if (text === null || firstSyntaxError(text) !== null || awaitsOutside(text)) {
    const check = mayFail ? "" : ".raise_error()";
    return {
      text: `get_ipython().run_cell(\n${literalLines(source)}\n)${check}`,
      futures: [],
      needsShell: true,
    };
  }
  return { ...withoutFutures(text), needsShell: /\bget_ipython\b/.test(text) };
}

/** A string literal, a line of it on each line. */
function literalLines(text: string): string {
  const lines = text.split(/(?<=\n)/);
  return (lines.length === 0 ? [""] : lines).map((line) => `    ${toPython(line)}`).join("\n");
}

/** Run the cell as it is, and do something besides that leaves nothing. */
const AROUND_CELL = /^%%(?:time|capture|prun)[ \t]*$/;
/** Runs the cell without leaving anything. */
const TIMED_CELL = /^%%timeit\b/;
/** Set the notebook up, or show something. */
const LEFT_OUT =
  /^(?:%(?:matplotlib|config|precision|pip|conda|mamba|uv|pwd|who|whos|who_ls|load_ext|reload_ext|autoreload|timeit)\b|!+[ \t]*(?:python3?[ \t]+-m[ \t]+)?(?:pip3?|conda|mamba|uv)\b)/;
const HELP = /^(?:\?{1,2}[\w.*]+|[\w.*]+\?{1,2})[ \t]*$/;
const TIMED = /^%time[ \t]+(?=[^\s-])/;
const MAGIC = /^%([\w.]+)[ \t]*/;
const ASSIGNED = /^[\w.,[\]'"* \t]+=[ \t]*(?=!|%\S)/;

/** Null where the whole cell is for IPython alone. */
function translateCell(source: string): string | null {
  const lines = source.split("\n");
  const first = lines.findIndex((line) => line.trim() !== "");
  const head = lines[first]?.trim() ?? "";
  if (TIMED_CELL.test(head)) return lines.map((line) => `# left out: ${line}`).join("\n");
  if (head.startsWith("%%")) {
    if (!AROUND_CELL.test(head)) return null;
    lines[first] = `# left out: ${head}`;
  }
  const scan = new LineScan();
  const written: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const code = line.trimStart();
    if (!scan.isBetween() || !isIPython(code)) {
      scan.read(line);
      written.push(line);
      continue;
    }
    const parts = [code.trimEnd()];
    while (parts.at(-1)?.endsWith("\\") === true && at + 1 < lines.length)
      parts.push((lines[++at] ?? "").trim());
    const whole = parts.map((part) => part.replace(/\\$/, "")).join(" ");
    written.push(line.slice(0, line.length - code.length) + translateLine(whole.trimEnd()));
  }
  return written.join("\n");
}

function isIPython(code: string): boolean {
  return /^(?:!|%\S)/.test(code) || HELP.test(code) || ASSIGNED.test(code);
}

/** `code`: one of IPython's lines, without what is before and after it. */
function translateLine(code: string): string {
  // `pass`, for it may be all that a block has.
  if (LEFT_OUT.test(code) || HELP.test(code)) return `pass  # left out: ${code}`;
  if (TIMED.test(code)) return code.replace(TIMED, "");
  const target = ASSIGNED.exec(code)?.[0] ?? "";
  const call = code.slice(target.length);
  if (call.startsWith("!!")) return `get_ipython().getoutput(${toPython(call.slice(2).trim())})`;
  if (call.startsWith("!")) {
    const way = target === "" ? "system" : "getoutput";
    return `${target}get_ipython().${way}(${toPython(call.slice(1).trim())})`;
  }
  const [whole = "%", name = ""] = MAGIC.exec(call) ?? [];
  return `${target}get_ipython().run_line_magic(${toPython(name)}, ${toPython(call.slice(whole.length))})`;
}

/** Where a line begins a statement: inside no string and no bracket, and after no backslash. Reads each character once. */
class LineScan {
  #depth = 0;
  /** The quotes that end the string that is open; empty for none. */
  #quote = "";
  #goesOn = false;

  isBetween(): boolean {
    return this.#depth === 0 && this.#quote === "" && !this.#goesOn;
  }

  read(line: string): void {
    this.#goesOn = false;
    for (let at = 0; at < line.length; at++) {
      const character = line.charAt(at);
      if (character === "\\") {
        this.#goesOn = at === line.length - 1;
        at += 1;
      } else if (this.#quote !== "") {
        if (!line.startsWith(this.#quote, at)) continue;
        at += this.#quote.length - 1;
        this.#quote = "";
      } else if (character === "#") break;
      else if (character === '"' || character === "'") {
        this.#quote = line.startsWith(character.repeat(3), at) ? character.repeat(3) : character;
        at += this.#quote.length - 1;
      } else if ("([{".includes(character)) this.#depth += 1;
      else if (")]}".includes(character)) this.#depth = Math.max(0, this.#depth - 1);
    }
    // A string of one line ends with it, unless a backslash takes it on.
    if (this.#quote.length === 1 && !this.#goesOn) this.#quote = "";
  }
}

const AWAITING = ["await", "async"];

/** Whether it awaits outside of every function, which IPython alone does. */
function awaitsOutside(text: string): boolean {
  if (!AWAITING.some((word) => text.includes(word))) return false;
  let inside = 0;
  let found = false;
  const isFunction = (name: string): boolean => name === "FunctionDefinition" || name === "LambdaExpression";
  parsePython(text).iterate({
    enter: ({ name }) => {
      if (isFunction(name)) inside += 1;
      else if (inside === 0 && AWAITING.includes(name)) found = true;
    },
    leave: ({ name }) => {
      if (isFunction(name)) inside -= 1;
    },
  });
  return found;
}

function withoutFutures(text: string): Pick<PlainPython, "text" | "futures"> {
  if (!text.includes("__future__")) return { text, futures: [] };
  const futures: string[] = [];
  const kept: string[] = [];
  let from = 0;
  const top = parsePython(text).topNode;
  for (const node of top.getChildren("ImportStatement")) {
    const statement = text.slice(node.from, node.to);
    if (!/^from\s+__future__\s/.test(statement)) continue;
    futures.push(statement);
    kept.push(text.slice(from, node.from), "pass");
    from = node.to;
  }
  return { text: kept.join("") + text.slice(from), futures };
}
