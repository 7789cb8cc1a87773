// Owns: `nbevolve doctor`: the checks of this machine in order, each printed as soon as it is known. Changes nothing on
// it: above all, it does not make the Python environment.
import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
import { runInterruptible } from "../interrupts.ts";
import type { MachineCheck } from "../machine-checks.ts";
import {
  checkBubblewrap,
  checkDisk,
  checkKernel,
  checkKey,
  checkNode,
  checkPackages,
  checkPython,
  checkSandbox,
  checkSqlite,
} from "../machine-checks.ts";
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
  tell(checkNode(process.versions.node));
  tell(await checkSqlite());
  const { check, python } = await checkPython(look);
  tell(check);
  if (python) {
    const packages = await checkPackages(python, look);
    tell(packages);
    if (packages.status === "ok") tell(await checkKernel(python, look));
  }
  tell(await checkBubblewrap(look));
  const sandbox = python && (await checkSandbox(python, look));
  if (sandbox) tell(sandbox);
  tell(await checkDisk(env, python !== null));
  tell(checkKey(env));
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
