"""Owns: what files take of memory: those in the temporary file systems of boxes, which are found by the mount namespaces of their
processes. Never opens a file there.
"""

import os
from collections.abc import Iterable

from nbevolve_guard import process_tree as tree

# In a box each is a file system of its own, in memory, below a folder that nobody there can change.
FOLDERS = ("dev/shm", "tmp", "run")


def boxes_of(pids: Iterable[int]) -> list[list[int]]:
    """The processes of each box; without those that are in none."""
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


def file_bytes(pids: Iterable[int]) -> int:
    """What the files of one box take, of which these are processes."""
    if not tree.LINUX:
        return 0
    for pid in pids:
        try:
            return sum(used(os.path.join("/proc", str(pid), "root", folder), f"/{folder}") for folder in FOLDERS)
        except OSError:
            continue  # it has ended meanwhile
    return 0


def used(path: str, outside: str) -> int:
    """Nothing where the box shows the machine's own folder."""
    if os.path.exists(outside) and os.stat(path).st_dev == os.stat(outside).st_dev:
        return 0
    found = os.statvfs(path)
    return (found.f_blocks - found.f_bfree) * found.f_frsize
