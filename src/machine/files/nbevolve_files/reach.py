"""Owns: reaching what lies in a folder that others can change at any moment: by descriptors, one plain name at a time,
never through a link. Never changes anything.

A path of several names is taken apart; `..` is refused. What was a folder when its name was read may be a link when it is
opened: opening it fails then. What was opened stays what it was, wherever it is moved.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, a pipe or a file that somebody holds a lease on would keep its reader waiting.
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# No folder is entered that lies deeper than this below the first one.
DEPTH = 200
SHOWN = 120


class Trouble(Exception):
    """Why something that others wrote cannot be taken, in words."""


class Bounds(NamedTuple):
    """The most that is taken: bytes of all files, and the number of files, folders and links."""

    bytes: int
    files: int


class Count:
    """What was met so far of what `Bounds` allow."""

    def __init__(self, most: Bounds) -> None:
        self.most = most
        self.bytes = 0
        self.files = 0

    def add(self, size: int) -> None:
        """@raises Trouble beyond the bounds."""
        self.files += 1
        self.bytes += size
        if self.files > self.most.files:
            raise Trouble(f"the workspace has more than {self.most.files} files")
        if self.bytes > self.most.bytes:
            raise Trouble(f"the workspace has more than {size_words(self.most.bytes)}")


def size_words(size: int) -> str:
    return f"{size / (1 << 30):g} GB" if size >= 1 << 30 else f"{size / (1 << 20):g} MB"


def shown(name: str) -> str:
    """A name as words of one line, whatever is in it."""
    words = ascii(name)[1:-1]
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}..."


def plain_names(path: str) -> list[str]:
    """@raises ValueError for a path that could lead anywhere but down."""
    names = path.split("/")
    if any(name in ("", ".", "..") or "\0" in name for name in names):
        raise ValueError(f"not a path of plain names: {shown(path)}")
    return names


@contextmanager
def opened(fd: int) -> Iterator[int]:
    try:
        yield fd
    finally:
        os.close(fd)


def open_root(path: str) -> int:
    """A folder of the controller's own: nothing above it, and not its name, is in reach of others."""
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def open_folder(name: str, parent: int) -> int:
    return os.open(name, FOLDER, dir_fd=parent)


def open_below(root: str, names: list[str]) -> int:
    fd = open_root(root)
    for name in names:
        with opened(fd):
            below = open_folder(name, fd)
        fd = below
    return fd


def open_file(name: str, parent: int) -> tuple[int, os.stat_result]:
    """A plain file, and what it is. @raises Trouble for anything else."""
    fd = os.open(name, FILE, dir_fd=parent)
    found = os.fstat(fd)
    if stat.S_ISREG(found.st_mode):
        return fd, found
    os.close(fd)
    raise not_plain(name)


def not_plain(path: str) -> Trouble:
    return Trouble(f"{shown(path)} is neither a file nor a folder")


def read_link(name: str, parent: int, path: str) -> str:
    """@raises Trouble for one that leads out of the folder in which `path` begins."""
    target = os.readlink(name, dir_fd=parent)
    inside = os.path.normpath(os.path.join(os.path.dirname(path), target))
    if os.path.isabs(target) or inside.split("/")[0] == "..":
        raise Trouble(f"the link {shown(path)} leads out of the workspace")
    return target
