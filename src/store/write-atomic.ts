// Owns: replacing a file so that it is always whole: the old one or the new one.
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** The file has the new content, durably, once this resolves. Only one writer a file at a time. */
export async function writeAtomic(file: string, text: string): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.tmp`);
  try {
    await writeDurably(temporary, text);
    await rename(temporary, file);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
