// Owns: `nbevolve tasks`: the benchmarks that ship, with the scores to compare with, or one of them in full.
import type { Command } from "commander";
import { BENCHMARKS } from "../../../benchmarks/index.ts";
import { ownCommand } from "../../core/shell-words.ts";
import { loadTask } from "../../tasks/load-task.ts";
import { alignColumns, print, printJson } from "../terminal/screen.ts";

export function defineTasksCommand(command: Command): void {
  command
    .argument("[name]", "A benchmark to describe. Default: list them all.")
    .option("--json", "Print JSON.")
    .action(async (name: string | undefined, { json }: { readonly json?: boolean }) => {
      if (name === undefined) return json === true ? printJson(BENCHMARKS) : print(table());
      const task = await loadTask(name);
      const known = BENCHMARKS.find((one) => one.name === task.name);
      const { statement, direction, submission, parameters, descriptors, limits } = task;
      const facts = { name: task.name, direction, submission, parameters, descriptors, limits };
      if (json === true) return printJson({ ...facts, ...known, statement });
      const values =
        known === undefined
          ? []
          : [`published ${known.published} (AlphaEvolve, 2025), best known ${known.bestKnown}`];
      print(
        [
          statement,
          "",
          `${direction} the score${Object.keys(parameters).length === 0 ? "" : `; parameters ${JSON.stringify(parameters)}`}`,
          ...values,
          `run it:   ${ownCommand("run", name)}`,
          `copy it:  ${ownCommand("new", "my-task.ipynb", "--from", name)}`,
        ].join("\n"),
      );
    });
}

function table(): string {
  const rows = [
    ["name", "direction", "published", "best known"],
    ...BENCHMARKS.map((one) => [one.name, one.direction, `${one.published}`, `${one.bestKnown}`]),
  ];
  return alignColumns(rows).join("\n");
}
