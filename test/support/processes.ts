// Owns: finding processes by a token in their environment, their command line or what is mounted for them. Never touches one that has no token.
import { readdirSync, readFileSync } from "node:fs";

/** Ids of live processes (no zombies) that carry the token; what was started from them carries it too. */
export function processesWith(token: string): number[] {
  return (
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      // In a box neither environment nor command line names a folder of this machine.
      .filter((name) =>
        ["environ", "cmdline", "mountinfo"].some((file) => read(`${name}/${file}`).includes(token)),
      )
      .filter((name) => !/\) Z /.test(read(`${name}/stat`)))
      .map(Number)
  );
}

function read(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, "latin1");
  } catch {
    return ""; // it ended meanwhile
  }
}

/** Fails when a process with one of the tokens lives, and ends it so that no later test sees it. */
export function noneLeft(tokens: readonly string[]): void {
  const left = tokens.flatMap(processesWith);
  for (const pid of left) process.kill(pid, "SIGKILL");
  if (left.length > 0) throw new Error(`processes were left behind: ${left.join(", ")}`);
}

/** Resolves once the condition holds, looking at it every 5 ms; rejects after `limitMs`. */
export async function until(condition: () => boolean, limitMs = 120_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not so after ${limitMs} ms: ${String(condition)}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

/** As `noneLeft`, for a tree whose controller has just ended: its guard needs a moment to end the rest. */
export async function noneRemain(tokens: readonly string[], limitMs = 30_000): Promise<void> {
  const left = (): boolean => tokens.some((token) => processesWith(token).length > 0);
  const deadline = Date.now() + limitMs;
  while (left() && Date.now() < deadline) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
  noneLeft(tokens);
}
