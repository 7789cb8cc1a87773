// Owns: `nbevolve run`: its flags, and the options of the run that they stand for.
import { resolve } from "node:path";
import { Option, type Command } from "commander";
import { ownCommand, pathWord } from "../../core/shell-words.ts";
import { remoteAddress } from "../../kernels/remote/remote-address.ts";
import type { ReproduceMode } from "../../loop/types.ts";
import type { Harness } from "../../contracts/index.ts";
import { MODEL_SPECS } from "../../models/model-from-spec.ts";
import { partOrigin, rendererNamed, strategyNamed, toolsFrom } from "../../run/parts/named-parts.ts";
import type { RunOptions } from "../../run/run-options.ts";
import { APPROVE_HELP, approvalFrom } from "../flags/approve.ts";
import {
  appendValue,
  parametersFrom,
  readCount,
  readWholeNumber,
  targetFrom,
  withoutAbsent,
} from "../flags/flag-values.ts";
import { givenFlags, proposalsFlag } from "../flags/given-flags.ts";
import { kernelOptionsFrom } from "../flags/kernel-flags.ts";
import { mendedFlags, MODEL_FLAGS, modelNamed, modelOrigin } from "../flags/model-flags.ts";
import { DEFAULT_RENDERER, RENDERER_HELP, STRATEGY_HELP, TOOL_HELP } from "../flags/part-help.ts";
import { LIMIT_NAMES, limitsFrom } from "../flags/run-limits.ts";
import { sandboxOptionsFrom } from "../flags/sandbox-flags.ts";
import { serverFrom } from "../flags/server-flags.ts";
import { addSessionFlags, type SessionFlags } from "../flags/session-flags.ts";
import { holdsRun } from "../../store/index.ts";
import { runSession } from "../run-session.ts";
import { noticeBoard, type NoticeBoard } from "../terminal/notice-board.ts";

export interface RunFlags extends SessionFlags {
  readonly model: string;
  readonly strategy: string;
  readonly set: readonly string[];
  readonly budget: readonly string[];
  readonly renderer: string;
  readonly tool: readonly string[];
  readonly harness: Harness | "auto";
  readonly proposals: number;
  readonly parallel: number;
  readonly rounds: number;
  readonly seed?: number;
  readonly order: "as-finished" | "as-proposed";
  readonly reproduce: ReproduceMode;
  readonly param: readonly string[];
  readonly dir?: string;
}

export function defineRunCommand(command: Command): void {
  command
    .argument("<task>", "Path of a task notebook, or the name of a benchmark.")
    .option("--strategy <name>", STRATEGY_HELP, "tournament")
    .option("--set <name=value>", "A setting of the strategy, such as size=5. Repeatable.", appendValue, [])
    .option("--renderer <name>", RENDERER_HELP, DEFAULT_RENDERER)
    .option("--tool <file>", TOOL_HELP, appendValue, [])
    .addOption(
      new Option(
        "--harness <name>",
        "How much the model is asked to handle: full has every tool, a plan and a clean-up; lean has few tools and does " +
          "the rest for it; auto is what the profile of the model says.",
      )
        .choices(["full", "lean", "auto"])
        .default("auto"),
    )
    .option("--proposals <n>", "How many proposals the run makes in all.", readCount, 20)
    .option(
      "--budget <name=value>",
      `Another limit of the run, such as usd=5. The limits are ${LIMIT_NAMES}. Repeatable.`,
      appendValue,
      [],
    )
    .option("--parallel <n>", "How many episodes run at the same time.", readCount, 2)
    .option("--rounds <n>", "How many rounds an episode has.", readCount, 1)
    .option("--seed <n>", "Seed of every random choice. Default: drawn at the start.", readWholeNumber)
    .addOption(
      new Option(
        "--order <order>",
        "In which order the strategy hears of results. With as-proposed, the same seed gives the same population.",
      )
        .choices(["as-finished", "as-proposed"])
        .default("as-finished"),
    )
    .option("--param <name=value>", "Override a parameter of the task. Repeatable.", appendValue, [])
    .option("--dir <dir>", "Run directory. Default: runs/<task>-<time>.");
  addSessionFlags(command, {
    model: `The model that plays the rounds. It may be ${MODEL_SPECS}.`,
    defaultModel: "offline",
    server: "Run the kernels on this Jupyter server, JupyterHub user server or Enterprise Gateway.",
    defaultKernel: "the server's own default",
    approve: APPROVE_HELP,
    defaultReproduce: "best",
  });
  command.action(async (task: string, flags: RunFlags) => {
    const board = noticeBoard();
    const options = await runOptions(task, flags, board);
    // Its journal keeps what a new run is started with; a run that is there already was started otherwise.
    const isNew = options.dir === undefined || !holdsRun(options.dir);
    process.exitCode = await runSession(options, {
      json: flags.json === true,
      ui: flags.ui === true,
      report: flags.report === true,
      board,
      approval: approvalFrom(flags.approve, options.tools),
      goOn: (path, { proposals, wrongWord } = {}) => {
        const mended = mendedFlags(modelOrigin(flags.model, flags), wrongWord);
        return isNew && path !== null
          ? ownCommand("resume", path, ...proposalsFlag(proposals), ...mended)
          : ownCommand(
              ...(["run", pathWord(task)] as const),
              ...givenFlags(command, proposals, mended.length === 0 ? [] : MODEL_FLAGS),
              ...mended,
            );
      },
    });
  });
}

/** What the flags stand for. @throws RunError `bad-option` | `model-refused`. */
export async function runOptions(task: string, flags: RunFlags, board: NoticeBoard): Promise<RunOptions> {
  const { dir, seed, proposals, parallel, rounds, order, reproduce, harness } = flags;
  const settings = parametersFrom(flags.set, "--set");
  const server = serverFrom(flags);
  return {
    ...{ task, dir, seed, proposals, parallel, rounds, order, reproduce, harness, server },
    target: targetFrom(flags.target),
    ...sandboxOptionsFrom(flags),
    trust: flags.trust,
    ...kernelOptionsFrom(flags),
    model: await modelNamed(flags.model, flags, board.listener),
    strategy: ({ descriptors }) => strategyNamed(flags.strategy, settings, descriptors),
    renderer: await rendererNamed(flags.renderer),
    tools: await toolsFrom(flags.tool),
    parameters: parametersFrom(flags.param, "--param"),
    budget: limitsFrom(flags.budget),
    origin: withoutAbsent({
      ...modelOrigin(flags.model, flags),
      strategy: partOrigin(flags.strategy),
      renderer: partOrigin(flags.renderer),
      tools: flags.tool.length > 0 ? flags.tool.map((file) => resolve(file)) : undefined,
      server: server && remoteAddress(server).base,
      kernel: server?.kernel,
      approve: flags.approve.length > 0 ? flags.approve : undefined,
    }),
  };
}
