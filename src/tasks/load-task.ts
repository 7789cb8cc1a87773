// Owns: finding and reading a task's file, by path or by the name of a task that ships with nbevolve.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { errorCode, messageOf, RunError } from "../core/errors.ts";
import { parseNotebook } from "../core/notebook/load-notebook.ts";
import type { Task } from "../contracts/index.ts";
import { packageRoot, shownGuide } from "../shipped.ts";
import { checkOptions, checkValue, OPTION } from "../core/options.ts";
import { didYouMean } from "../core/nearest-word.ts";
import { taskFromNotebook } from "./task-notebook.ts";
import type { Parameters } from "./task-parameters.ts";
import { decodeText } from "../core/decode-text.ts";

/**
 * The task in a notebook file, or the benchmark of that name (a word without slashes and without `.ipynb`).
 * @throws RunError `bad-task` | `bad-notebook`
 */
export async function loadTask(
  pathOrName: string,
  options: { readonly parameters?: Parameters } = {},
): Promise<Task> {
  checkValue("loadTask: path", pathOrName, OPTION.text);
  checkOptions("loadTask", options, { parameters: OPTION.record });
  const file = isName(pathOrName) ? await benchmarkFile(pathOrName) : resolve(pathOrName);
  refuseOtherKinds(file, pathOrName);
  const text = await readText(file, pathOrName);
  return taskFromNotebook(parseNotebook(text, pathOrName), { name: nameOf(file), ...options });
}

/** The names of the tasks that ship with nbevolve, sorted. */
export async function benchmarkNames(folder: string = benchmarksFolder()): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  const names = await readdir(folder);
  return names.filter((name) => existsSync(join(folder, name, "task.ipynb"))).sort();
}

const benchmarksFolder = (): string => join(packageRoot(), "benchmarks", "tasks");

function isName(text: string): boolean {
  return !/[\\/]/.test(text) && extname(text) === "";
}

/** Files that are no notebook by their names. */
const OTHER_KINDS = /^\.(?:py|md|txt|rst|jl|r|yaml|yml|toml|csv)$/i;

function refuseOtherKinds(file: string, shown: string): void {
  if (!OTHER_KINDS.test(extname(file))) return;
  const twin = `${shown.slice(0, -extname(shown).length)}.ipynb`;
  const meant = existsSync(resolve(twin)) ? `: did you mean ${twin}?` : "";
  const remedy = meant || `, whose cells are tagged as ${shownGuide("your-own-task.md")} says.`;
  throw new RunError("bad-task", `${shown} is no notebook. A task is a Jupyter notebook (.ipynb)${remedy}`);
}

async function benchmarkFile(name: string): Promise<string> {
  const known = await benchmarkNames();
  if (known.includes(name)) return join(benchmarksFolder(), name, "task.ipynb");
  const list = known.length === 0 ? "none is installed" : `known: ${known.join(", ")}`;
  const hint = `${didYouMean(name, known)} For a file of your own, give its path: ./${name}.ipynb`;
  throw new RunError("bad-task", `no benchmark is called "${name}" (${list})${hint}`);
}

async function readText(file: string, shown: string): Promise<string> {
  try {
    return decodeText(await readFile(file));
  } catch (cause) {
    const reason = whyUnreadable(cause, "give the path of a notebook, or the name of a benchmark");
    throw new RunError("bad-task", `${shown} cannot be read: ${reason}`, { cause });
  }
}

/** The file's name without its ending; of a file called task.ipynb, the folder's. */
function nameOf(file: string): string {
  const name = basename(file, ".ipynb");
  return name === "task" ? basename(dirname(file)) || name : name;
}

/** `cause`: what reading it threw. `what`: what its path should be of. */
export function whyUnreadable(cause: unknown, what = "give the path of a notebook"): string {
  const code = errorCode(cause);
  if (code === "ENOENT") return `there is no such file; ${what}`;
  if (code === "EISDIR") return "it is a folder; give the path of the notebook in it";
  if (code === "EACCES") return "it may not be read; change its permissions";
  return messageOf(cause);
}
