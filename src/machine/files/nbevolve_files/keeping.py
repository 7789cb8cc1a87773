"""Owns: the way of files between folders that others can write and the store, in which each file is named by the SHA-256
of its content. What enters the store is a copy whose name was checked: nobody else has it open. Never removes from the
store what is not damaged.
"""

import hashlib
import os
import re
import stat
from typing import Any

from nbevolve_files.copying import PERMISSIONS
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
    plain_names,
    read_link,
)

PIECE = 1 << 22
NAME = re.compile(r"[0-9a-f]{64}")
# Of all paths together: they are written down with the state.
MOST_NAMES = 8 << 20

Value = dict[str, Any]


class Store:
    """`added`: the size of each file that is new in the store, by its name."""

    def __init__(self, folder: int) -> None:
        self.folder = folder
        self.added: dict[str, int] = {}

    def holds(self, name: str) -> bool:
        try:
            return stat.S_ISREG(os.stat(name, dir_fd=self.folder, follow_symlinks=False).st_mode)
        except OSError:
            return False

    def put(self, source: int, most: int, wanted: str | None = None) -> str | None:
        """The name of what the file holds, up to `most` bytes; None when it is not the one that is wanted."""
        part = f"part-{os.urandom(6).hex()}"
        with opened(os.open(part, NEW_FILE, 0o600, dir_fd=self.folder)) as copy:
            try:
                name, size = copy_hashed(source, copy, most)
                if wanted not in (None, name):
                    return None
                if not self.holds(name):
                    self.added[name] = size
                # One that was there may be damaged.
                os.rename(part, name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
                return name
            finally:
                drop(part, self.folder)

    def get(self, name: str, target: int) -> bool:
        """False when it is missing or damaged; a damaged one is removed."""
        try:
            source, found = open_file(name, self.folder)
        except (OSError, Trouble):
            return False
        with opened(source):
            held, _ = copy_hashed(source, target, found.st_size)
        if held != name:
            drop(name, self.folder)
        return held == name


def copy_hashed(source: int, target: int, most: int) -> tuple[str, int]:
    """@raises Trouble when it is more than `most` bytes."""
    hashed, size = hashlib.sha256(), 0
    while piece := os.read(source, PIECE):
        size += len(piece)
        if size > most:
            raise Trouble("a file grew while it was read")
        hashed.update(piece)
        view = memoryview(piece)
        while view:
            view = view[os.write(target, view) :]
    return hashed.hexdigest(), size


def drop(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass


class Saving:
    def __init__(self, store: Store, most: Bounds) -> None:
        self.store = store
        self.count = Count(most)
        self.names = 0
        self.saved: list[Value] = []

    def folder(self, fd: int, above: str, depth: int) -> None:
        if depth > DEPTH:
            raise Trouble(f"the workspace has folders that lie more than {DEPTH} deep")
        with os.scandir(fd) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                self.entry(entry, fd, f"{above}{entry.name}", depth)

    def entry(self, entry: "os.DirEntry[str]", fd: int, path: str, depth: int) -> None:
        self.names += len(path)
        if self.names > MOST_NAMES:
            raise Trouble("the names of its files are too long to be written down")
        found = entry.stat(follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            self.count.add(0)
            self.add(path, found, {"link": read_link(entry.name, fd, path)})
        elif stat.S_ISDIR(found.st_mode):
            self.count.add(0)
            self.add(path, found, None)
            with opened(open_folder(entry.name, fd)) as below:
                self.folder(below, f"{path}/", depth + 1)
        elif stat.S_ISREG(found.st_mode):
            source, found = open_file(entry.name, fd)
            with opened(source):
                self.count.add(found.st_size)
                self.add(path, found, self.store.put(source, found.st_size))
        else:
            raise not_plain(path)

    def add(self, path: str, found: os.stat_result, content: Any) -> None:
        mode = found.st_mode & PERMISSIONS
        self.saved.append({"path": path, "mode": mode, "modifiedMs": found.st_mtime_ns / 1e6, "content": content})


def place(saved: list[Value], folder: int, store: Store) -> str | None:
    """Writes the saved files into an empty folder. The path of the first that the store does not hold whole."""
    for one in saved:
        *above, name = plain_names(one["path"])
        with opened(open_deep(folder, above)) as parent:
            if not place_one(one, name, parent, store):
                return str(one["path"])
    return None


def open_deep(folder: int, names: list[str]) -> int:
    fd = os.dup(folder)
    for name in names:
        with opened(fd):
            below = open_folder(name, fd)
        fd = below
    return fd


def place_one(one: Value, name: str, parent: int, store: Store) -> bool:
    content, mode = one["content"], one["mode"] & PERMISSIONS
    times = (one["modifiedMs"] / 1000, one["modifiedMs"] / 1000)
    if content is None:
        os.mkdir(name, mode | 0o700, dir_fd=parent)
        return True
    if isinstance(content, dict):
        os.symlink(content["link"], name, dir_fd=parent)
        return True
    with opened(os.open(name, NEW_FILE, 0o600, dir_fd=parent)) as target:
        if not store.get(content, target):
            return False
        os.fchmod(target, mode)
        os.utime(target, times)
    return True


def adopt(names: list[str], folder: int, store: Store, most: int) -> bool:
    """Takes files of these names into the store, up to `most` bytes, unless it holds them already. False when one is missing
    or not what its name says.
    """
    left = most
    for name in names:
        if NAME.fullmatch(name) is None:
            return False
        try:
            source, found = open_file(name, folder)
        except (OSError, Trouble):
            if store.holds(name):
                continue
            return False
        with opened(source):
            if found.st_size > left or store.put(source, found.st_size, name) is None:
                return False
        left -= found.st_size
    return True
