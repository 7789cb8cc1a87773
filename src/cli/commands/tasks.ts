// Owns: `nbevolve tasks`: the benchmarks that ship, with the values to compare with.
import { BENCHMARKS } from "../../../benchmarks/index.ts";

/** Prints the list; the lines are as wide as their words. */
export function tasks(json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(BENCHMARKS)}\n`);
  else process.stdout.write(`${table()}\n`);
}

function table(): string {
  const rows = [
    ["name", "direction", "published", "best known"],
    ...BENCHMARKS.map((one) => [one.name, one.direction, `${one.published}`, `${one.bestKnown}`]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)) + 2);
  return rows.map((row) => row.map((text, at) => text.padEnd(widths[at] ?? 0)).join("")).join("\n");
}
