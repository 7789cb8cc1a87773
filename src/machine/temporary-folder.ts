// Owns: making a folder for temporary files, and what is said where none can be made.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { temporaryFolderError } from "../core/errors.ts";

/** A new one of this user alone; the caller removes it. @throws RunError `machine-lacks`. */
export async function makeTemporaryFolder(prefix: string, parent: string = tmpdir()): Promise<string> {
  const folder = resolve(parent);
  try {
    return await mkdtemp(join(folder, prefix));
  } catch (problem) {
    throw temporaryFolderError(folder, problem);
  }
}
