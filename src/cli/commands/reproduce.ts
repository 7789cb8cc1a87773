// Owns: `nbevolve reproduce`: one branch run again in a fresh kernel, in words or as JSON.
import type { Command } from "commander";
import { scoreText } from "../../environment/score-text.ts";
import { reproduceBranch } from "../../run/checks/reproduce.ts";
import { EXIT } from "../exit-codes.ts";
import { addSandboxFlags, sandboxOptionsFrom, type SandboxFlags } from "../flags/sandbox-flags.ts";
import { addTrustFlag, type TrustFlag } from "../flags/trust-flag.ts";
import { runInterruptible } from "../interrupts.ts";
import { reproductionLines } from "../terminal/run-facts.ts";
import { print, printJson } from "../terminal/screen.ts";

interface ReproduceFlags extends SandboxFlags, TrustFlag {
  readonly json?: boolean;
}

export function defineReproduceCommand(command: Command): void {
  command
    .argument("<dir>", "Run directory.")
    .argument("[branch]", "Branch to reproduce, such as b7. Default: the best.")
    .option("--json", "Print the result as JSON.")
    .action(async (dir: string, branch: string | undefined, flags: ReproduceFlags) => {
      process.exitCode = await reproduce(dir, branch, flags);
    });
  addSandboxFlags(command, true);
  addTrustFlag(command);
}

/** Resolves to the exit code: 0 when the score is there again, 1 when it is not. @throws RunError. */
function reproduce(dir: string, branch: string | undefined, flags: ReproduceFlags): Promise<number> {
  return runInterruptible(async (signal, progress) => {
    const done = await reproduceBranch(dir, branch, {
      ...sandboxOptionsFrom(flags),
      trust: flags.trust,
      signal,
      progress,
    });
    const lines = [
      `${done.branch} then: ${scoreText(done.scoreThen)}`,
      ...(done.score === null ? [] : [`${done.branch} now:  ${scoreText(done.score)}`]),
      ...reproductionLines(done),
    ];
    if (flags.json === true) printJson(done);
    else print(lines.join("\n"));
    return done.survives ? EXIT.done : EXIT.failed;
  });
}
