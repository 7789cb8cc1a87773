// Owns: the grammar of what needs no run: tasks, models, this machine, measurements. Never does it.
import type { Command } from "commander";
import { MODEL_SPECS } from "../../models/model-from-spec.ts";
import { bench, type BenchFlags } from "./bench.ts";
import { doctor } from "./doctor.ts";
import { collect, minutes, whole } from "../flags/flag-values.ts";
import { asking } from "../flags/model-flags.ts";
import { checkCommand, listModels, type CheckFlags } from "./models.ts";
import { parametersFrom } from "../flags/parts.ts";
import { render, type RenderFlags } from "./render.ts";
import { boxed, boxing, type SandboxFlags } from "../flags/sandbox-flags.ts";
import { tasks } from "./tasks.ts";
import { verify } from "./verify.ts";

/** Adds what is asked about a task. */
export function taskCommands(root: Command, exit: (code: number) => void): void {
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
    .command("render")
    .description("exactly what a model would see of a notebook, with the tokens of each section")
    .argument("<notebook>", "path of a notebook, a task's too, or a benchmark's name")
    .option("--renderer <name>", "log-structured, positional, plain", "log-structured")
    .option("--budget <tokens>", "that the notebook's view may take; default: the task's, or 8000", whole)
    .option("--json", "the prompt as JSON")
    .action(async (file: string, flags: RenderFlags) => exit(await render(file, flags)));
}

/** Adds what tells of models and of this machine. */
export function surroundingsCommands(root: Command, exit: (code: number) => void): void {
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
}

/** Adds the measurements. */
export function benchCommand(root: Command, exit: (code: number) => void): void {
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
    .option("--minutes <n>", "maths: of each run, earlier sessions included; default: 20", minutes)
    .option("--plots <dir>", "maths: where the plots go; default: plots/ in --dir")
    .option("--branches <n>", "controller: of the history that is resumed and asked; default: 100000", whole)
    .option("--proposals <n>", "strategies: of each run; default: 24", whole)
    .option("--generations <n>", "kernels: of one lineage; default: 100", whole)
    .option("--kills <n>", "soak: how many; default: 100", whole)
    .option("--seeds <n>", "strategies, maths: runs of each; default: 5, 1", whole)
    .option("--task <task>", "strategies: a benchmark's name; default: circles-square-26")
    .option("--explorations <n>", "strategies: of the offline model, a round; default: 2", whole)
    .option(
      "--tries <n>",
      "strategies: local searches of an exploration; default: a few seconds' work",
      whole,
    )
    .option(
      "--dir <dir>",
      "strategies, maths: keep the runs there, and go on with those that are there; default for maths: runs/bench-maths",
    )
    .option("--inputs <dir>", "context: folder with traces/ and notebooks/; default: ../shared")
    .option("--json", "as JSON")
    .action(async (name: string, flags: BenchFlags) => exit(await bench(name, flags)));
}
