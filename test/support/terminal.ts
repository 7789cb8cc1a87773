// Owns: the built command line on a real terminal (a pty), with a person who answers what stands on the screen.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { CLI_ENV, MAIN } from "./cli.ts";
import { testPython } from "./python.ts";

/** Copies our stdin to a command on a pty, and its screen to our stdout; ends with its exit code. */
const ON_A_PTY = `
import fcntl, os, pty, select, struct, sys, termios
pid, screen = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
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

/** `answer` gets what came on the screen since the last answer; what it gives is typed, null types nothing. There are 24 rows. */
export function onTerminal(
  args: readonly string[],
  answer: (shown: string) => string | null,
  columns = 80,
): Promise<OnTerminal> {
  const child = spawn(testPython, ["-c", ON_A_PTY, `${columns}`, process.execPath, MAIN, ...args], {
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

/** A command on a terminal that is closed as soon as the text stands on it; prints how the command ended. */
const ON_A_CLOSED_PTY = `
import os, pty, signal, sys
pid, screen = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
shown = b""
while sys.argv[1].encode() not in shown:
    shown += os.read(screen, 65536)
os.close(screen)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(signal.Signals(-code).name if code < 0 else code)
`;

/** Closes the terminal of a command, and resolves to its exit code, or the name of the signal that ended it. */
export async function closedTerminal(
  command: readonly string[],
  onceShown: string,
  cwd: string,
): Promise<string> {
  const child = spawn(testPython, ["-c", ON_A_CLOSED_PTY, onceShown, ...command], {
    stdio: ["ignore", "pipe", "inherit"],
    env: CLI_ENV,
    cwd,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  child.stdout.on("data", (data: Buffer) => (printed += data.toString()));
  await once(child, "close");
  return printed.trim();
}
