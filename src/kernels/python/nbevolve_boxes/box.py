"""Owns: one box with what lives in it: its first process, its kernels and the frozen ones that kernels are forked from. Never
decides when a box has to begin or end.
"""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import Any

from nbevolve_boxes import wire
from nbevolve_guard import process_tree as tree

# Passes over what has to end: what is forked meanwhile is found by the next.
PASSES = 200


class Kernel:
    """One that answers, or is about to."""

    def __init__(self, id: str, ask: object, box: "Box", template: "Template | None") -> None:
        self.id = id
        # The number of the request that wants it.
        self.ask = ask
        self.box = box
        self.template = template
        self.pid: int | None = None
        self.pidfd: int | None = None
        # What it says about itself until it is ready, and its template about its end.
        self.connection: socket.socket | None = None
        # What it says when frozen ones have come of it.
        self.control: socket.socket | None = None
        self.ready = False
        self.status: int | None = None
        self.hung = False
        # When its end is told, should nobody say how it was.
        self.told_at_s: float | None = None


class Template:
    def __init__(self, name: str, box: "Box", control: socket.socket) -> None:
        self.name = name
        self.box = box
        self.control = control
        self.pid: int | None = None
        self.dropped = False


class Box:
    def __init__(self, id: str, process: "subprocess.Popen[bytes]", stem: socket.socket) -> None:
        self.id = id
        self.process = process
        self.stem = stem
        self.stem_pid: int | None = None
        self.kernels: set[Kernel] = set()
        self.templates: set[Template] = set()

    def is_empty(self) -> bool:
        return not self.kernels and not self.templates

    def kill(self) -> None:
        """Bubblewrap ends with its box; without one, what came of the first process is looked for."""
        if self.stem_pid is not None:
            end_tree(self.stem_pid, frozenset())
        self.process.kill()

    def strays(self) -> Iterator[int]:
        """What lost its kernel: children of the first process and of frozen ones that are neither kernels nor frozen."""
        known = {one.pid for one in (*self.kernels, *self.templates)}
        busy = {kernel.template for kernel in self.kernels if kernel.pid is None}
        below = tree.below()
        for template in (None, *self.templates):
            parent = self.stem_pid if template is None else template.pid
            # A kernel that is being forked has not said its number yet.
            if parent is None or template in busy:
                continue
            yield from (pid for pid in below(parent) if pid not in known and is_alive(pid) and not is_own(pid))

    def sweep(self) -> None:
        for _ in range(PASSES):
            found = list(self.strays())
            if not found:
                return
            for pid in found:
                end_tree(pid, self.others(pid))
        self.process.kill()

    def others(self, pid: int) -> frozenset[int]:
        """The kernels and frozen processes beside that one: its end is not theirs, though they may have come of it."""
        return frozenset(one.pid for one in (*self.kernels, *self.templates) if one.pid is not None and one.pid != pid)


def is_own(pid: int) -> bool:
    """Whether the first process started it, before there was a kernel: the forwarder to the proxy."""
    return b"nbevolve_guard.forwarder" in tree.read(f"/proc/{pid}/cmdline").split(b"\0")[1:3]


def end_tree(root: int, but: frozenset[int]) -> None:
    """Kills a process and all that came of it, except those and theirs."""
    for _ in range(PASSES):
        alive = [pid for pid in (root, *tree.descendants(root, but)) if is_alive(pid)]
        if not alive:
            return
        for pid in alive:
            tree.send(pid, signal.SIGKILL)
        time.sleep(0.0005)


def is_alive(pid: int) -> bool:
    state = tree.read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[:1]
    return bool(state) and state not in ([b"Z"], [b"X"])


class Shape:
    """How boxes of one kind are made. Without a box: the command as it is."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.command: list[str] = given["command"]
        self.env: dict[str, str] = given["env"]
        self.box: dict[str, Any] | None = given.get("box")
        self.cwd: str = given["cwd"]

    def start(self, fds: Sequence[int], more: Sequence[str], names: dict[str, str], **streams: Any) -> "subprocess.Popen[bytes]":
        """`names`: what stands in the arguments for what differs from box to box."""
        command = [*self.command, *more]
        if self.box is None:
            return subprocess.Popen(command, env=self.env, cwd=self.cwd, pass_fds=fds, **streams)
        arguments = [names.get(one, one) for one in self.box["arguments"]]
        with memory_file(bytes.fromhex(self.box["filter"])) as filter_file:
            arguments += ["--seccomp", str(filter_file.fileno())]
            # Not on the command line, where code in the box could read it.
            with memory_file(b"".join(one.encode() + b"\0" for one in arguments)) as file:
                command = [self.box["program"], "--args", str(file.fileno()), "--", *command]
                passed = [*fds, filter_file.fileno(), file.fileno()]
                return subprocess.Popen(command, env=self.env, cwd="/", pass_fds=passed, **streams)


def memory_file(content: bytes) -> Any:
    file = os.fdopen(os.memfd_create("nbevolve"), "r+b")
    file.write(content)
    file.flush()
    file.seek(0)
    return file


def start_box(
    id: str, shape: Shape, options: dict[str, Any], launcher: list[str], names: dict[str, str]
) -> tuple[Box, socket.socket]:
    """The box, and the socket that leads to its first kernel."""
    stem, stem_end = wire.pair()
    control, control_end = wire.pair()
    with stem_end, control_end:
        fds = (stem_end.fileno(), control_end.fileno())
        more = [*map(str, fds), json.dumps(options), *launcher]
        process = shape.start(fds, more, names, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return Box(id, process, stem), control
