// Owns: Ctrl-C, SIGTERM, and the hangup of a terminal that is closed. The first asks the run to stop cleanly; a second
// Ctrl-C or SIGTERM ends the process at once. Where a command was started apart from any terminal a hangup is not for it.
import { isatty } from "node:tty";
import { ownCommand } from "../core/shell-words.ts";
import { EXIT } from "./exit-codes.ts";
import { printError } from "./terminal/screen.ts";

/** What asks a command to stop. */
export type Interruption = keyof typeof INTERRUPTED;

/** The exit code after each. */
export const INTERRUPTED = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.hungUp,
} as const;

export interface Interrupts {
  readonly signal: AbortSignal;
  /** What came first; null as long as nothing did. */
  cause(): Interruption | null;
  /** Does what Ctrl-C does. */
  readonly stop: () => void;
  release(): void;
}

/** The streams on a terminal, asked at the start: one that is closed later is none any more. */
const terminals = [0, 1, 2].filter((fd) => isatty(fd));
/**
 * Whether a hangup can be meant for this process. Node forgets that a signal was to be ignored when it starts, as `nohup` has
 * it; but `nohup` leaves no stream on a terminal, except standard input where it is not GNU's, and only a terminal hangs up.
 */
const heedsHangup = terminals.some((fd) => fd > 0 || process.platform === "linux");

/** From here on: a command that was started apart from any terminal outlives it, and one that lost its terminal ends as such. */
export function watchTerminal(): void {
  if (!heedsHangup) {
    process.on("SIGHUP", () => undefined);
    process.once("SIGHUP", () => printError(OUTLIVED));
  }
  process.once("exit", () => {
    if (terminals.every((fd) => isatty(fd))) return;
    // Node resets the terminal when it ends, and aborts where there is none: ending by the signal leaves that out.
    process.removeAllListeners("SIGHUP");
    process.kill(process.pid, "SIGHUP");
  });
}

const OUTLIVED =
  "SIGHUP is ignored, as by nohup: this was not started on a terminal. SIGTERM stops it, or for a run: " +
  ownCommand("stop", "DIR");

export function listenForInterrupts(say: (line: string) => void): Interrupts {
  const controller = new AbortController();
  let cause: Interruption | null = null;
  let asked = false;
  const stopFor = (name: Interruption): void => {
    // A terminal that is closed may hang up twice, and a system that shuts down sends more than one signal: no impatience.
    if (asked && name !== "SIGHUP") process.exit(INTERRUPTED[name]);
    asked ||= name !== "SIGHUP";
    if (cause !== null) return;
    cause = name;
    say("Stopping: cells are interrupted and everything is kept. Press Ctrl-C again to leave at once.");
    controller.abort(new Error("interrupted"));
  };
  const names: readonly Interruption[] = heedsHangup
    ? ["SIGINT", "SIGTERM", "SIGHUP"]
    : ["SIGINT", "SIGTERM"];
  const handlers = names.map((name) => [name, () => stopFor(name)] as const);
  for (const [name, handler] of handlers) process.on(name, handler);
  return {
    signal: controller.signal,
    cause: () => cause,
    stop: () => stopFor("SIGINT"),
    release() {
      for (const [name, handler] of handlers) process.off(name, handler);
    },
  };
}

/** Runs a command that signals may interrupt. Gives its exit code, or that of the signal. @throws what the command throws otherwise. */
export async function runInterruptible(
  command: (signal: AbortSignal, say: (line: string) => void) => Promise<number>,
  say: (line: string) => void = printError,
): Promise<number> {
  const stop = listenForInterrupts(say);
  try {
    return await command(stop.signal, say);
  } catch (error) {
    const cause = stop.cause();
    if (cause !== null) return INTERRUPTED[cause];
    throw error;
  } finally {
    stop.release();
  }
}
