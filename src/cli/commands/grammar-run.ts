// Owns: the grammar of `run` and `resume`. Never does what they do.
import { resolve } from "node:path";
import { Option, type Command } from "commander";
import type { ReproduceMode } from "../../loop/types.ts";
import { MODEL_SPECS } from "../../models/model-from-spec.ts";
import { remoteAddress } from "../../kernels/remote/remote-address.ts";
import type { RunOptions } from "../../run/run-options.ts";
import { approvalFrom } from "../flags/approve.ts";
import { collect, whole, whole0 } from "../flags/flag-values.ts";
import { branching, branchingOptions, type KernelFlags } from "../flags/kernel-flags.ts";
import { LIMIT_NAMES, limitsFrom } from "../flags/run-limits.ts";
import { asking, modelNamed, modelOrigin, type ModelFlags } from "../flags/model-flags.ts";
import { noticeBoard, type NoticeBoard } from "../terminal/notice-board.ts";
import { parametersFrom, rendererNamed, strategyNamed } from "../flags/parts.ts";
import { resumeOptions, type ResumeFlags } from "../flags/resume-options.ts";
import { runSession } from "./run.ts";
import { boxed, boxing, type SandboxFlags } from "../flags/sandbox-flags.ts";
import { serverFrom } from "../flags/server-flags.ts";
import { SHIPPED_STRATEGIES } from "../../../strategies/shipped.ts";
import { isStrategyFile } from "../flags/strategy-file.ts";

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

const STRATEGY_NAMES = SHIPPED_STRATEGIES.map(({ declaration }) => declaration.name).join(", ");

const APPROVE_HELP = "of tool calls: ask, or ask:, deny:, allow: and names of tools; repeatable";

const TOKEN_HELP = "of that server; better: NBEVOLVE_SERVER_TOKEN, which nobody sees in a list of processes";

/** Adds `run` and `resume`; `exit` is told their exit codes. */
export function runCommands(root: Command, exit: (code: number) => void): void {
  branching(asking(boxed(root.command("run")), MODEL_SPECS, "offline"))
    .description("evolve a task: a notebook, or the name of a benchmark")
    .argument("<task>", "path of a task notebook, or a benchmark's name")
    .option("--strategy <name>", `${STRATEGY_NAMES}; or a file: ./mine.js`, "tournament")
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
      exit(await runSession(options, flags.json === true, board, approvalFrom(flags.approve)));
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
}

async function resume(dir: string, flags: ResumeRunFlags): Promise<number> {
  const board = noticeBoard();
  const { options, approve } = await resumeOptions(dir, flags, board.listener);
  const whole = { ...options, ...boxing(flags), ...branchingOptions(flags) };
  return runSession(whole, flags.json === true, board, approvalFrom(approve));
}

async function runOptions(task: string, flags: RunFlags, board: NoticeBoard): Promise<RunOptions> {
  const { model, strategy, renderer, param, dir, seed, proposals, parallel, rounds, order } = flags;
  const settings = parametersFrom(flags.set, "--set");
  const server = serverFrom(flags);
  return {
    task,
    model: await modelNamed(model, flags, board.listener),
    strategy: ({ descriptors }) => strategyNamed(strategy, settings, descriptors),
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
