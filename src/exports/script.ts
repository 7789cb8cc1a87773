// Owns: a branch's notebook as a Python script that runs by itself and ends with its submission. Pure.
import { isCode, markOf } from "../core/notebook/notebook.ts";
import { plainPython, type PlainPython } from "./plain-python.ts";
import { packageLines } from "./script-packages.ts";
import { toPython } from "../core/python/python-literal.ts";
import type { Cell, CodeCell, Notebook } from "../contracts/index.ts";

export interface ScriptParts {
  /** The notebook as readers get it: what is in it for them becomes comments. */
  readonly notebook: Notebook;
  /** A Python expression: what is judged. */
  readonly submission: string;
  /** Variables of the environment under which the cells ran. */
  readonly environment: Readonly<Record<string, string>>;
  /** What its cells could import, as `pinsOf` gives it. */
  readonly pins: readonly string[];
  /** Python that defines `_nbevolve_end(value)`. */
  readonly ending: string;
}

/**
 * The script's text. Its parts are marked by `# %%`, so that editors show them as cells. Run with a file's name, it
 * writes the submission there, too.
 */
export function scriptOf({ notebook, submission, environment, pins, ending }: ScriptParts): string {
  const parts = notebook.cells.flatMap(partOf);
  const plain = parts.flatMap(({ code }) => code ?? []);
  const futures = [...new Set(plain.flatMap(({ futures: some }) => some))];
  const needsShell = plain.some((code) => code.needsShell);
  const showsThings = plain.some(({ text }) => /\bdisplay\b/.test(text));
  const usesIPython = needsShell || showsThings;
  const sources = [
    ...parts.flatMap(({ source }) => source ?? []),
    ...(usesIPython ? ["import IPython"] : []),
  ];
  return [
    "#!/usr/bin/env python3",
    "# -*- coding: utf-8 -*-",
    "# A branch of a run of nbevolve, as a script. The last line that it prints is the submission, as JSON for npx nbevolve verify;",
    "# with a file's name behind it, the submission is written there, too.",
    "",
    ...packageLines(sources, pins),
    "",
    ...futures,
    "",
    ...beginScript(environment),
    ...(needsShell ? SHELL : []),
    ...(showsThings ? ["from IPython.display import display"] : []),
    ...parts.map(({ text }) => `\n${text}`),
    "",
    "# %% The submission.",
    ending.trimEnd(),
    "",
    "",
    `_nbevolve_end((\n${submission.trim()}\n))`,
    "",
  ].join("\n");
}

interface ScriptPart {
  readonly text: string;
  readonly code?: PlainPython;
  /** The cell as it is written, where it runs. */
  readonly source?: string;
}

function partOf(cell: Cell): readonly ScriptPart[] {
  if (!isCode(cell)) {
    if (cell.attachments !== undefined) return [];
    return [{ text: comment(`%% [markdown]\n${cell.source}`) }];
  }
  const why = whyLeftOut(cell);
  if (why !== null) return [{ text: comment(`%% ${cell.id}, left out: ${why}\n${cell.source}`) }];
  const mayFail = markOf(cell).state === "failed";
  const code = plainPython(cell.source, mayFail);
  const note = mayFail ? ", which failed: what it did before that counts" : "";
  return [{ text: `${comment(`%% ${cell.id}${note}`)}\n${code.text}`, code, source: cell.source }];
}

/** Null for a cell that runs; the same cells as `reproduce` runs. */
function whyLeftOut(cell: CodeCell): string | null {
  if (cell.metadata.tags?.includes("skip-execution") === true) return "it did not come to an end";
  return markOf(cell).state === "unexecuted" ? "it never ran" : null;
}

/** Every line that Python would begin is one of the comment. */
function comment(text: string): string {
  return (
    text
      .split(/\r\n?|\n/)
      // The head alone says which packages the script needs.
      .map((line) => (line.startsWith("///") ? `#  ${line}` : `# ${line}`).trimEnd())
      .join("\n")
  );
}

/** Begins anew where the environment is another, for Python reads some of it at its start alone. */
function beginScript(environment: ScriptParts["environment"]): readonly string[] {
  return [
    "# %% As in the run: sets in the same order, sums on one thread, and pictures that wait for nobody.",
    "import os, sys",
    "",
    'if os.name == "posix" and "__file__" in globals() and "NBEVOLVE_SCRIPT" not in os.environ:',
    `    os.environ.update(${toPython(environment)})`,
    '    os.environ["NBEVOLVE_SCRIPT"] = "1"',
    "    sys.stdout.flush()",
    "    os.execv(sys.executable, sys.orig_argv)",
    "del os, sys",
  ];
}

const SHELL = [
  "",
  "# Some cells hold lines of IPython, not of Python.",
  "from IPython.core.interactiveshell import InteractiveShell",
  "from traitlets.config import Config",
  "",
  'InteractiveShell.instance(user_module=__import__("__main__"), config=Config(HistoryManager={"enabled": False}))',
  "del InteractiveShell, Config",
  "from IPython import get_ipython",
];
