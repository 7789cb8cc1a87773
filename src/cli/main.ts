#!/usr/bin/env node
// Owns: the command line as a whole: the list of its commands, the look of their help, and how it ends.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError, type Option } from "commander";
import { messageOf, RunError } from "../core/errors.ts";
import { packageRoot } from "../shipped.ts";
import { addBenchCommand } from "./commands/bench.ts";
import { addControlCommands } from "./commands/control.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addModelsCommand } from "./commands/models.ts";
import { addRenderCommand } from "./commands/render.ts";
import { addReplayCommand } from "./commands/replay.ts";
import { addReproduceCommand } from "./commands/reproduce.ts";
import { addResumeCommand } from "./commands/resume.ts";
import { addRunCommand } from "./commands/run.ts";
import { addShowCommand } from "./commands/show.ts";
import { addTasksCommand } from "./commands/tasks.ts";
import { addVerifyCommand } from "./commands/verify.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";

/** In the order in which the help lists them. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addRunCommand,
  addResumeCommand,
  addControlCommands,
  addShowCommand,
  addReproduceCommand,
  addReplayCommand,
  addVerifyCommand,
  addTasksCommand,
  addRenderCommand,
  addDoctorCommand,
  addModelsCommand,
  addBenchCommand,
];

function commandLine(): Command {
  const program = new Command("nbevolve")
    .description("Evolve Jupyter notebooks, and the live kernels behind them, against a verifier.")
    .version(version(), "-V, --version", "Print the version.")
    .helpOption("-h, --help", "Print this help.")
    .helpCommand("help [command]", "Print the help of a command.")
    .exitOverride()
    .configureHelp({ optionDescription: describeOption })
    .configureOutput({ outputError: (text, write) => write(`nbevolve: ${text.replace(/^error: /, "")}`) })
    .showHelpAfterError("(nbevolve --help tells more)");
  for (const add of COMMANDS) add(program);
  return program;
}

/** `How many ... One of best, all. Default best.`: sentences, as in the rest of the help. */
function describeOption({ description, argChoices, defaultValue, envVar, negate }: Option): string {
  const hasDefault = typeof defaultValue === "string" || typeof defaultValue === "number";
  return [
    description,
    ...(argChoices === undefined ? [] : [`One of ${argChoices.join(", ")}.`]),
    ...(hasDefault && !negate ? [`Default ${defaultValue}.`] : []),
    ...(envVar === undefined ? [] : [`Also read from ${envVar}.`]),
  ].join(" ");
}

function version(): string {
  const { version: own }: { version: string } = JSON.parse(
    readFileSync(join(packageRoot(), "package.json"), "utf8"),
  );
  return own;
}

/** Prints what was thrown. Gives the exit code. */
function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  process.stderr.write(`nbevolve: ${messageOf(error)}\n`);
  const known = error instanceof RunError && !process.env["NBEVOLVE_DEBUG"];
  if (!known && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exitCodeOf(error);
}

try {
  await commandLine().parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
