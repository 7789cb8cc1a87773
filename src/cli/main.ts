#!/usr/bin/env node
// Owns: the command line's grammar. What a command does stands in its own file.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { messageOf, RunError } from "../core/errors.ts";
import { MODEL_SPECS } from "../models/model-from-spec.ts";
import type { RunOptions } from "../run/start-run.ts";
import type { ReproduceMode } from "../loop/reproductions.ts";
import { packageRoot } from "../shipped.ts";
import { approvalFrom } from "./approve.ts";
import { bench, type BenchFlags } from "./bench-command.ts";
import { doctor } from "./doctor-command.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { inject, pause, steer, stop, unpause, type SteerFlags } from "./letter-command.ts";
import { LIMIT_NAMES, limitsFrom } from "./limits.ts";
import { asking, modelNamed, modelOrigin, type ModelFlags } from "./model-flags.ts";
import { checkCommand, listModels, type CheckFlags } from "./models-command.ts";
import { noticeBoard, type NoticeBoard } from "./notice-board.ts";
import { parametersFrom, rendererNamed, strategyNamed } from "./parts.ts";
import { render, type RenderFlags } from "./render-command.ts";
import { reproduceCommand } from "./reproduce-command.ts";
import { replay, type ReplayFlags } from "./replay-command.ts";
import { branching, branchingOptions, type KernelFlags } from "./kernel-flags.ts";
import { resumeOptions, type ResumeFlags } from "./resume-options.ts";
import { STRATEGY_NAMES } from "./strategies.ts";
import { isStrategyFile } from "./strategy-file.ts";
import { sitting } from "./run-command.ts";
import { remoteAddress } from "../kernels/remote-address.ts";
import { serverFrom } from "./server-flags.ts";
import { boxed, boxing, type SandboxFlags } from "./sandbox-flags.ts";
import { show, type ShowFlags } from "./show-command.ts";
import { tasks } from "./tasks-command.ts";
import { verify } from "./verify-command.ts";

interface RunFlags extends SandboxFlags, ModelFlags, KernelFlags {
  readonly model: string;
  readonly strategy: string;
  readonly set: readonly string[];
  readonly budget: readonly string[];
  readonly renderer: string;
  readonly proposals: number;
  readonly parallel: number;
  readonly rounds: number;
  readonly seed?: number;
  readonly order: "as-finished" | "as-proposed";
  readonly reproduce: ReproduceMode;
  readonly param: readonly string[];
  readonly approve: readonly string[];
  readonly server?: string;
  readonly token?: string;
  readonly kernel?: string;
  readonly dir?: string;
  readonly json?: boolean;
}

interface ResumeRunFlags extends ResumeFlags, SandboxFlags, KernelFlags {
  readonly json?: boolean;
}

const APPROVE_HELP = "of tool calls: ask, or ask:, deny:, allow: and names of tools; repeatable";

const TOKEN_HELP = "of that server; better: NBEVOLVE_SERVER_TOKEN, which nobody sees in a list of processes";

