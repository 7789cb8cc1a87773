// Owns: why a file that somebody named cannot be read, in words with a remedy.
import { messageOf } from "../core/errors.ts";

/** `cause`: what reading it threw. `what`: what its path should be of. */
export function whyUnreadable(cause: unknown, what = "give the path of a notebook"): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : null;
  if (code === "ENOENT") return `there is no such file; ${what}`;
  if (code === "EISDIR") return "it is a folder; give the path of the notebook in it";
  if (code === "EACCES") return "it may not be read; change its permissions";
  return messageOf(cause);
}
