// Owns: the grammar of what is done with a run's directory: commands to a live run, and looking at it again. Never does it.
import type { Command } from "commander";
import { whole } from "../flags/flag-values.ts";
import { inject, pause, steer, stop, unpause, type SteerFlags } from "./control.ts";
import { replay, type ReplayFlags } from "./replay.ts";
import { reproduceCommand } from "./reproduce.ts";
import { boxed, boxing, type SandboxFlags } from "../flags/sandbox-flags.ts";
import { show, type ShowFlags } from "./show.ts";

/** Adds what a live run hears. */
export function controlCommands(root: Command, exit: (code: number) => void): void {
  root
    .command("steer")
    .description("tell the model of a run something: now where it goes on, else when it is resumed")
    .argument("<dir>", "run directory")
    .argument("<note>", 'such as "try a hexagonal start"')
    .option("--branch <branch>", "only below this branch, such as b7")
    .option("--proposals <n>", "so many are told it; default: 5", whole)
    .action(async (dir: string, note: string, flags: SteerFlags) => exit(await steer(dir, note, flags)));
  root
    .command("inject")
    .description("bring a notebook of your own into a run: it is run, scored, and may become a parent")
    .argument("<dir>", "run directory")
    .argument("<notebook>", "path of a notebook")
    .action(async (dir: string, notebook: string) => exit(await inject(dir, notebook)));
  for (const [name, words, send] of [
    ["pause", "let no further episode of a live run begin", pause],
    ["unpause", "let a paused run go on", unpause],
    ["stop", "end a live run once its open episodes have ended; Ctrl-C there ends it at once", stop],
  ] as const) {
    root
      .command(name)
      .description(words)
      .argument("<dir>", "run directory")
      .action(async (dir: string) => exit(await send(dir)));
  }
}

/** Adds what looks at a run, live or not, again. */
export function lookingCommands(root: Command, exit: (code: number) => void): void {
  root
    .command("show")
    .description("lineage and scores of a run, or one branch in full")
    .argument("<dir>", "run directory")
    .argument("[branch]", "such as b7")
    .option("--full", "of a branch: every cell whole")
    .option("--json", "as JSON")
    .action((dir: string, branch: string | undefined, flags: ShowFlags) => show(dir, branch, flags));
  boxed(root.command("reproduce"))
    .description(
      "run a branch's notebook top to bottom in a fresh kernel; compare score, outputs and variables",
    )
    .argument("<dir>", "run directory")
    .argument("[branch]", "such as b7; default: the best")
    .option("--json", "as JSON")
    .action(async (dir: string, branch: string | undefined, flags: SandboxFlags & { json?: boolean }) =>
      exit(await reproduceCommand(dir, branch, boxing(flags), flags.json === true)),
    );
  boxed(root.command("replay"))
    .description("build a run's population anew from its journal, and check every decision of its strategy")
    .argument("<dir>", "run directory")
    .option("--execute", "play the recorded replies again on fresh kernels, and tell what differs first")
    .option("--json", "as JSON")
    .action(async (dir: string, flags: ReplayFlags) => exit(await replay(dir, flags)));
}
