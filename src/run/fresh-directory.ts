// Owns: leaving nothing behind of a run that was refused before it began. Never touches a directory that holds a run,
// nor what else was there.
import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What is there now; the function removes what came since, directories that were made for it included. */
export function directoryAsItIs(dir: string): () => Promise<void> {
  if (existsSync(join(dir, "run.db"))) return async () => undefined;
  const before = existsSync(dir) ? new Set(readdirSync(dir)) : null;
  const missing = missingAbove(dir);
  return async () => {
    if (!existsSync(dir)) return;
    const fresh = readdirSync(dir).filter((name) => before?.has(name) !== true);
    for (const name of fresh) await rm(join(dir, name), { recursive: true, force: true });
    for (const made of missing) if (readdirSync(made).length === 0) rmdirSync(made);
  };
}

/** The directory and those above it that are not there, the innermost first. */
function missingAbove(dir: string): readonly string[] {
  return existsSync(dir) ? [] : [dir, ...missingAbove(dirname(dir))];
}
