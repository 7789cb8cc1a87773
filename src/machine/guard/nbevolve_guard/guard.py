"""Owns: one command and every process that comes of it. When the command ends, the controller dies, or a limit
passes, all of them are killed, those that left the session by setsid or a double fork included.
Never reads or writes the command's own streams.

    python -m nbevolve_guard.guard --lifeline-fd N [--report-fd N] [--memory-mb M] [--tasks N] [--disk-mb M]
        [--wall-ms T] [--grace-ms G] [--scratch DIR] [--units UNIT_MB UNIT_TASKS ALL_MB ALL_TASKS UNNAMED_MB, joined by commas] -- command...

`--lifeline-fd`: its end of file means that the controller is gone. Descriptors above it (and above 2 and the
report's) are closed; those below are the command's. `--memory-mb`: resident memory of the whole tree, and files that its box has in memory. `--tasks`: its
processes and threads. `--disk-mb`: what the scratch folder takes, with files without a name that the tree has open. `--grace-ms`:
how long the command may take to end by itself after the SIGTERM that it gets when the guard gets one or the wall limit
has passed; 0 = no SIGTERM at all. `--scratch`: a folder to remove at the end, when no process is left that could change it. `--units`:
limits of each session in a box, and of all together: see units.py. For each that is ended, a line of JSON is reported:
`{"killed": the pid of its first process, "why": "memory" | "tasks" | "unnamed", ...}`.

The report is one line of JSON, written when no process is left:
`{"ended": ..., "status": exit code, signal number or null, "peakRssMb": ..., "message"?: ..., "left"?: ...}`.
The guard's own exit status says the same: the command's, 128 + its signal, or one of `EXIT_STATUS`.
"""

import json
import os
import resource
import select
import signal
import sys
import time
from typing import NamedTuple

from nbevolve_guard import memory_files
from nbevolve_guard import process_tree as tree
from nbevolve_guard.guarded_command import start
from nbevolve_guard.units import UnitLimits, Units, sessions_of, sum_uses

EXIT_STATUS = {"failed": 127, "wall": 124, "memory": 137, "tasks": 137, "disk": 137, "terminated": 143, "lifeline": 129}
NUMBERS = ("--lifeline-fd", "--report-fd", "--memory-mb", "--tasks", "--disk-mb", "--wall-ms", "--grace-ms")
POLL_S = 0.05
MOST_FILES = 1_000_000
"""A limit of bytes counts 4 KB for each file at least: one that is passed by their number alone is 4 GB or more."""


class Options(NamedTuple):
    lifeline_fd: int
    report_fd: int | None
    memory_bytes: int | None
    tasks: int | None
    disk_bytes: int | None
    wall_s: float | None
    grace_s: float
    scratch: str | None
    units: UnitLimits | None
    command: list[str]


def parse(argv: list[str]) -> Options:
    """@raises SystemExit 2 with the usage on a wrong command line."""
    try:
        cut = argv.index("--")
        given = dict(zip(argv[:cut:2], argv[1:cut:2], strict=True))
        number = {name: int(given.pop(name)) for name in NUMBERS if name in given}
        options = Options(
            lifeline_fd=number["--lifeline-fd"],
            report_fd=number.get("--report-fd"),
            memory_bytes=number["--memory-mb"] << 20 if "--memory-mb" in number else None,
            tasks=number.get("--tasks"),
            disk_bytes=number["--disk-mb"] << 20 if "--disk-mb" in number else None,
            wall_s=number["--wall-ms"] / 1000 if "--wall-ms" in number else None,
            grace_s=number.get("--grace-ms", 0) / 1000,
            scratch=given.pop("--scratch", None),
            units=unit_limits(given.pop("--units", None)),
            command=argv[cut + 1 :],
        )
        if given or not options.command:
            raise ValueError(f"unknown option or no command: {sorted(given)}")
        return options
    except (ValueError, KeyError) as problem:
        print(f"guard: {problem!r}\n{__doc__}", file=sys.stderr)
        raise SystemExit(2) from None


def unit_limits(given: str | None) -> UnitLimits | None:
    if given is None:
        return None
    unit_mb, unit_tasks, all_mb, all_tasks, unnamed_mb = map(int, given.split(","))
    return UnitLimits(unit_mb << 20, unit_tasks, all_mb << 20, all_tasks, unnamed_mb << 20)


