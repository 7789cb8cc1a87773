// Owns: the limits for what cells leave on disk: looked at once a second while a kernel runs. What one file may be is the
// system's to limit. Never removes a file.
import type { Bounds, FolderUse, FolderPlace, Porter } from "./porter.ts";

const LOOK_MS = 1_000;
/** Where looking takes long, because of many files, this many times as long passes before the next look. */
const REST = 9;

/** Calls `tooLarge` once, with words for what the folders hold, when they pass a limit. Gives the way to stop looking. */
export function watchFolders(
  porter: Pick<Porter, "measure">,
  folders: readonly FolderPlace[],
  most: () => Bounds,
  tooLarge: (holds: string) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    const began = performance.now();
    // Nothing can be measured any more: the pool is being closed.
    const bounds = most();
    const use = await porter.measure(folders, bounds).catch(() => null);
    if (stopped || use === null) return;
    if (use.over !== null) return tooLarge(limitPassed(use.over, bounds));
    schedule(Math.max(LOOK_MS, REST * (performance.now() - began)));
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

function limitPassed(over: NonNullable<FolderUse["over"]>, { bytes, files }: Bounds): string {
  if (over === "bytes") return `more than ${Math.round(bytes / 2 ** 20)} MB`;
  return over === "files"
    ? `more than ${files} files and folders`
    : "folders that lie too deep to be counted";
}
