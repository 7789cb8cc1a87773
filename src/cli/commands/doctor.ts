// Owns: `nbevolve doctor`: the checks of this machine in order, each printed as soon as it is known. Changes nothing on
// it: above all, it does not make the Python environment.
import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
import { checkOpenFiles, checkTemporary, type MachineCheck } from "../first-checks.ts";
import { runInterruptible } from "../interrupts.ts";
import { print, printJson } from "../terminal/screen.ts";

export function defineDoctorCommand(command: Command): void {
  command
    .option("--json", "Print the checks as JSON.")
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      process.exitCode = await runInterruptible(async (signal) => {
        const onCheck = (check: MachineCheck): void => void (json || print(checkLine(check)));
        const report = await checkMachine({ signal, onCheck });
        if (json) printJson(report);
        return report.ok ? EXIT.done : EXIT.environment;
      });
    });
}

export interface DoctorReport {
  /** No check failed. */
  readonly ok: boolean;
  readonly checks: readonly MachineCheck[];
}

export interface DoctorOptions {
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Called with each check as it is known, in order. */
  readonly onCheck?: (check: MachineCheck) => void;
}

/** Looks at this machine; 3 to 10 s. @throws the signal's reason when aborted. */
export async function checkMachine(options: DoctorOptions = {}): Promise<DoctorReport> {
  const env = options.env ?? process.env;
  const look = { env, signal: options.signal };
  const checks: MachineCheck[] = [];
  const tell = (check: MachineCheck): void => {
    checks.push(check);
    options.onCheck?.(check);
  };
  const files = checkOpenFiles();
  tell(files);
  // The others could not even be loaded.
  if (files.status === "fail") return { ok: false, checks };
  const machine = await import("../machine-checks.ts");
  tell(machine.checkNode(process.versions.node));
  tell(await machine.checkSqlite());
  const temporary = await checkTemporary();
  tell(temporary);
  const hasRoom = temporary.status === "ok";
  const { check, python } = await machine.checkPython(look);
  tell(check);
  if (python) {
    const packages = await machine.checkPackages(python, look);
    tell(packages);
    if (packages.status === "ok" && hasRoom) tell(await machine.checkKernel(python, look));
  }
  tell(await machine.checkBubblewrap(look));
  const sandbox = python && hasRoom ? await machine.checkSandbox(python, look) : null;
  if (sandbox) tell(sandbox);
  tell(await machine.checkDisk(env, python !== null));
  tell(machine.checkKey(env));
  return { ok: checks.every(({ status }) => status !== "fail"), checks };
}

const MARKS = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

/** One check as one line. */
export function checkLine({ name, status, found, remedy }: MachineCheck): string {
  const told = remedy === null ? found : `${found}. Remedy: ${remedy}`;
  return `${MARKS[status]}  ${name.padEnd(10)}  ${told
    .split("\n")
    .map((line) => line.trim())
    .join(" ")}`;
}