class Guard:
    """Holds the running command."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.peak_bytes = 0
        self.next_look_s = 0.0
        self.told_to_end = False
        self.wake = self.catch_signals()
        tree.prctl(tree.PR_SET_CHILD_SUBREAPER, 1)
        self.deadline_s = None if options.wall_s is None else time.monotonic() + options.wall_s
        self.child, self.trouble = start(options.command)
        self.statuses: dict[int, int | None] = {self.child: None}
        self.units = None
        if options.units is not None:
            self.units = Units(self.child, options.units, lambda fact: tell(fact, options.report_fd))

    def catch_signals(self) -> int:
        """A descriptor that becomes readable when a child ended or SIGTERM came."""
        wake, signalled = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(signalled, False)
        signal.set_wakeup_fd(signalled, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self.on_sigterm)
        for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(ignored, signal.SIG_IGN)
        return wake

    def on_sigterm(self, *_: object) -> None:
        self.told_to_end = True

    def run(self) -> dict[str, object]:
        """Waits for the first reason to end, ends everything, and gives the report."""
        ended = "failed" if self.trouble else self.watch()
        if ended in ("terminated", "wall") and self.options.grace_s > 0:
            self.ask_to_end()
        left = tree.end_all(self.child, self.statuses)
        return self.report(ended, left)

    def watch(self) -> str:
        """Why the tree has to end."""
        poller = select.poll()
        poller.register(self.options.lifeline_fd, select.POLLIN)
        poller.register(self.wake, select.POLLIN)
        while True:
            reason = self.reason()
            if reason is not None:
                return reason
            for fd, _ in poller.poll(self.patience_ms()):
                if drain_pipe(fd) and fd == self.options.lifeline_fd:
                    return "lifeline"

    def reason(self) -> str | None:
        tree.reap(self.statuses)
        if self.told_to_end:
            return "terminated"
        if self.statuses[self.child] is not None:
            return "exit"
        if self.deadline_s is not None and time.monotonic() >= self.deadline_s:
            return "wall"
        return self.over_limits()

    def patience_ms(self) -> int | None:
        """Until the next thing that no descriptor announces."""
        times = [self.deadline_s] if self.deadline_s is not None else []
        if self.looks():
            times.append(self.next_look_s)
        return max(1, int((min(times) - time.monotonic()) * 1000) + 1) if times else None

    def looks(self) -> bool:
        """Whether there is a limit that only looking finds passed."""
        options = self.options
        return self.units is not None or (options.memory_bytes, options.tasks, options.disk_bytes) != (None, None, None)

    def over_limits(self) -> str | None:
        """Which limit is passed. Looks every 50 ms, and less often where looking is slow (many forks of one large process)."""
        began = time.monotonic()
        if not self.looks() or began < self.next_look_s:
            return None
        pids = tree.descendants()
        over = self.over_in(pids)
        now = time.monotonic()
        self.next_look_s = now + max(POLL_S, 9 * (now - began))
        return over

    def over_in(self, pids: list[int]) -> str | None:
        if self.options.tasks is not None and sum_uses(sessions_of(pids)).tasks > self.options.tasks:
            return "tasks"
        if self.over_memory(pids) or (self.units is not None and self.units.look(pids) is not None):
            return "memory"
        return "disk" if self.over_disk(pids) else None

    def over_disk(self, pids: list[int]) -> bool:
        limit, folder = self.options.disk_bytes, self.options.scratch
        if limit is None or folder is None:
            return False
        from nbevolve_files import measuring, reach  # only where there is such a limit

        above, name = os.path.split(folder)
        try:
            opened = os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return False  # without a box a command may remove it: nothing is in it then
        with reach.opened(opened) as parent:
            return measuring.measure([(parent, name)], pids, reach.Bounds(limit, MOST_FILES))["over"] is not None

    def over_memory(self, pids: list[int]) -> bool:
        limit = self.options.memory_bytes
        if limit is None:
            return False
        files = sum(taken for _, taken in memory_files.boxes_of(pids))
        used = tree.resident_bytes(pids) + files
        if used > limit:
            used = tree.proportional_bytes(pids) + files
        self.peak_bytes = max(self.peak_bytes, used)
        return used > limit

    def ask_to_end(self) -> None:
        """SIGTERM to the command alone: what it started is its own to end, until the grace is over."""
        tree.send(self.child, signal.SIGTERM)
        until = time.monotonic() + self.options.grace_s
        while self.statuses[self.child] is None and time.monotonic() < until:
            select.select([self.wake, self.options.lifeline_fd], [], [], until - time.monotonic())
            if drain_pipe(self.options.lifeline_fd):
                return
            drain_pipe(self.wake)
            tree.reap(self.statuses)

    def report(self, ended: str, left: int) -> dict[str, object]:
        status = self.statuses[self.child]
        code = None if status is None else os.waitstatus_to_exitcode(status)
        if ended == "exit" and code is not None and code < 0:
            ended = "signal"
        one_process = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1024 if tree.LINUX else 1)
        peak = max(self.peak_bytes, one_process, self.units.peak_bytes if self.units else 0)
        return {
            "ended": ended,
            "status": None if code is None else abs(code),
            "peakRssMb": round(peak / (1 << 20), 1),
            **({"message": self.trouble} if self.trouble else {}),
            **({"left": left} if left else {}),
        }


def drain_pipe(fd: int) -> bool:
    """Reads what is there; True at the end of file."""
    try:
        return os.read(fd, 4096) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def keep_descriptors(options: Options) -> None:
    """The guard's own stay its own, and none that the controller left open by accident reaches the command."""
    own = [fd for fd in (options.lifeline_fd, options.report_fd) if fd is not None]
    for fd in own:
        os.set_inheritable(fd, False)
    os.set_blocking(options.lifeline_fd, False)
    for name in os.listdir("/dev/fd"):
        if int(name) > max(2, *own):
            try:
                os.close(int(name))
            except OSError:
                pass  # the listing's own, closed already


def tell(report: dict[str, object], fd: int | None) -> bool:
    """False when no reader of the report is left."""
    try:
        return fd is None or os.write(fd, json.dumps(report).encode() + b"\n") > 0
    except OSError:
        return False


def exit_status(report: dict[str, object]) -> int:
    ended, status = report["ended"], report["status"]
    if isinstance(status, int) and ended in ("exit", "signal"):
        return status if ended == "exit" else 128 + status
    return EXIT_STATUS[str(ended)]


def main(argv: list[str]) -> int:
    options = parse(argv)
    keep_descriptors(options)
    report = Guard(options).run()
    if options.scratch is not None:
        remove_scratch(options.scratch)
    tell(report, options.report_fd)
    return exit_status(report)


def remove_scratch(folder: str) -> None:
    """Whatever was put there, and however deep. What cannot be removed is left."""
    from nbevolve_files.removing import remove_path  # only where there is a scratch folder

    try:
        remove_path(folder)
    except OSError as problem:
        print(f"guard: {folder} is left: {problem.strerror}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
