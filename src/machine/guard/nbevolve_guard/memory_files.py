"""Owns: what files take of memory: those in the file systems that a box has in memory for itself. Never opens a file there.

A box's processes are those of a mount namespace that is not this one's. What of its file systems this process has too, wherever,
is the machine's: a box that is being made still has all of them.
"""

import os
from collections.abc import Iterable

from nbevolve_guard import process_tree as tree

IN_MEMORY = {b"tmpfs", b"ramfs"}


def boxes_of(pids: Iterable[int]) -> list[tuple[list[int], int]]:
    """The processes of each box, and what its files take; without those that are in none."""
    boxes = grouped(pids)
    machine = {device for device, _, _ in mounts("self")} if boxes else set()
    return [(box, file_bytes(box, machine)) for box in boxes]


def grouped(pids: Iterable[int]) -> list[list[int]]:
    mine = namespace("self")
    found: dict[int, list[int]] = {}
    for pid in pids:
        which = namespace(pid)
        if which is not None and which != mine:
            found.setdefault(which, []).append(pid)
    return list(found.values())


def namespace(pid: int | str) -> int | None:
    """None for a process that is gone."""
    try:
        return os.stat(f"/proc/{pid}/ns/mnt").st_ino
    except OSError:
        return None


def file_bytes(pids: Iterable[int], machine: set[int]) -> int:
    """What the files of one box take, of which these are processes. `machine`: devices that are not the box's own."""
    if not machine:
        return 0
    for pid in pids:
        taken: dict[int, int] = {}
        for device, place, kind in mounts(pid):
            if kind in IN_MEMORY and device not in machine:
                taken[device] = max(taken.get(device, 0), used(pid, device, place))
        if taken:
            return sum(taken.values())
    return 0


def mounts(pid: int | str) -> list[tuple[int, bytes, bytes]]:
    """The device, the place and the kind of each; none for a process that is gone, or where the system does not say."""
    found: list[tuple[int, bytes, bytes]] = []
    for line in tree.read(f"/proc/{pid}/mountinfo").splitlines():
        before, _, after = line.partition(b" - ")
        fields, kind = before.split(), after.partition(b" ")[0]
        if len(fields) > 4 and kind:
            major, _, minor = fields[2].partition(b":")
            found.append((os.makedev(int(major), int(minor)), unescape(fields[4]), kind))
    return found


def unescape(place: bytes) -> bytes:
    """Spaces and the like stand there by their octal numbers."""
    first, *rest = place.split(b"\\")
    return first + b"".join(bytes([int(one[:3], 8)]) + one[3:] for one in rest)


def used(pid: int, device: int, place: bytes) -> int:
    """Nothing where something else lies there, or lies there by now."""
    try:
        folder = os.open(b"/proc/%d/root%s" % (pid, place), os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY)
    except OSError:
        return 0
    try:
        if os.fstat(folder).st_dev != device:
            return 0
        found = os.fstatvfs(folder)
        return max(0, found.f_blocks - found.f_bfree) * found.f_frsize
    finally:
        os.close(folder)
