"""Owns: starting the guarded command as a process of its own. Never waits for it, and never ends it."""

import os
import resource
import signal

from nbevolve_guard import process_tree as tree


def start(command: list[str]) -> tuple[int, str]:
    """Starts the command as leader of its own session; its pid, and what went wrong ("" when it runs)."""
    me = os.getpid()
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            become(command, me)
        except BaseException as problem:
            os.write(tell, f"cannot start {command[0]}: {problem}".encode(errors="replace"))
        finally:
            os._exit(127)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        return child, pipe.read().decode(errors="replace")


def become(command: list[str], guard: int) -> None:
    """In the child: ends with the guard, even by kill -9; has the signals of a fresh process; leaves no core file;
    is the first to go when the machine runs out of memory.
    """
    os.setsid()
    tree.prctl(tree.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:
        os._exit(127)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if tree.LINUX:
        with open("/proc/self/oom_score_adj", "w") as score:
            score.write("500")
    os.execvp(command[0], command)
