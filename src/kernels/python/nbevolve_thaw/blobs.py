"""Owns: files named by the hash of what is in them. Written to a folder of the kernel's own, from where the controller
takes them into the store; read from the store, and checked on the way in. Never overwrites and never removes a file.
"""

import hashlib
import os
from typing import Any

PIECE = 4 << 20


class TooLarge(Exception):
    """There is no room for it within the limits."""


class Damaged(Exception):
    """A file of the store is missing, or is not what its name says."""


class Writer:
    """A file that is written piece by piece, and named when it is whole."""

    def __init__(self, blobs: "NewBlobs") -> None:
        self.blobs = blobs
        self.bytes = 0
        self.path = os.path.join(blobs.folder, f"part-{blobs.count}")
        blobs.count += 1
        self.hash = hashlib.sha256()
        self.file = open(self.path, "wb")
        os.fchmod(self.file.fileno(), 0o600)  # whatever the user's umask: the controller reads it

    def write(self, data: Any) -> int:
        size = len(data) if isinstance(data, bytes) else memoryview(data).nbytes
        self.bytes += size
        if self.bytes > self.blobs.room:
            raise TooLarge(f"it takes more than the {self.blobs.room >> 20} MB that are left for this state")
        self.hash.update(data)
        self.file.write(data)
        return size

    def done(self) -> str:
        self.file.close()
        name = self.hash.hexdigest()
        self.blobs.add(self.path, name, self.bytes)
        return name

    def drop(self) -> None:
        self.file.close()
        if os.path.exists(self.path):
            os.unlink(self.path)


class NewBlobs:
    """`folder`: the kernel's own; `store`: what is kept already, only read; `room`: bytes for what is not."""

    def __init__(self, folder: str, store: str, room: int) -> None:
        self.folder, self.store, self.room = folder, store, room
        self.count = 0
        # By name, of all that were asked for; those that are in the store already included.
        self.sizes: dict[str, int] = {}

    def put(self, data: memoryview) -> str:
        """The name of these bytes, written unless they are there already."""
        name = hashlib.sha256(data).hexdigest()
        if not self.known(name, data.nbytes):
            writer = Writer(self)
            try:
                for at in range(0, data.nbytes, PIECE):
                    writer.write(data[at : at + PIECE])
                writer.done()
            except BaseException:
                writer.drop()
                raise
        return name

    def known(self, name: str, size: int) -> bool:
        if name in self.sizes:
            return True
        there = os.path.join(self.store, name)
        if not (os.path.exists(there) and os.path.getsize(there) == size):
            return False
        self.sizes[name] = size
        return True

    def add(self, path: str, name: str, size: int) -> None:
        if self.known(name, size):
            os.unlink(path)
            return
        os.rename(path, os.path.join(self.folder, name))
        self.sizes[name] = size
        self.room -= size


class StoredBlobs:
    """What the store holds; every file is compared with its name."""

    def __init__(self, store: str) -> None:
        self.store = store

    def read(self, name: str) -> bytearray:
        into = bytearray(self.size(name))
        self.read_into(name, memoryview(into))
        return into

    def read_into(self, name: str, into: memoryview) -> None:
        if self.size(name) != into.nbytes:
            raise Damaged(f"file {name[:12]} of the store has another size")
        state = hashlib.sha256()
        with open(os.path.join(self.store, name), "rb", buffering=0) as file:
            at = 0
            while at < into.nbytes:
                count = file.readinto(into[at : at + PIECE])
                if not count:
                    break
                state.update(into[at : at + count])
                at += count
        if state.hexdigest() != name:
            raise Damaged(f"file {name[:12]} of the store is damaged")

    def size(self, name: str) -> int:
        try:
            return os.path.getsize(os.path.join(self.store, name))
        except OSError:
            raise Damaged(f"file {name[:12]} of the store is missing") from None
