"""Owns: what folders take on disk, and how many files they hold, up to the limits: no more is looked at than it takes to
know that a limit is passed. Never changes anything.
"""

import os
import stat
from typing import Any

from nbevolve_files.reach import DEPTH, Bounds, open_folder, opened

BLOCK = 512
# Even an empty file takes room: its entry, and its inode.
LEAST = 4096

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
        """What vanishes meanwhile takes nothing."""
        if depth > DEPTH:
            raise Enough("depth")
        with os.scandir(fd) as entries:
            for entry in entries:
                try:
                    self.add(entry.stat(follow_symlinks=False))
                    if not entry.is_dir(follow_symlinks=False):
                        continue
                    below = open_folder(entry.name, fd)
                except OSError:
                    continue
                with opened(below):
                    self.folder(below, depth + 1)

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


def measure(folders: list[int], pids: list[int], most: Bounds) -> Use:
    """`over`: the limit that is passed, "bytes", "files" or "depth", or None; the counts go no further than it then."""
    measuring = Measuring(most)
    over = None
    try:
        for folder in folders:
            measuring.folder(folder, 0)
        measuring.unnamed(pids)
    except Enough as enough:
        over = str(enough)
    return {"bytes": measuring.bytes, "files": measuring.files, "over": over}
