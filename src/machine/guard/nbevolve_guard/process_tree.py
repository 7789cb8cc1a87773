"""Owns: what can be asked of, and done to, all descendants of this process. Linux reads /proc; elsewhere only
a process group can be ended. Never starts a process and never decides when a tree has to end.
"""

import os
import signal
import sys
import time
from collections.abc import Callable

LINUX = sys.platform.startswith("linux")
PAGE = os.sysconf("SC_PAGE_SIZE")

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def prctl(option: int, value: int) -> None:
    """One prctl(2) call; nothing on systems that have none."""
    if not LINUX:
        return
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def read(path: str) -> bytes:
    """A whole /proc file, or nothing when its process is gone."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return b"".join(iter(lambda: os.read(fd, 65536), b""))
    except OSError:
        return b""
    finally:
        os.close(fd)


def children(pid: int) -> list[int]:
    """Children of a process; a child is listed under the thread that made it."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    return [int(child) for thread in threads for child in read(f"/proc/{pid}/task/{thread}/children").split()]


def parents() -> dict[int, list[int]]:
    """Parent to children for every process: for kernels built without /proc/*/children."""
    table: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = read(f"/proc/{name}/stat").rpartition(b")")[2].split()
            if len(fields) > 1:
                table.setdefault(int(fields[1]), []).append(int(name))
    return table


def below() -> Callable[[int], list[int]]:
    """What gives the children of a process."""
    me = os.getpid()
    if os.path.exists(f"/proc/{me}/task/{me}/children"):
        return children
    table = parents()
    return lambda pid: table.get(pid, [])


def descendants(root: int | None = None, but: frozenset[int] = frozenset()) -> list[int]:
    """Every process below that one (this one), parents before children; without those of `but` and what is below them."""
    me = os.getpid() if root is None else root
    if not LINUX:
        return []
    children_of = below()
    found = [pid for pid in children_of(me) if pid not in but]
    seen = {me, *but}
    for pid in found:
        if pid not in seen:
            seen.add(pid)
            found.extend(child for child in children_of(pid) if child not in but)
    return found


def resident_bytes(pids: list[int]) -> int:
    """Resident memory, shared pages counted once for every process that maps them. Cheap."""
    sizes = (read(f"/proc/{pid}/statm").split() for pid in pids)
    return sum(int(fields[1]) * PAGE for fields in sizes if len(fields) > 1)


def proportional_bytes(pids: list[int]) -> int:
    """Resident memory, shared pages divided among their users: forks of one parent are not counted twice. Slow."""
    total = 0
    for pid in pids:
        pss = read(f"/proc/{pid}/smaps_rollup").partition(b"\nPss:")[2].split()
        total += int(pss[0]) * 1024 if pss else resident_bytes([pid])
    return total


def end_all(child: int, statuses: dict[int, int | None], limit_s: float = 10.0) -> int:
    """Kills every descendant until the system says there is none; gives how many were left at the limit.

    `child` leads the process group that is ended where descendants cannot be listed. A process forked while
    the list was read is found by the next pass: by then it is a child of this subreaper.
    """
    deadline = time.monotonic() + limit_s
    while True:
        if not LINUX:
            send(-child, signal.SIGKILL)
        for pid in descendants():
            send(pid, signal.SIGKILL)
        if not reap(statuses) or time.monotonic() > deadline:
            return len(descendants())
        time.sleep(0.001)


def reap(statuses: dict[int, int | None]) -> bool:
    """Buries the dead, keeping the wait status of those asked for; False when no child is left, dead or alive."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True
        if pid in statuses:
            statuses[pid] = status


def send(pid: int, number: int) -> None:
    """A signal to a process that may be gone, or not ours, by now."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass
