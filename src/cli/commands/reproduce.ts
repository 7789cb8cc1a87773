// Owns: `nbevolve reproduce`: one branch run anew, in words or as JSON.
import type { SandboxOptions } from "../../machine/sandbox/sandbox.ts";
import { reproduceBranch } from "../../run/checks/reproduce.ts";
import { scoreText } from "../../environment/tools/score.ts";
import { EXIT } from "../exit-codes.ts";
import { interruptible } from "../interrupts.ts";
import { reproductionLines } from "../terminal/reproduction-text.ts";

/** Resolves to the exit code: 0 when the score is there again, 1 when it is not. @throws RunError. */
export function reproduceCommand(
  dir: string,
  branch: string | undefined,
  options: SandboxOptions,
  json: boolean,
): Promise<number> {
  return interruptible(async (signal, progress) => {
    const done = await reproduceBranch(dir, branch, { ...options, signal, progress });
    const lines = [
      `${done.branch} then: ${scoreText(done.scoreThen)}`,
      ...(done.score === null ? [] : [`${done.branch} now:  ${scoreText(done.score)}`]),
      ...reproductionLines(done),
    ];
    process.stdout.write(json ? `${JSON.stringify(done)}\n` : `${lines.join("\n")}\n`);
    return done.survives ? EXIT.done : EXIT.failed;
  });
}
