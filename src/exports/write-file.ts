// Owns: writing a file of the user's: whole or not at all, and over another one only where that was asked for.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode, messageOf, RunError } from "../core/errors.ts";
import { nameOption } from "../core/shell-words.ts";

/**
 * Writes it under another name in the same folder first. `replaces`: whether a file of the name may be there.
 * @throws RunError `bad-option` that says why not.
 */
export async function writeUserFile(
  file: string,
  content: string | Uint8Array | readonly string[],
  { replaces }: { readonly replaces: boolean },
): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file).slice(0, 100)}.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, content, { flag: "wx" });
    if (replaces) await rename(temporary, file);
    else await putInPlace(temporary, file);
  } catch (cause) {
    const isThere = errorCode(cause) === "EEXIST";
    const reason = isThere
      ? `it is there already; ${nameOption("--force", "replaces: true")} writes over it`
      : messageOf(cause);
    throw new RunError("bad-option", `${file} cannot be written: ${reason}`, { cause });
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A second name is refused where the first is taken: no other process comes between. Not every file system has them. */
async function putInPlace(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (problem) {
    if (errorCode(problem) === "EEXIST") throw problem;
    if (existsSync(file))
      throw Object.assign(new Error("it is there", { cause: problem }), { code: "EEXIST" });
    await rename(temporary, file);
  }
}
