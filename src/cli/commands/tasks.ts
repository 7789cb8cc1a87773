// Owns: `nbevolve tasks`: the benchmarks that ship, with the scores to compare with, or one of them in full.
import type { Command } from "commander";
import { type Benchmark, BENCHMARKS } from "../../../benchmarks/index.ts";
import { RunError } from "../../core/errors.ts";
import { ownCommand } from "../../core/shell-words.ts";
import { loadTask } from "../../tasks/load-task.ts";
import { writeTask } from "./new.ts";
import { alignColumns, print, printJson } from "../terminal/screen.ts";

export function defineTasksCommand(command: Command): void {
  command
    .argument("[name]", "A benchmark to describe. Default: list them all.")
    .option("--copy <file>", "Write its notebook to a file, to make a task of one's own of it.")
    .option("--json", "Print JSON.")
    .action(async (name: string | undefined, { copy, json }: TasksFlags) => {
      if (copy !== undefined) return print(await copyTask(requireName(name), copy));
      if (name === undefined) {
        const all = await withTitles();
        return json === true ? printJson(all) : print(table(all));
      }
      const task = await loadTask(name);
      const known = BENCHMARKS.find((one) => one.name === task.name);
      const { statement, direction, submission, parameters, descriptors, limits } = task;
      const facts = { name: task.name, direction, submission, parameters, descriptors, limits };
      if (json === true) return printJson({ ...facts, ...known, statement });
      print(
        [
          statement,
          "",
          `${direction} the score${Object.keys(parameters).length === 0 ? "" : `; parameters ${JSON.stringify(parameters)}`}`,
          ...(known === undefined ? [] : [valuesText(known)]),
          `run it:   ${ownCommand("run", name)}`,
          `copy it:  ${ownCommand("tasks", name, "--copy", "my-task.ipynb")}`,
        ].join("\n"),
      );
    });
}

interface TasksFlags {
  readonly copy?: string;
  readonly json?: boolean;
}

/** @throws RunError `bad-option` where none is named. */
function requireName(name: string | undefined): string {
  if (name !== undefined) return name;
  throw new RunError(
    "bad-option",
    `--copy copies one benchmark: name it, as in ${ownCommand("tasks", "circles-square-26", "--copy", "FILE")}`,
  );
}

/** @throws RunError `bad-task` | `bad-option`. */
async function copyTask(name: string, file: string): Promise<string> {
  const task = await loadTask(name); // says which names there are
  return writeTask(file, { from: task.name });
}

function valuesText({ published, bestKnown, source }: Benchmark): string {
  const by = source ?? "see the references";
  return `published ${published} (AlphaEvolve, 2025), best known ${bestKnown} (${by})`;
}

type TitledBenchmark = Benchmark & { readonly title: string };

/** Each with the heading of its statement. */
function withTitles(): Promise<readonly TitledBenchmark[]> {
  return Promise.all(
    BENCHMARKS.map(async (one) => {
      const [first = ""] = (await loadTask(one.name)).statement.split("\n", 1);
      return { ...one, title: first.replace(/^#+ /, "") };
    }),
  );
}

function table(all: readonly TitledBenchmark[]): string {
  const rows = [
    ["name", "direction", "published", "best known", ""],
    ...all.map((one) => [one.name, one.direction, `${one.published}`, `${one.bestKnown}`, one.title]),
  ];
  return [...alignColumns(rows), "", `${ownCommand("tasks", "NAME")} tells more of one.`].join("\n");
}
