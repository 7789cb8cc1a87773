// Owns: `nbevolve resume`: its flags, and going on with a run with the parts that its journal names.
import type { Command } from "commander";
import { ownCommand, pathWord } from "../../core/shell-words.ts";
import { APPROVE_HELP, approvalFrom } from "../flags/approve.ts";
import { appendValue, readCount } from "../flags/flag-values.ts";
import { givenFlags } from "../flags/given-flags.ts";
import { mendedFlags, MODEL_FLAGS } from "../flags/model-flags.ts";
import { resumeOptions, type ResumeFlags } from "../flags/resume-options.ts";
import { LIMIT_NAMES } from "../flags/run-limits.ts";
import { addSessionFlags, type SessionFlags } from "../flags/session-flags.ts";
import { runSession } from "../run-session.ts";
import { noticeBoard } from "../terminal/notice-board.ts";

export function defineResumeCommand(command: Command): void {
  command
    .argument("<dir>", "Run directory.")
    .option(
      "--proposals <n>",
      "How many proposals the run makes in all, those already made included. Default: the run's own.",
      readCount,
    )
    .option(
      "--budget <name=value>",
      `Change another limit of the run, such as usd=10; usd=none lifts it. The limits are ${LIMIT_NAMES}. Repeatable.`,
      appendValue,
      [],
    )
    .option("--parallel <n>", "How many episodes run at the same time. Default: the run's own.", readCount);
  addSessionFlags(command, {
    model: "Another model to go on with. Default: the run's own.",
    isResume: true,
    server: "Run the kernels on this Jupyter server. Default: the run's own.",
    defaultKernel: "the run's own",
    approve: `${APPROVE_HELP} Default: the run's own; allow lifts them.`,
  });
  command.action(async (dir: string, flags: ResumeFlags & SessionFlags) => {
    const board = noticeBoard();
    const { options, approve, model } = await resumeOptions(dir, flags, board.listener);
    process.exitCode = await runSession(options, {
      json: flags.json === true,
      ui: flags.ui === true,
      report: flags.report === true,
      board,
      approval: approvalFrom(approve, options.tools),
      goOn: (path, { proposals, wrongWord } = {}) => {
        const mended = mendedFlags(model, wrongWord);
        const given = givenFlags(command, proposals, mended.length === 0 ? [] : MODEL_FLAGS);
        return ownCommand("resume", path ?? pathWord(dir), ...given, ...mended);
      },
    });
  });
}
