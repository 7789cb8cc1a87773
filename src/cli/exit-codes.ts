// Owns: the exit codes, and which one an error gets.
import { RunError, type RunErrorCode } from "../core/errors.ts";

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  environment: 3,
  targetMissed: 4,
  losses: 5,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

const USAGE: ReadonlySet<RunErrorCode> = new Set([
  "bad-task",
  "bad-option",
  "bad-notebook",
  "founder-rejected",
  "run-missing",
  "run-locked",
  "run-untrusted",
]);
const ENVIRONMENT: ReadonlySet<RunErrorCode> = new Set([
  "python-unavailable",
  "kernel-unavailable",
  "sandbox-unavailable",
  "machine-lacks",
  "verifier-unavailable",
  "sqlite-unavailable",
  "model-unreachable",
  "model-refused",
]);

/** The exit code for anything thrown. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof RunError)) return EXIT.failed;
  if (USAGE.has(error.code)) return EXIT.usage;
  return ENVIRONMENT.has(error.code) ? EXIT.environment : EXIT.failed;
}
