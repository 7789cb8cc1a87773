// Owns: the limit for all files of a workspace: looked at once a second while a kernel works in it. What one file may
// be is the system's to limit. Never removes a file.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

const LOOK_MS = 1_000;
const BLOCK = 512;
const MB = 2 ** 20;

/** Calls `tooLarge` once, when the folder takes more than the limit. Gives the way to stop looking. */
export function watchWorkspace(folder: string, limitMb: number, tooLarge: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    const began = performance.now();
    const over = (await bytesIn(folder, limitMb * MB)) > limitMb * MB;
    if (stopped) return;
    if (over) return tooLarge();
    // Where looking takes long, because of many files, it is done less often.
    schedule(Math.max(LOOK_MS, 9 * (performance.now() - began)));
  };
  const schedule = (delayMs: number): void => {
    timer = setTimeout(() => void look(), delayMs);
    timer.unref();
  };
  schedule(LOOK_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** What the files take on disk; at least `enough` when it stops early. What vanishes meanwhile takes nothing. */
async function bytesIn(folder: string, enough: number): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesIn(path, enough - bytes);
    else
      bytes += await lstat(path).then(
        ({ blocks }) => blocks * BLOCK,
        () => 0,
      );
    if (bytes > enough) break;
  }
  return bytes;
}
