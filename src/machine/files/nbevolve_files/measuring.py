"""Owns: what folders take on disk, and how many files they hold, up to the limits: no more is looked at than it takes to
know that a limit is passed. Never changes anything, but that a folder which its owner may not look into is opened to him for as long
as that takes.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbevolve_files.reach import DEPTH, FOLDER, Bounds, open_folder, opened

BLOCK = 512
# Even an empty file takes room: its entry, and its inode.
LEAST = 4096
LOOK = stat.S_IRUSR | stat.S_IXUSR
# Where a folder can be named without being opened, also one that cannot be.
BY_PATH = getattr(os, "O_PATH", 0)
LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

Use = dict[str, Any]


class Enough(Exception):
    """A limit is passed."""


class Measuring:
    def __init__(self, most: Bounds) -> None:
        self.most = most
        self.bytes = 0
        self.files = 0

    def add(self, found: os.stat_result) -> None:
        self.files += 1
        self.bytes += max(found.st_blocks * BLOCK, LEAST)
        if self.files > self.most.files:
            raise Enough("files")
        if self.bytes > self.most.bytes:
            raise Enough("bytes")

    def folder(self, fd: int, depth: int) -> None:
        if depth > DEPTH:
            self.deep_folder(fd)
            return
        for name in self.entries(fd):
            with looked_into(name, fd) as below:
                if below is not None:
                    self.folder(below, depth + 1)

    def deep_folder(self, first: int) -> None:
        """However deep: with one descriptor. The way back is `..`. Who moves or closes such folders has something to hide."""
        at, above = os.dup(first), list[tuple[tuple[int, int], list[str]]]()
        try:
            left = self.entries(at)
            while left or above:
                if left:
                    try:
                        below = open_folder(left.pop(), at)
                    except PermissionError:
                        raise
                    except OSError:
                        continue
                    above.append((identity(at), left))
                    at = replace(at, below)
                    left = self.entries(at)
                else:
                    which, left = above.pop()
                    at = replace(at, open_folder("..", at))
                    if identity(at) != which:
                        raise Enough("hidden")
        except OSError:
            raise Enough("hidden") from None
        finally:
            os.close(at)

    def entries(self, fd: int) -> list[str]:
        """Counts what is in a folder; the names of folders. What vanishes meanwhile takes nothing."""
        folders = []
        try:
            with os.scandir(fd) as entries:
                for entry in entries:
                    try:
                        self.add(entry.stat(follow_symlinks=False))
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(entry.name)
                    except PermissionError:
                        raise  # it was closed meanwhile
                    except OSError:
                        continue
        except PermissionError:
            raise
        except OSError:
            pass  # it was removed
        return folders

    def unnamed(self, pids: list[int]) -> None:
        """Files that these processes have open and that have no name any more: no folder shows them."""
        seen = set()
        for pid in pids:
            try:
                names = os.listdir(f"/proc/{pid}/fd")
            except OSError:
                continue  # it is gone
            for name in names:
                try:
                    found = os.stat(f"/proc/{pid}/fd/{name}")
                except OSError:
                    continue
                which = (found.st_dev, found.st_ino)
                if stat.S_ISREG(found.st_mode) and found.st_nlink == 0 and which not in seen:
                    seen.add(which)
                    self.add(found)


@contextmanager
def looked_into(name: str, parent: int) -> Iterator[int | None]:
    """None for what is no folder any more. @raises PermissionError for one of somebody else."""
    try:
        found = os.open(name, FOLDER | BY_PATH, dir_fd=parent)
    except PermissionError:
        raise
    except OSError:
        yield None
        return
    # The very folder, not what has its name by now.
    itself: int | str = f"/proc/self/fd/{found}" if BY_PATH else found
    with opened(found), lent(found, itself), opened(os.open(itself, LIST) if BY_PATH else os.dup(found)) as below:
        yield below


@contextmanager
def lent(folder: int, itself: int | str) -> Iterator[None]:
    """While its owner looks into it. Nothing keeps root out."""
    mode = stat.S_IMODE(os.fstat(folder).st_mode)
    if mode & LOOK == LOOK or os.geteuid() == 0:
        yield
        return
    os.chmod(itself, mode | LOOK)
    try:
        yield
    finally:
        os.chmod(itself, mode)


def identity(fd: int) -> tuple[int, int]:
    found = os.fstat(fd)
    return (found.st_dev, found.st_ino)


def replace(fd: int, by: int) -> int:
    os.close(fd)
    return by


def measure(folders: list[tuple[int, str]], pids: list[int], most: Bounds) -> Use:
    """Each folder by its parent's descriptor and its name. `over`: the limit that is passed, "bytes" or "files", or None; or
    "hidden": somebody moves or closes folders, so that they cannot be counted. The counts go no further then.
    """
    measuring = Measuring(most)
    over = None
    try:
        for parent, name in folders:
            with looked_into(name, parent) as folder:
                if folder is not None:
                    measuring.folder(folder, 0)
        measuring.unnamed(pids)
    except Enough as enough:
        over = str(enough)
    except PermissionError:
        over = "hidden"
    return {"bytes": measuring.bytes, "files": measuring.files, "over": over}
