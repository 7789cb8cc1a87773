"""Owns: the regular files that user code has open when a kernel is forked. Offsets are shared between a process and its
fork: a forked kernel opens them again, in its own workspace. Never reads or writes what is in them.
"""

import fcntl
import os
import stat
from typing import NamedTuple

from nbevolve_fork import proc
from nbevolve_kernel.place import Place

SQLITE = b"SQLite format 3\0"


class OpenFile(NamedTuple):
    fd: int
    path: str
    flags: int
    offset: int


def trouble(fd: int, path: str) -> list[str]:
    """Why this file cannot be opened again."""
    try:
        same = os.path.samestat(os.fstat(fd), os.stat(path))
    except OSError:
        same = False
    if not same:
        return [f"the open file {path} has no name any more"]
    if os.pread(fd, len(SQLITE), 0) == SQLITE if readable(fd) else False:
        return [f"the SQLite database {path} is open"]
    if writable(fd) and not inside(path, Place.roots[0] if Place.roots else os.getcwd()):
        return [f"the open file {path} is written outside of the workspace"]
    return []


def readable(fd: int) -> bool:
    return fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_WRONLY


def writable(fd: int) -> bool:
    return fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY


def inside(path: str, folder: str) -> bool:
    return os.path.commonpath([os.path.realpath(path), os.path.realpath(folder)]) == os.path.realpath(folder)


def open_files(own: set[int]) -> list[OpenFile]:
    """Regular files and folders that are open, without those of `own`."""
    found = []
    for fd, path in proc.descriptors().items():
        try:
            mode = os.fstat(fd).st_mode
            if fd in own or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                continue
            offset = os.lseek(fd, 0, os.SEEK_CUR) if stat.S_ISREG(mode) else 0
            found.append(OpenFile(fd, path, fcntl.fcntl(fd, fcntl.F_GETFL), offset))
        except OSError:
            continue  # the listing's own
    return found


def open_again(files: list[OpenFile], before: str, now: str) -> None:
    """Each under its old number, at its old place; what was in the folder `before` is opened in `now`.

    @raises OSError when one of them cannot be opened: the fork is of no use then.
    """
    for file in files:
        path = file.path
        if before != now and inside(path, before):
            path = os.path.join(now, os.path.relpath(path, before))
        inheritable = os.get_inheritable(file.fd)
        again = os.open(path, file.flags & ~(os.O_CREAT | os.O_EXCL | os.O_TRUNC))
        if stat.S_ISREG(os.fstat(again).st_mode):
            os.lseek(again, file.offset, os.SEEK_SET)
        os.dup2(again, file.fd, inheritable)
        os.close(again)
