// Owns: `nbevolve open`: a branch's notebook in JupyterLab, in a process that ends with this one. Never installs it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { messageOf, RunError } from "../../core/errors.ts";
import { ownCommand, pathWord, writeCommand } from "../../core/shell-words.ts";
import { findBranch, readHistory } from "../../history/index.ts";
import { lookForPython } from "../../machine/python/find-python.ts";
import { ask } from "../../machine/python/inspect.ts";
import { branchFile } from "../../store/index.ts";
import { EXIT } from "../exit-codes.ts";
import { INTERRUPTED, type Interruption } from "../interrupts.ts";
import { print, printError } from "../terminal/screen.ts";

export function defineOpenCommand(command: Command): void {
  command
    .argument("<dir>", "Run directory.")
    .argument("[branch]", "Branch to open, such as b7. Default: the best.")
    .option("--print", "Print the command that opens it, and start nothing.")
    .action(async (dir: string, branch: string | undefined, flags: { readonly print?: boolean }) => {
      process.exitCode = await openNotebook(dir, branch, flags.print === true);
    });
}

/** Resolves to the exit code once JupyterLab has ended. @throws RunError. */
async function openNotebook(dir: string, branch: string | undefined, printsOnly: boolean): Promise<number> {
  const file = await notebookOf(dir, branch);
  const lab = await findLab();
  if (lab === null) {
    const remedy = `install it with ${writeCommand(["pip", "install", "jupyterlab"])}, and open it`;
    printError(`${file}: there is no JupyterLab here: ${remedy}, or open the file in another program`);
    return EXIT.environment;
  }
  const words = [...lab, pathWord(file)];
  if (printsOnly) {
    print(writeCommand(words));
    return EXIT.done;
  }
  printError(`${writeCommand(words)}  (Ctrl-C ends it; cells that you run there are in no sandbox)`);
  return startLab(words);
}

/** The notebook for readers, as the run's session left it. @throws RunError `bad-option` | `run-missing`. */
async function notebookOf(dir: string, id: string | undefined): Promise<string> {
  const { id: branch } = findBranch(await readHistory(dir), id, dir);
  const file = id === undefined || id === "best" ? join(dir, "best.ipynb") : branchFile(dir, branch);
  if (existsSync(file)) return file;
  const written = ownCommand("export", pathWord(dir), "--branch", `${branch}=${branch}.ipynb`);
  throw new RunError(
    "run-missing",
    `${file} is gone, and the run still has it. Write it again with: ${written}`,
  );
}

/** What starts JupyterLab, without the notebook: as users do, or in the environment of runs; null where it is in neither. */
async function findLab(): Promise<readonly string[] | null> {
  const { env } = process;
  if ((await ask("jupyter", ["lab", "--version"], { env })).code === 0) return ["jupyter", "lab"];
  const python = await lookForPython().catch((problem: unknown) => {
    // A Python that cannot be used has no JupyterLab either.
    printError(messageOf(problem));
    return null;
  });
  return python !== null && "jupyterlab" in python.packages ? [python.python, "-m", "jupyterlab"] : null;
}

/** In this terminal; what asks this process to stop ends it. Resolves to the exit code. */
function startLab([program = "", ...args]: readonly string[]): Promise<number> {
  let cause: Interruption | null = null;
  const names: readonly Interruption[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  const handlers = names.map((name) => {
    // Jupyter asks back at a Ctrl-C, and stops at once when it is told to end.
    const handler = (): void => {
      cause ??= name;
      child.kill("SIGTERM");
    };
    // Before it is started, so that it never stays behind.
    process.on(name, handler);
    return [name, handler] as const;
  });
  const child = spawn(program, args, { stdio: "inherit" });
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      // Ctrl-C is how people leave it.
      if (cause !== null) resolve(cause === "SIGINT" ? EXIT.done : INTERRUPTED[cause]);
      else resolve(code ?? EXIT.failed);
    });
  }).finally(() => {
    for (const [name, handler] of handlers) process.off(name, handler);
  });
}
