"""Owns: the limits of the units that the boxes of one guarded command hold: a unit is a session, that is a kernel with what
it started, so that one that takes too much ends alone. The command's own session, bubblewrap's, and those of the first process
of each box are no units. Never looks at processes that are not this one's descendants.
"""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from nbevolve_guard import memory_files
from nbevolve_guard import process_tree as tree

KILL_S = 5.0
TOGETHER = 0
"""Stands for all units together where the number of a session is asked for."""
STRIKES = 20
"""Looks in a row at which all units together were over a limit, before everything is given up."""


class UnitLimits(NamedTuple):
    """Memory is resident, with files that lie in it; tasks are processes and threads. `all_`: of everything together."""

    unit_bytes: int
    unit_tasks: int
    all_bytes: int
    all_tasks: int
    # Files without a name that a unit has open.
    unit_unnamed_bytes: int


class Use(NamedTuple):
    pids: list[int]
    tasks: int
    resident: int
    # Its part of the files that lie in its box's memory. What is mapped of them counts as resident, too.
    files: int = 0

    @property
    def memory(self) -> int:
        return self.resident + self.files


Tell = Callable[[dict[str, object]], object]


class Units:
    """Looks at the units, again and again."""

    def __init__(self, child: int, limits: UnitLimits, tell: Tell) -> None:
        self.child = child
        self.limits = limits
        self.tell = tell
        self.strikes = 0
        self.peak_bytes = 0
        self.scales = Scales()
        from nbevolve_guard.unnamed_files import UnnamedFiles  # only where there are units

        self.unnamed = UnnamedFiles(limits.unit_unnamed_bytes)
        be_first()

    def look(self, pids: list[int]) -> str | None:
        """Ends what is over its limits; a reason when everything has to end."""
        sessions = sessions_of(pids)
        boxes = tree.children(self.child)
        own = {session_of(pid) for pid in (self.child, *boxes, *(pid for box in boxes for pid in tree.children(box)))}
        share_files(sessions, own)
        for session, use in list(sessions.items()):
            why = None if session in own else self.over(session, use)
            if why is not None:
                self.end(session, use, why)
                del sessions[session]
        for session in self.unnamed.over({one: use.pids for one, use in sessions.items() if one not in own}):
            self.end(session, sessions.pop(session), "unnamed")
        self.scales.forget_all_but(sessions)
        return self.together(sessions, own)

    def over(self, session: int, use: Use) -> str | None:
        if use.tasks > self.limits.unit_tasks:
            return "tasks"
        return "memory" if self.scales.exceeds(session, use, self.limits.unit_bytes) else None

    def together(self, sessions: dict[int, Use], own: set[int]) -> str | None:
        total = sum_uses(sessions)
        self.peak_bytes = max(self.peak_bytes, total.memory)
        if total.tasks > self.limits.all_tasks:
            why = "tasks"
        elif self.scales.exceeds(TOGETHER, total, self.limits.all_bytes):
            why = "memory"
        else:
            self.strikes = 0
            return None
        self.strikes += 1
        units = [session for session in sessions if session not in own]
        if not units or self.strikes > STRIKES:
            return "memory"
        session = max(units, key=lambda one: sessions[one].tasks if why == "tasks" else sessions[one].memory)
        self.end(session, sessions[session], why)
        return None

    def end(self, session: int, use: Use, why: str) -> None:
        """Kills until none of the session is left: what it forks meanwhile too."""
        self.tell({"killed": session, "why": why, "tasks": use.tasks, "residentMb": use.memory >> 20})
        until = time.monotonic() + KILL_S
        pids = use.pids
        while pids and time.monotonic() < until:
            for pid in pids:
                tree.send(pid, signal.SIGKILL)
            pids = [pid for pid in tree.descendants() if session_of(pid) == session]


class Scales:
    """Weighs memory, shared pages divided among their users, in a thread of its own: a process that forks is weighed
    only when it lets go of its memory's lock, which takes seconds among the many of a fork bomb, and tasks have to be
    counted meanwhile. So an answer is about a moment ago.
    """

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(max_workers=1)
        self.weighings: dict[int, Future[int]] = {}

    def exceeds(self, what: int, use: Use, limit: int) -> bool:
        """Shared pages count in full first: that is cheap, and never too little."""
        if use.memory <= limit:
            self.weighings.pop(what, None)
            return False
        weighing = self.weighings.get(what)
        if weighing is None:
            self.weighings[what] = self.thread.submit(weigh, use.pids, use.files)
            return False
        if not weighing.done():
            return False
        del self.weighings[what]
        return weighing.result() > limit

    def forget_all_but(self, sessions: dict[int, Use]) -> None:
        for what in self.weighings.keys() - {*sessions, TOGETHER}:
            self.weighings.pop(what).cancel()


def weigh(pids: list[int], files: int) -> int:
    """Takes a tenth of the time at most."""
    began = time.monotonic()
    weight = tree.proportional_bytes(pids) + files
    time.sleep(min(9 * (time.monotonic() - began), 1.0))
    return weight


def sum_uses(sessions: dict[int, Use]) -> Use:
    every = sessions.values()
    pids = [pid for use in every for pid in use.pids]
    return Use(pids, sum(use.tasks for use in every), sum(use.resident for use in every), sum(use.files for use in every))


def share_files(sessions: dict[int, Use], own: set[int | None]) -> None:
    """Who wrote a file nobody knows: each unit of a box has the same part of its files."""
    of = {use.pids[0]: session for session, use in sessions.items()}
    for pids, taken in memory_files.boxes_of(of):
        inside = [of[pid] for pid in pids]
        payers = [session for session in inside if session not in own] or inside
        part = taken // len(payers)
        for session in payers:
            sessions[session] = sessions[session]._replace(files=part)


def sessions_of(pids: list[int]) -> dict[int, Use]:
    found: dict[int, Use] = {}
    for pid in pids:
        fields = stat(pid)
        if len(fields) > 21 and fields[0] != b"Z":
            use = found.get(int(fields[3]), Use([], 0, 0))
            resident = use.resident + int(fields[21]) * tree.PAGE
            found[int(fields[3])] = Use([*use.pids, pid], use.tasks + int(fields[17]), resident)
    return found


def stat(pid: int) -> list[bytes]:
    """The fields of /proc/<pid>/stat from the third on; the second may hold anything."""
    return tree.read(f"/proc/{pid}/stat").rpartition(b")")[2].split()


def session_of(pid: int) -> int | None:
    """None for one that is gone or dead."""
    fields = stat(pid)
    return int(fields[3]) if len(fields) > 3 and fields[0] != b"Z" else None


def be_first() -> None:
    """Runs before ordinary processes where the system lets it (a real root, whom RLIMIT_NPROC does not bind): a fork
    bomb must not keep the process that ends it from running. What is started later is ordinary again.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except OSError:
        pass  # an ordinary user's boxes have RLIMIT_NPROC
