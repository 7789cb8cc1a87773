// Owns: `nbevolve new`: a first notebook of one's own task, and what to do with it.
import { statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { errorCode, messageOf, RunError } from "../../core/errors.ts";
import { ownCommand, pathWord } from "../../core/shell-words.ts";
import { makeTaskNotebook } from "../../tasks/new-task.ts";
import { describeTable, readTableHead } from "../../tasks/table-head.ts";
import { shownGuide } from "../../shipped.ts";
import { print } from "../terminal/screen.ts";

interface NewFlags {
  readonly from?: string;
  readonly data?: string;
}

export function defineNewCommand(command: Command): void {
  command
    .argument("<file>", "The notebook to make, such as my-task.ipynb.")
    .option("--from <benchmark>", "Begin with the notebook of a benchmark. Default: a small example.")
    .option(
      "--data <file>",
      "Begin with an example that reads this table (CSV, two columns of numbers or more, below a line of names).",
    )
    .action(async (file: string, flags: NewFlags) => print(await writeTask(file, flags)));
}

/** What was written, and what comes next. @throws RunError `bad-option`. */
export async function writeTask(file: string, { from, data }: NewFlags): Promise<string> {
  if (!file.endsWith(".ipynb"))
    throw new RunError("bad-option", `${file} would be no notebook: let its name end in .ipynb`);
  const table = data === undefined ? undefined : resolve(data);
  if (table !== undefined && statSync(table, { throwIfNoEntry: false })?.isFile() !== true)
    throw new RunError("bad-option", `--data ${data}: there is no such file`);
  if (table !== undefined && from !== undefined)
    throw new RunError("bad-option", "--data begins with an example of its own: leave --from out");
  const head = table === undefined ? undefined : await readTableHead(table, data ?? table);
  const text = await makeTaskNotebook(
    table === undefined || head === undefined ? { from } : { data: { path: table, head } },
  );
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (cause) {
    const reason =
      errorCode(cause) === "EEXIST" ? "it is there already; choose another name" : messageOf(cause);
    throw new RunError("bad-option", `${file} cannot be written: ${reason}`, { cause });
  }
  const read = table === undefined ? [] : ["--read", table];
  return [
    ...(head === undefined ? [] : [`${data} has ${describeTable(head)}`]),
    `${file} is a whole task: a statement, a first try, and a verifier that scores a submission. Make it yours in JupyterLab;`,
    `${shownGuide("your-own-task.md")} says what each cell is for. It runs as it is:`,
    `  ${ownCommand("run", pathWord(file), ...read)}`,
  ].join("\n");
}
