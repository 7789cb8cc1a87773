// Owns: Ctrl-C and SIGTERM. The first asks the run to stop cleanly; a second one ends the process at once.
import { EXIT } from "./exit-codes.ts";

export interface Interrupts {
  readonly signal: AbortSignal;
  /** The exit code of the signal that came, or null. */
  exitCode(): number | null;
  /** As Ctrl-C does. */
  readonly stop: () => void;
  release(): void;
}

export function interrupts(say: (line: string) => void): Interrupts {
  const controller = new AbortController();
  let code: number | null = null;
  const on = (exit: number) => () => {
    if (code !== null) process.exit(exit);
    code = exit;
    say("Stopping: cells are interrupted and everything is kept. Once more to leave at once.");
    controller.abort(new Error("interrupted"));
  };
  const handlers = { SIGINT: on(EXIT.interrupted), SIGTERM: on(EXIT.terminated) };
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

/** A command that may be interrupted: its exit code, or that of the signal that came. @throws what it throws otherwise. */
export async function interruptible(
  command: (signal: AbortSignal, say: (line: string) => void) => Promise<number>,
): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const stop = interrupts(say);
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
