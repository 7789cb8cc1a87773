// Owns: whether the maker of something that was left behind may still be there.
import { errorCode } from "../core/errors.ts";

/** False only where the system knows of no such process; true for another user's, and for what is no process's number. */
export function mayBeAlive(pid: number): boolean {
  // Zero and below are groups of processes.
  if (!(pid > 0)) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (problem) {
    return errorCode(problem) !== "ESRCH";
  }
}
