// Owns: the limits for what cells leave on disk: looked at once a second while a kernel runs. What one file may be is the
// system's to limit. Never removes a file.
import { messageOf } from "../../core/errors.ts";
import type { Bounds, FolderUse, FolderPlace, Porter } from "./porter.ts";

const LOOK_MS = 1_000;
/** Where looking takes long, because of many files, this many times as long passes before the next look. */
const REST = 9;
/** Looks in a row that failed: the process that looks may have been ended by accident, and is started again. */
const MOST_FAILURES = 3;

/** Calls `tooLarge` once, with words for what the folders hold, when they pass a limit. Gives the way to stop looking. */
export function watchFolders(
  porter: Pick<Porter, "measure">,
  folders: readonly FolderPlace[],
  most: () => Bounds,
  tooLarge: (holds: string) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failures = 0;
  const look = async (): Promise<void> => {
    const began = performance.now();
    const bounds = most();
    const use = await porter.measure(folders, bounds).catch(messageOf);
    if (stopped) return;
    failures = typeof use === "string" ? failures + 1 : 0;
    // A limit that is not looked at is none.
    if (typeof use === "string") {
      if (failures === MOST_FAILURES) return tooLarge(`files that cannot be counted (${use})`);
    } else if (use.over !== null) return tooLarge(limitPassed(use.over, bounds));
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
    : "folders that are moved or closed while they are counted";
}
