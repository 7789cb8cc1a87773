// Owns: `nbevolve export`: branches of a run as files of the user's. Only reads the run.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { RunError } from "../../core/errors.ts";
import { BRANCH_FILES, branchContent, formOf } from "../../exports/branch-content.ts";
import { writeUserFile } from "../../exports/write-file.ts";
import { findBranch, ownScore, readHistory, showNumber } from "../../history/index.ts";
import { REPEATABLE } from "../../kernels/jupyter/kernel-environment.ts";
import { readJson } from "../../loop/json-blob.ts";
import { branchPresenter, openRunStore } from "../../store/index.ts";
import type { Task } from "../../contracts/index.ts";
import { EXIT } from "../exit-codes.ts";
import { appendValue } from "../flags/flag-values.ts";
import { print, printError } from "../terminal/screen.ts";

interface ExportFlags {
  readonly best: readonly string[];
  readonly branch: readonly string[];
  readonly force?: boolean;
}

/** A branch, by its id or `best`, and where it goes. */
interface Wanted {
  readonly id: string;
  readonly file: string;
}

export function defineExportCommand(command: Command): void {
  command
    .argument("<dir>", "Run directory, also of a run that is live or was interrupted.")
    .option(
      "--best <file>",
      `Write the best branch. Its ending says what: ${BRANCH_FILES}. Repeatable.`,
      appendValue,
      [],
    )
    .option("--branch <id=file>", "Write another branch, such as b7=b7.py. Repeatable.", appendValue, [])
    .option("--force", "Write over files that are there already.")
    .action(async (dir: string, flags: ExportFlags) => {
      process.exitCode = await exportBranches(dir, flags);
    });
}

/** Resolves to the exit code: 1 where a branch has no such thing. @throws RunError. */
async function exportBranches(dir: string, { best, branch, force = false }: ExportFlags): Promise<number> {
  const wanted = [...best.map((file) => ({ id: "best", file })), ...branch.map(readPair)];
  checkFiles(wanted, force);
  await using store = await openRunStore(dir, { mode: "read" });
  const history = await readHistory(store);
  const task = await readJson<Task>(store, history.task);
  const source = {
    blobs: store,
    present: branchPresenter(store),
    task,
    environment: { ...REPEATABLE, MPLBACKEND: "agg" },
    settings: history.settings,
  };
  // All branches are known before anything is written.
  const found = wanted.map(({ id, file }) => ({ file, branch: findBranch(history, id, dir) }));
  let isWhole = true;
  for (const { file, branch: one } of found) {
    const content = await branchContent(source, one, file);
    if (content === null) {
      const kind = file.slice(-3).toUpperCase();
      printError(`${file} is not written: no cell of ${one.id} draws a picture as ${kind}`);
      isWhole = false;
      continue;
    }
    await writeUserFile(file, content, { replaces: force });
    print(`${file}: ${one.id}, score ${showNumber(ownScore(one.score))}; ${formOf(file).what}`);
  }
  return isWhole ? EXIT.done : EXIT.failed;
}

function readPair(text: string): Wanted {
  const at = text.indexOf("=");
  if (at > 0 && at < text.length - 1) return { id: text.slice(0, at), file: text.slice(at + 1) };
  throw new RunError("bad-option", `--branch ${text}: write it as ID=FILE, such as b7=b7.py`);
}

/** @throws RunError `bad-option` for what can be known before the run is read. */
function checkFiles(wanted: readonly Wanted[], force: boolean): void {
  if (wanted.length === 0)
    throw new RunError(
      "bad-option",
      `say what to write: --best FILE or --branch ID=FILE, with ${BRANCH_FILES}`,
    );
  const names = wanted.map(({ file }) => resolve(file));
  const twice = wanted.find((_, at) => names.indexOf(names[at] ?? "") !== at);
  if (twice !== undefined)
    throw new RunError("bad-option", `${twice.file} is to be written twice: give each its own name`);
  for (const { file } of wanted) {
    formOf(file);
    if (!force && existsSync(file))
      throw new RunError(
        "bad-option",
        `${file} cannot be written: it is there already; --force writes over it`,
      );
  }
}
