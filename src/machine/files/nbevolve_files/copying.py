"""Owns: the files of one folder in another: contents, names, links, times, and permissions without the bits by which a
program runs as its owner. Blocks are shared where the file system can. Never follows a link, never overwrites.
"""

import errno
import fcntl
import os
import stat

from nbevolve_files.reach import (
    DEPTH,
    NEW_FILE,
    Bounds,
    Count,
    Trouble,
    not_plain,
    open_file,
    open_folder,
    opened,
    read_link,
)

PERMISSIONS = 0o777
FICLONE = 0x40049409
PIECE = 1 << 27
# Pairs of file systems that cannot share blocks, by their numbers.
unshared: set[tuple[int, int]] = set()


def copy_tree(source: int, target: int, most: Bounds) -> None:
    """@raises Trouble; OSError with what the system says. What was written until then stays."""
    Copying(most).folder(source, target, "", 0)


def survey(source: int, most: Bounds) -> None:
    """As `copy_tree` without a copy; links may not lead out of the folder then. @raises Trouble; OSError."""
    Copying(most).folder(source, None, "", 0)


class Copying:
    def __init__(self, most: Bounds) -> None:
        self.count = Count(most)

    def folder(self, source: int, target: int | None, above: str, depth: int) -> None:
        if depth > DEPTH:
            raise Trouble(f"the workspace has folders that lie more than {DEPTH} deep")
        with os.scandir(source) as entries:
            for entry in entries:
                path = f"{above}{entry.name}"
                if entry.is_symlink():
                    self.count.add(0)
                    link(entry.name, source, target, path)
                elif entry.is_dir(follow_symlinks=False):
                    self.count.add(0)
                    self.subfolder(entry.name, source, target, path, depth)
                elif entry.is_file(follow_symlinks=False):
                    self.file(entry, source, target)
                else:
                    raise not_plain(path)

    def subfolder(self, name: str, source: int, target: int | None, path: str, depth: int) -> None:
        with opened(open_folder(name, source)) as inside:
            if target is None:
                self.folder(inside, None, f"{path}/", depth + 1)
                return
            os.mkdir(name, 0o700, dir_fd=target)
            with opened(open_folder(name, target)) as copy:
                self.folder(inside, copy, f"{path}/", depth + 1)
                finish(copy, os.fstat(inside))

    def file(self, entry: "os.DirEntry[str]", source: int, target: int | None) -> None:
        if target is None:
            self.count.add(entry.stat(follow_symlinks=False).st_size)
            return
        fd, found = open_file(entry.name, source)
        with opened(fd):
            self.count.add(found.st_size)
            with opened(os.open(entry.name, NEW_FILE, 0o600, dir_fd=target)) as copy:
                copy_data(fd, copy, found)
                finish(copy, found)


def link(name: str, source: int, target: int | None, path: str) -> None:
    if target is None:
        read_link(name, source, path)
        return
    leads_to = os.readlink(name, dir_fd=source)
    found = os.stat(name, dir_fd=source, follow_symlinks=False)
    os.symlink(leads_to, name, dir_fd=target)
    os.utime(name, ns=(found.st_atime_ns, found.st_mtime_ns), dir_fd=target, follow_symlinks=False)


def finish(copy: int, like: os.stat_result) -> None:
    os.fchmod(copy, stat.S_IMODE(like.st_mode) & PERMISSIONS)
    os.utime(copy, ns=(like.st_atime_ns, like.st_mtime_ns))


def copy_data(source: int, target: int, found: os.stat_result) -> None:
    """As much as the file had when it was opened: one that grows meanwhile does not keep us. Holes stay holes."""
    if found.st_size == 0 or clone(source, target, found):
        return
    at = end = 0
    while at < found.st_size:
        if at == end:
            at, end = next_data(source, at, found.st_size)
            continue
        count = copy_piece(source, target, at, min(PIECE, end - at))
        if count == 0:
            raise Trouble("a file was cut short while it was copied")
        at += count
    os.ftruncate(target, found.st_size)


def clone(source: int, target: int, found: os.stat_result) -> bool:
    pair = (found.st_dev, os.fstat(target).st_dev)
    if pair in unshared:
        return False
    try:
        fcntl.ioctl(target, FICLONE, source)
    except OSError:
        unshared.add(pair)
        return False
    return True


def next_data(source: int, at: int, size: int) -> tuple[int, int]:
    """Where data begins and ends from here on."""
    if not hasattr(os, "SEEK_DATA"):
        return at, size
    try:
        start = os.lseek(source, at, os.SEEK_DATA)
        return min(start, size), min(os.lseek(source, start, os.SEEK_HOLE), size)
    except OSError as problem:
        # A hole up to the end; or else the file system does not know.
        return (size, size) if problem.errno == errno.ENXIO else (at, size)


def copy_piece(source: int, target: int, at: int, count: int) -> int:
    if hasattr(os, "copy_file_range"):
        try:
            return os.copy_file_range(source, target, count, at, at)
        except OSError:
            pass  # between these file systems it has to be read and written
    return os.pwrite(target, os.pread(source, min(count, 1 << 22), at), at)
