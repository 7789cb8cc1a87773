#!/usr/bin/env node
// Owns: the command line as a whole: the list of its commands, the look of their help, and how it ends.
import { Command, CommanderError, type Option } from "commander";
import { isShortOfFiles, messageOf, openFilesError, RunError } from "../core/errors.ts";
import { requireOpenFiles } from "../machine/open-files.ts";
import { packageVersion } from "../shipped.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { watchTerminal } from "./interrupts.ts";
import { print, printError } from "./terminal/screen.ts";

interface CommandEntry {
  /** Whether it says itself where too few files may be open to load what it needs. Default false. */
  readonly checksFiles?: boolean;
  readonly name: string;
  readonly description: string;
  /** Imports what gives the command its arguments, flags and action. Only the command that was typed is loaded. */
  readonly load: () => Promise<(command: Command) => void>;
}

/** In the order in which the help lists them. */
const COMMANDS: readonly CommandEntry[] = [
  {
    name: "run",
    description: "Evolve a task: a notebook of your own, or a benchmark.",
    load: async () => (await import("./commands/run.ts")).defineRunCommand,
  },
  {
    name: "new",
    description: "Make a first notebook of a task of your own.",
    load: async () => (await import("./commands/new.ts")).defineNewCommand,
  },
  {
    name: "resume",
    description: "Go on with an interrupted or finished run.",
    load: async () => (await import("./commands/resume.ts")).defineResumeCommand,
  },
  {
    name: "steer",
    description: "Send a note to the model of a run. A run that is not live reads it when it is resumed.",
    load: async () => (await import("./commands/control.ts")).defineSteerCommand,
  },
  {
    name: "inject",
    description: "Add a notebook of your own to a run: it is run and scored, and may become a parent.",
    load: async () => (await import("./commands/control.ts")).defineInjectCommand,
  },
  {
    name: "pause",
    description: "Let no further episode of a live run begin.",
    load: async () => (await import("./commands/control.ts")).definePauseCommand,
  },
  {
    name: "unpause",
    description: "Let a paused run go on.",
    load: async () => (await import("./commands/control.ts")).defineUnpauseCommand,
  },
  {
    name: "stop",
    description:
      "Stop a live run once its open episodes have ended. Ctrl-C in its terminal stops it at once.",
    load: async () => (await import("./commands/control.ts")).defineStopCommand,
  },
  {
    name: "show",
    description: "Print the lineage and the scores of a run, or one branch in full.",
    load: async () => (await import("./commands/show.ts")).defineShowCommand,
  },
  {
    name: "export",
    description: "Write branches of a run as files: submission, script, picture, notebook.",
    load: async () => (await import("./commands/export.ts")).defineExportCommand,
  },
  {
    name: "ui",
    description: "Serve the page of a run, or of the runs in a folder: live curves, lineage, notebooks.",
    load: async () => (await import("./commands/ui.ts")).defineUiCommand,
  },
  {
    name: "report",
    description: "Write a run's page as one file, to keep or to mail: curves, lineage, notebooks.",
    load: async () => (await import("./commands/report.ts")).defineReportCommand,
  },
  {
    name: "open",
    description: "Open the best notebook of a run, or a branch's, in JupyterLab.",
    load: async () => (await import("./commands/open.ts")).defineOpenCommand,
  },
  {
    name: "runs",
    description: "List the runs in a folder: task, best score, how far each came.",
    load: async () => (await import("./commands/runs.ts")).defineRunsCommand,
  },
  {
    name: "compare",
    description: "Put up to eight runs beside each other: scores, proposals, tokens, money, time.",
    load: async () => (await import("./commands/compare.ts")).defineCompareCommand,
  },
  {
    name: "reproduce",
    description:
      "Run a branch's notebook from top to bottom in a fresh kernel, and compare its score, outputs and variables.",
    load: async () => (await import("./commands/reproduce.ts")).defineReproduceCommand,
  },
  {
    name: "replay",
    description:
      "Rebuild the population of a run from its journal, and check every decision of its strategy.",
    load: async () => (await import("./commands/replay.ts")).defineReplayCommand,
  },
  {
    name: "verify",
    description: "Judge a notebook or a submission with the verifier of a task.",
    load: async () => (await import("./commands/verify.ts")).defineVerifyCommand,
  },
  {
    name: "tasks",
    description:
      "List the benchmarks that ship, with their published and best known scores, or describe one.",
    load: async () => (await import("./commands/tasks.ts")).defineTasksCommand,
  },
  {
    name: "render",
    description: "Print exactly what a model would see of a notebook, with the tokens of each section.",
    load: async () => (await import("./commands/render.ts")).defineRenderCommand,
  },
  {
    name: "doctor",
    description: "Check what this machine has and what is missing, with the remedy.",
    checksFiles: true,
    load: async () => (await import("./commands/doctor.ts")).defineDoctorCommand,
  },
  {
    name: "models",
    description: "List what is known about models, or check what one behind an endpoint can do.",
    load: async () => (await import("./commands/models.ts")).defineModelsCommand,
  },
  {
    name: "bench",
    description: "Measure a part of nbevolve, and print tables or JSON.",
    load: async () => (await import("./commands/bench.ts")).defineBenchCommand,
  },
];

function commandLine(): Command {
  const program = new Command("nbevolve")
    .description("Evolve Jupyter notebooks, and the live kernels behind them, against a verifier.")
    .version(packageVersion(), "-V, --version", "Print the version.")
    .helpOption("-h, --help", "Print this help.")
    .helpCommand("help [command]", "Print the help of a command.")
    .exitOverride()
    .configureHelp({ optionDescription: describeOption })
    .configureOutput({
      writeOut: print,
      writeErr: printError,
      outputError: (text, write) => write(`nbevolve: ${text.replace(/^error: /, "")}`),
    })
    .showHelpAfterError("(nbevolve --help tells more)");
  for (const { name, description } of COMMANDS) program.command(name).description(description);
  return program.hook("preSubcommand", async (_, command) => {
    const entry = COMMANDS.find(({ name }) => name === command.name());
    if (entry?.checksFiles !== true) requireOpenFiles();
    (await entry?.load())?.(command);
  });
}

/** `help run` as `run --help`: a command has its flags once it is loaded. */
function wordsTyped(): readonly string[] {
  const [first, ...rest] = process.argv.slice(2);
  if (first === undefined) return [];
  const isNamed = COMMANDS.some(({ name }) => name === rest[0]);
  return first === "help" && isNamed ? [...rest, "--help"] : [first, ...rest];
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

/** Prints what was thrown. Gives the exit code. */
function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  printError(`nbevolve: ${messageOf(error)}`);
  const known = error instanceof RunError && !process.env["NBEVOLVE_DEBUG"];
  if (!known && error instanceof Error) printError(`${error.stack}`);
  return exitCodeOf(error);
}

watchTerminal();
try {
  await commandLine().parseAsync(wordsTyped(), { from: "user" });
} catch (error) {
  process.exitCode = reportError(
    isShortOfFiles(error) ? openFilesError("no more files", "it needs more", error) : error,
  );
}
