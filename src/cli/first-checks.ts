// Owns: the checks of this machine that come first, for the others need what they look at. Loads next to nothing.
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { RunError } from "../core/errors.ts";
import { requireOpenFiles } from "../machine/open-files.ts";
import { makeTemporaryFolder } from "../machine/temporary-folder.ts";

export interface MachineCheck {
  readonly name: string;
  /** `warn`: runs work, but something is missing. `fail`: runs do not work. */
  readonly status: "ok" | "warn" | "fail";
  /** What the check found, in one line. */
  readonly found: string;
  /** What to do about it; null when there is nothing to do. */
  readonly remedy: string | null;
}

/** Whether enough files may be open to load the commands, and for a run with its default of episodes at a time. */
export function checkOpenFiles(): MachineCheck {
  try {
    const limit = requireOpenFiles(2);
    const found = limit === null ? "no limit is known" : `${limit} may be open at a time`;
    return { name: "files", status: "ok", found, remedy: null };
  } catch (problem) {
    return describeFailure("files", problem);
  }
}

/** Makes a folder where temporary files go. */
export async function checkTemporary(): Promise<MachineCheck> {
  try {
    const folder = await makeTemporaryFolder("nbevolve-doctor-");
    await rm(folder, { recursive: true });
    return {
      name: "temporary",
      status: "ok",
      found: `folders can be made in ${dirname(folder)}`,
      remedy: null,
    };
  } catch (problem) {
    return describeFailure("temporary", problem);
  }
}

/** A run error as a failed check: its message has the remedy already. @throws anything that is not a run error. */
export function describeFailure(name: string, problem: unknown): MachineCheck {
  if (!(problem instanceof RunError)) throw problem;
  return { name, status: "fail", found: problem.message, remedy: null };
}
