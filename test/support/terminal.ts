// Owns: the built command line on a real terminal (a pty), with a person who answers what stands on the screen.
import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { CLI_ENV, MAIN } from "./cli.ts";
import { testPython } from "./python.ts";

/** Copies our stdin to a command on a pty, and its screen to our stdout; ends with its exit code. */
const ON_A_PTY = `
import os, pty, select, sys
pid, screen = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
open_ = [0, screen]
while screen in open_:
    for fd in select.select(open_, [], [])[0]:
        try: data = os.read(fd, 65536)
        except OSError: data = b""
        if not data: open_.remove(fd)
        else: os.write(screen if fd == 0 else 1, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

export interface OnTerminal {
  readonly code: number | null;
  /** All that was written to the screen, in order. */
  readonly screen: string;
}

/** `answer` gets what came on the screen since the last answer; what it gives is typed, null types nothing. */
export function onTerminal(
  args: readonly string[],
  answer: (shown: string) => string | null,
): Promise<OnTerminal> {
  const child = spawn(testPython, ["-c", ON_A_PTY, process.execPath, MAIN, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: CLI_ENV,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let screen = "";
  let answered = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    const typed = answer(screen.slice(answered));
    if (typed === null) return;
    answered = screen.length;
    child.stdin.write(typed);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, screen })));
}