function program(exit: (code: number) => void): Command {
  const root = new Command("nbevolve")
    .description("Evolve Jupyter notebooks, and the live kernels behind them, against a verifier.")
    .version(version())
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`nbevolve: ${text.replace(/^error: /, "")}`) })
    .showHelpAfterError("(nbevolve --help tells more)");
  branching(asking(boxed(root.command("run")), MODEL_SPECS, "offline"))
    .description("evolve a task: a notebook, or the name of a benchmark")
    .argument("<task>", "path of a task notebook, or a benchmark's name")
    .option("--strategy <name>", `${STRATEGY_NAMES.join(", ")}; or a file: ./mine.js`, "tournament")
    .option("--set <name=value>", "a setting of the strategy; repeatable", collect, [])
    .option("--renderer <name>", "log-structured, positional, plain", "log-structured")
    .option("--proposals <n>", "in all", whole, 20)
    .option("--budget <name=value>", `limit ${LIMIT_NAMES} of the run; repeatable`, collect, [])
    .option("--parallel <n>", "episodes at a time", whole, 2)
    .option("--rounds <n>", "rounds an episode", whole, 1)
    .option("--seed <n>", "default: drawn", whole0)
    .addOption(
      new Option("--order <order>", "as-proposed: one seed, one population")
        .choices(["as-finished", "as-proposed"])
        .default("as-finished"),
    )
    .addOption(reproduceOption().default("best"))
    .option("--param <name=value>", "override a parameter of the task; repeatable", collect, [])
    .option("--approve <rule>", APPROVE_HELP, collect, [])
    .option("--server <url>", "kernels on this Jupyter server, JupyterHub user server or Enterprise Gateway")
    .option("--token <token>", TOKEN_HELP)
    .option("--kernel <name>", "name of a kernel spec of that server; default: its own default")
    .option("--dir <dir>", "run directory; default: runs/<task>-<time>")
    .option("--json", "one JSON object on standard output at the end")
    .action(async (task: string, flags: RunFlags) => {
      const board = noticeBoard();
      const options = await runOptions(task, flags, board);
      exit(await sitting(options, flags.json === true, board, approvalFrom(flags.approve)));
    });
  branching(asking(boxed(root.command("resume")), "in place of the run's own"))
    .description("go on with an interrupted or finished run")
    .argument("<dir>", "run directory")
    .option("--proposals <n>", "in all, those already made included", whole)
    .option("--budget <name=value>", `change a limit: ${LIMIT_NAMES}; none lifts it`, collect, [])
    .option("--parallel <n>", "episodes at a time", whole)
    .option("--server <url>", "in place of the run's own")
    .option("--token <token>", TOKEN_HELP)
    .option("--approve <rule>", `${APPROVE_HELP}; default: the run's own; allow lifts them`, collect, [])
    .addOption(reproduceOption())
    .option("--json", "one JSON object on standard output at the end")
    .action(async (dir: string, flags: ResumeRunFlags) => exit(await resume(dir, flags)));
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
  boxed(root.command("verify"))
    .description("judge a notebook or a submission against a task")
    .argument("<task>", "path of a task notebook, or a benchmark's name")
    .argument("<file>", "a notebook (.ipynb), or the submission as JSON")
    .option("--param <name=value>", "override a parameter of the task; repeatable", collect, [])
    .option("--json", "as JSON")
    .action(
      async (
        task: string,
        file: string,
        flags: { param: readonly string[]; json?: boolean } & SandboxFlags,
      ) =>
        exit(
          await verify(
            task,
            file,
            { parameters: parametersFrom(flags.param), ...boxing(flags) },
            flags.json === true,
          ),
        ),
    );
  root
    .command("tasks")
    .description("the benchmarks that ship, with published and best known values")
    .option("--json", "as JSON")
    .action((flags: { json?: boolean }) => tasks(flags.json === true));
  root
    .command("doctor")
    .description("what this machine has, what is missing, and the remedy")
    .option("--json", "as JSON")
    .action(async (flags: { json?: boolean }) => exit(await doctor(flags.json === true)));
  const models = root
    .command("models")
    .description("what is known about models, or (check) what one behind an endpoint can do")
    .option("--json", "as JSON")
    .action((flags: { json?: boolean }) => listModels(flags.json === true));
  asking(models.command("check"), MODEL_SPECS)
    .description("one cheap conversation that tests tools, pictures, streaming, usage and caching")
    .option("--json", "as JSON")
    .action(async (flags: CheckFlags) => exit(await checkCommand({ ...models.opts(), ...flags })));
  root
    .command("render")
    .description("exactly what a model would see of a notebook, with the tokens of each section")
    .argument("<notebook>", "path of a notebook, a task's too, or a benchmark's name")
    .option("--renderer <name>", "log-structured, positional, plain", "log-structured")
    .option("--budget <tokens>", "that the notebook's view may take; default: the task's, or 8000", whole)
    .option("--json", "the prompt as JSON")
    .action(async (file: string, flags: RenderFlags) => exit(await render(file, flags)));
  asking(root.command("bench"), `maths: ${MODEL_SPECS}`, "offline")
    .description("measure: context, controller, kernels, maths, models, soak, strategies, verifiers")
    .argument(
      "<benchmark>",
      "context: what renderers cost and show; controller: proposals a second, resume, ask and tell; kernels: round trips, checkpoints, restores; " +
        "maths: the benchmarks as runs, with a table and plots; models: what a reply costs beside the server's time; " +
        "soak: a run whose processes are killed at random; " +
        "strategies: the best that each finds on circles-square-26; verifiers: the time of a judgement",
    )
    .option("--problems <names>", "maths: separated by commas; default: all")
    .option("--minutes <n>", "maths: of each run, earlier sittings included; default: 20", minutes)
    .option("--plots <dir>", "maths: where the plots go; default: plots/ in --dir")
    .option("--branches <n>", "controller: of the history that is resumed and asked; default: 100000", whole)
    .option("--proposals <n>", "strategies: of each run; default: 24", whole)
    .option("--generations <n>", "kernels: of one lineage; default: 100", whole)
    .option("--kills <n>", "soak: how many; default: 100", whole)
    .option("--seeds <n>", "strategies, maths: runs of each; default: 5, 1", whole)
    .option("--task <task>", "strategies: a benchmark's name; default: circles-square-26")
    .option("--explorations <n>", "strategies: of the offline model, a round; default: 2", whole)
    .option(
      "--dir <dir>",
      "strategies, maths: keep the runs there, and go on with those that are there; default for maths: runs/bench-maths",
    )
    .option("--inputs <dir>", "context: folder with traces/ and notebooks/; default: ../shared")
    .option("--json", "as JSON")
    .action(async (name: string, flags: BenchFlags) => exit(await bench(name, flags)));
  return root;
}

