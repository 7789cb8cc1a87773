#!/usr/bin/env node
// Owns: the command line as a whole, and how it ends. Each command's grammar and what it does stand in their own files.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { messageOf, RunError } from "../core/errors.ts";
import { packageRoot } from "../shipped.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { controlCommands, lookingCommands } from "./commands/grammar-directory.ts";
import { benchCommand, surroundingsCommands, taskCommands } from "./commands/grammar-without-run.ts";
import { runCommands } from "./commands/grammar-run.ts";

function program(exit: (code: number) => void): Command {
  const root = new Command("nbevolve")
    .description("Evolve Jupyter notebooks, and the live kernels behind them, against a verifier.")
    .version(version())
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`nbevolve: ${text.replace(/^error: /, "")}`) })
    .showHelpAfterError("(nbevolve --help tells more)");
  for (const add of [
    runCommands,
    controlCommands,
    lookingCommands,
    taskCommands,
    surroundingsCommands,
    benchCommand,
  ])
    add(root, exit);
  return root;
}

function version(): string {
  const { version: own }: { version: string } = JSON.parse(
    readFileSync(join(packageRoot(), "package.json"), "utf8"),
  );
  return own;
}

function failed(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  process.stderr.write(`nbevolve: ${messageOf(error)}\n`);
  const known = error instanceof RunError && !process.env["NBEVOLVE_DEBUG"];
  if (!known && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exitCodeOf(error);
}

try {
  await program((code) => (process.exitCode = code)).parseAsync();
} catch (error) {
  process.exitCode = failed(error);
}
