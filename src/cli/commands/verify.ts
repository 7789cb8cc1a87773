// Owns: `nbevolve verify`: one file judged against a task.
import { loadTask } from "../../tasks/load-task.ts";
import type { SandboxOptions } from "../../machine/sandbox/sandbox.ts";
import { verifyFile } from "../../run/checks/verify.ts";
import { verdictText } from "../terminal/verdict-text.ts";
import type { Json } from "../../contracts/index.ts";
import { EXIT } from "../exit-codes.ts";
import { interruptible } from "../interrupts.ts";

/** Prints the verdict. Resolves to the exit code: 0 for a valid submission, 1 for an invalid one. @throws RunError. */
export function verify(
  taskName: string,
  file: string,
  options: SandboxOptions & { readonly parameters: Readonly<Record<string, Json>> },
  json: boolean,
): Promise<number> {
  return interruptible(async (signal, progress) => {
    const task = await loadTask(taskName, options);
    const verified = await verifyFile(task, file, { ...options, signal, progress });
    const { verdict, holdout, notes } = verified;
    if (json) process.stdout.write(`${JSON.stringify(verified)}\n`);
    else {
      for (const note of notes) process.stdout.write(`${note}\n`);
      process.stdout.write(`${verdictText(verdict)}\n`);
      if (holdout !== null) process.stdout.write(`holdout ${verdictText(holdout)}\n`);
    }
    return verdict.valid ? EXIT.done : EXIT.failed;
  });
}