async function resume(dir: string, flags: ResumeRunFlags): Promise<number> {
  const board = noticeBoard();
  const { options, approve } = await resumeOptions(dir, flags, board.listener);
  const whole = { ...options, ...boxing(flags), ...branchingOptions(flags) };
  return sitting(whole, flags.json === true, board, approvalFrom(approve));
}

async function runOptions(task: string, flags: RunFlags, board: NoticeBoard): Promise<RunOptions> {
  const { model, strategy, renderer, param, dir, seed, proposals, parallel, rounds, order } = flags;
  const settings = parametersFrom(flags.set, "--set");
  const server = serverFrom(flags);
  return {
    task,
    model: await modelNamed(model, flags, board.listener),
    strategy: ({ descriptors }) => strategyNamed(strategy, settings, { descriptors }),
    renderer: rendererNamed(renderer),
    parameters: parametersFrom(param),
    ...boxing(flags),
    ...(server !== undefined && { server }),
    ...branchingOptions(flags),
    origin: {
      ...modelOrigin(model, flags),
      ...(isStrategyFile(strategy) && { strategy: resolve(strategy) }),
      ...(server !== undefined && { server: remoteAddress(server).base }),
      ...(server?.kernel !== undefined && { kernel: server.kernel }),
      ...(flags.approve.length > 0 && { approve: [...flags.approve] }),
    },
    proposals,
    budget: limitsFrom(flags.budget),
    parallel,
    rounds,
    order,
    reproduce: flags.reproduce,
    ...(seed !== undefined && { seed }),
    ...(dir !== undefined && { dir }),
  };
}

function reproduceOption(): Option {
  const what =
    "which branches are run anew in a fresh kernel, beside the run; a score that is gone is not the best";
  return new Option("--reproduce <which>", what).choices(["best", "all", "none"]);
}

function version(): string {
  const { version: own }: { version: string } = JSON.parse(
    readFileSync(join(packageRoot(), "package.json"), "utf8"),
  );
  return own;
}

function whole(text: string): number {
  const value = whole0(text);
  if (value === 0) throw new InvalidArgumentError("It must be 1 or more.");
  return value;
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e6)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

function whole0(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
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
