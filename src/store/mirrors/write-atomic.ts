// Owns: replacing a file so that it is always whole: the old one or the new one.
import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { NO_FOLLOW, PRIVATE_FILE } from "../private-files.ts";

/** The file has the new content, durably, once this resolves. Only one writer a file at a time. */
export function writeAtomic(file: string, text: string): Promise<void> {
  return replace(file, text, true);
}

/**
 * As `writeAtomic`, without waiting for the disk: after a power cut the file may be cut off or empty. For what is
 * found and made again.
 */
export function writeWhole(file: string, text: string): Promise<void> {
  return replace(file, text, false);
}

async function replace(file: string, text: string, isDurable: boolean): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.tmp`);
  try {
    await write(temporary, text, isDurable);
    await rename(temporary, file);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

/** As "w", but never through a link that lies in wait under the name. */
const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | NO_FOLLOW;

async function write(file: string, text: string, isDurable: boolean): Promise<void> {
  const handle = await open(file, WRITE, PRIVATE_FILE);
  try {
    await handle.writeFile(text);
    if (isDurable) await handle.sync();
  } finally {
    await handle.close();
  }
}
