// Owns: `nbevolve tasks`: the benchmarks that ship, with the scores to compare with.
import type { Command } from "commander";
import { BENCHMARKS } from "../../../benchmarks/index.ts";
import { print, printJson } from "../terminal/screen.ts";

export function defineTasksCommand(command: Command): void {
  command.option("--json", "Print the list as JSON.").action(({ json }: { readonly json?: boolean }) => {
    if (json === true) printJson(BENCHMARKS);
    else print(table());
  });
}

function table(): string {
  const rows = [
    ["name", "direction", "published", "best known"],
    ...BENCHMARKS.map((one) => [one.name, one.direction, `${one.published}`, `${one.bestKnown}`]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)) + 2);
  return rows.map((row) => row.map((text, at) => text.padEnd(widths[at] ?? 0)).join("")).join("\n");
}
