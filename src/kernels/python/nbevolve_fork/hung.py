"""Owns: the sign by which a forked kernel is known to wait for a thread that does not exist in it: for some seconds its
main thread waits for a lock without a time limit, the process uses no CPU, and nothing is left that could wake it.
Never ends a process.
"""

import platform
import time

from nbevolve_fork import proc

FUTEX = {"x86_64": 202, "aarch64": 98}.get(platform.machine())
# futex(address, operation, value, timeout): the timeout is the fourth argument.
TIMEOUT = 4
PATIENCE_S = 4.0


class Watch:
    """Looks at one forked process now and then."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ticks = -1
        self.since_s = 0.0
        self.threads_at_rest: int | None = None

    def sees_hang(self, now_s: float | None = None) -> bool:
        now_s = time.monotonic() if now_s is None else now_s
        threads = proc.threads(self.pid)
        if not self.looks_hung(threads):
            self.ticks = -1
            return False
        ticks = next((thread.cpu_ticks for thread in threads if thread.tid == self.pid), -1)
        if ticks != self.ticks:
            self.ticks, self.since_s = ticks, now_s
            return False
        return now_s - self.since_s >= PATIENCE_S

    def looks_hung(self, threads: list[proc.Thread]) -> bool:
        if not threads or self.threads_at_rest is None or len(threads) > self.threads_at_rest:
            return False  # it has started threads of its own: they may wake it
        if proc.children(self.pid):
            return False
        return waits_without_limit(self.pid)


def waits_without_limit(pid: int) -> bool:
    """Whether the main thread is in an untimed futex wait. False where that cannot be known."""
    fields = proc.read(f"/proc/{pid}/task/{pid}/syscall").split()
    return len(fields) > TIMEOUT and fields[0] == str(FUTEX) and int(fields[TIMEOUT], 16) == 0
