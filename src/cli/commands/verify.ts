// Owns: `nbevolve verify`: one file judged against a task. Never judges by itself: a metric that is missing is not known.
import type { Command } from "commander";
import { bestKnownOf, standingText } from "../../history/index.ts";
import type { Score, Task } from "../../contracts/index.ts";
import { scoreText } from "../../environment/score-text.ts";
import { verifyFile } from "../../run/checks/verify.ts";
import { loadTask } from "../../tasks/load-task.ts";
import { EXIT } from "../exit-codes.ts";
import { appendValue, parametersFrom } from "../flags/flag-values.ts";
import { addSandboxFlags, sandboxOptionsFrom, type SandboxFlags } from "../flags/sandbox-flags.ts";
import { runInterruptible } from "../interrupts.ts";
import { print, printJson } from "../terminal/screen.ts";

interface VerifyFlags extends SandboxFlags {
  readonly param: readonly string[];
  readonly json?: boolean;
}

export function defineVerifyCommand(command: Command): void {
  command
    .argument("<task>", "Path of a task notebook, or the name of a benchmark.")
    .argument("<file>", "A notebook (.ipynb), or the submission as JSON.")
    .option("--param <name=value>", "Override a parameter of the task. Repeatable.", appendValue, [])
    .option("--json", "Print the verdict as JSON.")
    .action(async (task: string, file: string, flags: VerifyFlags) => {
      process.exitCode = await verify(task, file, flags);
    });
  addSandboxFlags(command);
}

/** Resolves to the exit code: 0 for a valid submission, 1 for an invalid one. @throws RunError. */
function verify(taskName: string, file: string, flags: VerifyFlags): Promise<number> {
  return runInterruptible(async (signal, progress) => {
    const task = await loadTask(taskName, { parameters: parametersFrom(flags.param, "--param") });
    const verified = await verifyFile(task, file, { ...sandboxOptionsFrom(flags), signal, progress });
    const { verdict, holdout, notes } = verified;
    const lines = [
      ...notes,
      verdictText(verdict),
      ...standingLines(task, verdict),
      ...(holdout === null ? [] : [`holdout ${verdictText(holdout)}`]),
    ];
    if (flags.json === true) printJson(verified);
    else print(lines.join("\n"));
    return verdict.valid ? EXIT.done : EXIT.failed;
  });
}

/** How a valid submission stands to the best known score, where the task says one. */
function standingLines(task: Task, { valid, metrics: { score } }: Score): readonly string[] {
  const goal = bestKnownOf(task);
  return goal === null || !valid || score === undefined ? [] : [standingText(score, goal)];
}

/** The metrics that `judge` of the verifier kit gives (docs/guides/verifiers.md). */
const KIT = ["strict", "relaxed", "repaired", "loss", "violation"] as const;

/** Lines for people: strict, relaxed and repaired score and what is violated, where the verifier tells; else one line. */
export function verdictText(verdict: Score): string {
  const { metrics, message, valid } = verdict;
  if (!KIT.some((name) => name in metrics)) return scoreText(verdict);
  const { score, strict, relaxed, repaired, loss, violation, ...others } = metrics;
  const no = violation === undefined ? "no" : `no: violated by ${violation.toPrecision(3)}`;
  const rows: readonly (readonly [string, string | number | undefined])[] = [
    ["score", valid ? score : "invalid"],
    ["strict", strict ?? no],
    ["relaxed", relaxed ?? "no: more than its tolerance"],
    [
      "repaired",
      repaired === undefined
        ? undefined
        : `${repaired}${loss === undefined ? "" : `, costs ${loss.toPrecision(3)}`}`,
    ],
    ["violated", message === "" ? undefined : message],
    ...Object.entries(others),
  ];
  const shown = rows.filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length)) + 2;
  return shown.map(([name, value]) => name.padEnd(width) + value).join("\n");
}
