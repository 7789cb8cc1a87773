// Owns: `nbevolve doctor`: the checks of this machine, told as they are known.
import { doctor as look, checkLine } from "../doctor/report-checks.ts";
import { EXIT } from "../exit-codes.ts";
import { interruptible } from "../interrupts.ts";

/** Prints the checks. Resolves to the exit code: 0 when runs work here, 3 when they do not. */
export function doctor(json: boolean): Promise<number> {
  return interruptible(async (signal) => {
    const report = await look({
      signal,
      onCheck: (check) => void (json || process.stdout.write(`${checkLine(check)}\n`)),
    });
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    return report.ok ? EXIT.done : EXIT.environment;
  });
}
