// Owns: `nbevolve doctor`: the checks of this machine, told as they are known.
import { doctor as look, checkLine } from "./doctor.ts";
import { EXIT } from "./exit-codes.ts";
import { interrupts } from "./interrupts.ts";

/** Prints the checks. Resolves to the exit code: 0 when runs work here, 3 when they do not. */
export async function doctor(json: boolean): Promise<number> {
  const stop = interrupts((line) => void process.stderr.write(`${line}\n`));
  try {
    const report = await look({
      signal: stop.signal,
      onCheck: (check) => void (json || process.stdout.write(`${checkLine(check)}\n`)),
    });
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    return report.ok ? EXIT.done : EXIT.environment;
  } catch (error) {
    const code = stop.exitCode();
    if (code !== null) return code;
    throw error;
  } finally {
    stop.release();
  }
}
