// Owns: a first notebook of somebody's own task: an example's or a benchmark's, with their data named in it. Never writes a file.
import { readFile } from "node:fs/promises";
import { decodeText } from "../core/decode-text.ts";
import { RunError } from "../core/errors.ts";
import { ownCommand } from "../core/shell-words.ts";
import { toPython } from "../core/python/python-literal.ts";
import { parseNotebook } from "../core/notebook/load-notebook.ts";
import { stringifyNotebook } from "../core/notebook/save-notebook.ts";
import { shippedPath } from "../shipped.ts";
import { benchmarkNames } from "./load-task.ts";
import { didYouMean } from "../core/nearest-word.ts";
import type { TableHead } from "./table-head.ts";

export interface NewTaskOptions {
  /** The table that the task is about, by its absolute path. */
  readonly data?: { readonly path: string; readonly head: TableHead } | undefined;
  /** Name of a benchmark to begin with. */
  readonly from?: string | undefined;
}

/** The text of a task's notebook that runs as it is. @throws RunError `bad-option`. */
export async function makeTaskNotebook({ data, from }: NewTaskOptions): Promise<string> {
  if (data !== undefined && from !== undefined)
    throw new RunError("bad-option", "--data begins with an example of its own: leave --from out");
  const path = data === undefined ? await templateOf(from) : shippedPath("docs/examples/table.ipynb");
  const notebook = parseNotebook(decodeText(await readFile(path)), path);
  if (data === undefined) return stringifyNotebook(notebook);
  const cells = notebook.cells.map((cell) =>
    cell.metadata.tags?.includes("parameters") === true
      ? {
          ...cell,
          source: cell.source
            .replace('"data.csv"', () => toPython(data.path))
            .replace('","', () => toPython(data.head.separator))
            .replace('["x", "y"]', () => toPython(data.head.numbers)),
        }
      : cell,
  );
  return stringifyNotebook({ ...notebook, cells });
}

async function templateOf(from: string | undefined): Promise<string> {
  if (from === undefined) return shippedPath("docs/examples/points.ipynb");
  const known = await benchmarkNames();
  if (known.includes(from)) return shippedPath(`benchmarks/tasks/${from}/task.ipynb`);
  throw new RunError(
    "bad-option",
    `--from ${from}: no benchmark is called that${didYouMean(from, known)}; ${ownCommand("tasks")} lists them`,
  );
}
