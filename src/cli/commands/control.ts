// Owns: `nbevolve steer`, `inject`, `pause`, `unpause` and `stop`: a command to a run, and what the sender reads about it.
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { injectNotebook, pauseRun, steerRun, stopRun, unpauseRun, type Sent } from "../../run/control.ts";
import { ownCommand, pathWord } from "../../core/shell-words.ts";
import { stringOf } from "../../core/untrusted.ts";
import { readSteps } from "../../history/index.ts";
import { EXIT } from "../exit-codes.ts";
import { readCount } from "../flags/flag-values.ts";
import { print, printError } from "../terminal/screen.ts";

/** How long a live run is given to take a command before the sender reads that it is on its way. */
const PATIENCE_MS = 3000;
const LOOK_MS = 50;

interface SteerFlags {
  readonly branch?: string;
  readonly proposals: number;
}

export function defineSteerCommand(command: Command): void {
  command
    .argument("<dir>", "Run directory.")
    .argument("<note>", 'What the model is to know, such as "try a hexagonal start".')
    .option(
      "--branch <branch>",
      "Give the note only to proposals that descend from this branch, such as b7. Default: to all.",
    )
    .option("--proposals <n>", "How many of the next proposals get the note.", readCount, 5)
    .action(async (dir: string, note: string, flags: SteerFlags) => {
      process.exitCode = await steer(dir, note, flags);
    });
}

export function defineInjectCommand(command: Command): void {
  command
    .argument("<dir>", "Run directory.")
    .argument("<notebook>", "Path of a notebook.")
    .action(async (dir: string, notebook: string) => {
      const sent = await injectNotebook(dir, notebook);
      process.exitCode = await report(dir, sent, {
        taken: "taken: it is run and scored now",
        next: "show",
      });
    });
}

export function definePauseCommand(command: Command): void {
  defineSignal(command, pauseRun, {
    taken: "paused: open episodes end, and none begins",
    next: "unpause",
  });
}

export function defineUnpauseCommand(command: Command): void {
  defineSignal(command, unpauseRun, { taken: "unpaused" });
}

export function defineStopCommand(command: Command): void {
  defineSignal(command, stopRun, { taken: "stopping: open episodes end first", next: "resume" });
}

/** What to print once the run has taken a command. */
interface Taken {
  readonly taken: string;
  /** What comes next for a person: a command that takes the run directory. */
  readonly next?: "show" | "unpause" | "resume";
}

/** A command that a live run alone can take. */
function defineSignal(command: Command, send: (dir: string) => Promise<Sent | null>, taken: Taken): void {
  command.argument("<dir>", "Run directory.").action(async (dir: string) => {
    const sent = await send(dir);
    process.exitCode = sent === null ? reportNoRun(dir) : await report(dir, sent, taken);
  });
}

async function steer(dir: string, note: string, { branch, proposals }: SteerFlags): Promise<number> {
  const sent = await steerRun(dir, note, { branch, proposals });
  const which = proposals === 1 ? "the next proposal" : `the next ${proposals} proposals`;
  const where = branch === undefined ? "" : ` below ${branch}`;
  return report(dir, sent, {
    taken: (await isOffline(dir))
      ? "taken; but this run was started with the offline model, which reads no notes"
      : `taken: the model of ${which}${where} reads it`,
  });
}

/** Whether the run was started with the offline model. */
async function isOffline(dir: string): Promise<boolean> {
  for await (const { history } of readSteps(dir)) return stringOf(history.settings["model"]) === "offline";
  return false;
}

function reportNoRun(dir: string): number {
  printError(`no run is live in ${dir}: there is nothing to pause or stop`);
  return EXIT.failed;
}

/** Resolves to the exit code. */
async function report(dir: string, sent: Sent, { taken, next }: Taken): Promise<number> {
  const until = performance.now() + PATIENCE_MS;
  while (sent.isLive && sent.isWaiting() && performance.now() < until) await sleep(LOOK_MS);
  const after = next === undefined ? "" : `; ${AFTER[next]}: ${ownCommand(next, pathWord(dir))}`;
  print(sent.isWaiting() ? waitingText(dir, sent) : `${taken}${after}`);
  return EXIT.done;
}

const AFTER = { show: "to see it", unpause: "to go on", resume: "to go on" } as const;

function waitingText(dir: string, { isLive, command }: Sent): string {
  if (!isLive)
    return `kept: no run is live in ${dir}; it is taken up by: ${ownCommand("resume", pathWord(dir))}`;
  return command.kind === "inject"
    ? "kept: it is run as soon as an episode has ended and a kernel is free"
    : "kept: the run takes it up once it has started";
}
