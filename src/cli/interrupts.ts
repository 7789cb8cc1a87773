// Owns: Ctrl-C and SIGTERM. The first asks the run to stop cleanly; a second one ends the process at once.
import { EXIT } from "./exit-codes.ts";
import { printError } from "./terminal/screen.ts";

export interface Interrupts {
  readonly signal: AbortSignal;
  /** The exit code of the signal that came, or null. */
  exitCode(): number | null;
  /** Does what Ctrl-C does. */
  readonly stop: () => void;
  release(): void;
}

export function listenForInterrupts(say: (line: string) => void): Interrupts {
  const controller = new AbortController();
  let code: number | null = null;
  const handlerFor = (exit: number) => () => {
    if (code !== null) process.exit(exit);
    code = exit;
    say("Stopping: cells are interrupted and everything is kept. Press Ctrl-C again to leave at once.");
    controller.abort(new Error("interrupted"));
  };
  const handlers = { SIGINT: handlerFor(EXIT.interrupted), SIGTERM: handlerFor(EXIT.terminated) };
  for (const [name, handler] of Object.entries(handlers)) process.on(name, handler);
  return {
    signal: controller.signal,
    exitCode: () => code,
    stop: handlers.SIGINT,
    release() {
      for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
    },
  };
}

/** Runs a command that signals may interrupt. Gives its exit code, or that of the signal. @throws what the command throws otherwise. */
export async function runInterruptible(
  command: (signal: AbortSignal, say: (line: string) => void) => Promise<number>,
): Promise<number> {
  const say = (line: string): void => printError(line);
  const stop = listenForInterrupts(say);
  try {
    return await command(stop.signal, say);
  } catch (error) {
    const code = stop.exitCode();
    if (code !== null) return code;
    throw error;
  } finally {
    stop.release();
  }
}
