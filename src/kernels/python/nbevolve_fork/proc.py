"""Owns: what /proc says about one process: its threads, descriptors and mappings. Never changes any of it."""

import os
from typing import NamedTuple


class Thread(NamedTuple):
    tid: int
    name: str
    state: str
    cpu_ticks: int


class Mapping(NamedTuple):
    access: str
    path: str


def read(path: str) -> str:
    """The text of a /proc file; empty when its process is gone or it may not be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def threads(pid: int | str = "self") -> list[Thread]:
    found = []
    try:
        tids = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    for tid in tids:
        head, _, tail = read(f"/proc/{pid}/task/{tid}/stat").rpartition(")")
        fields = tail.split()
        if len(fields) > 12:
            name = head.partition("(")[2]
            found.append(Thread(int(tid), name, fields[0], int(fields[11]) + int(fields[12])))
    return found


def children(pid: int | str = "self") -> list[int]:
    tids = [thread.tid for thread in threads(pid)]
    return [int(child) for tid in tids for child in read(f"/proc/{pid}/task/{tid}/children").split()]


def mappings() -> list[Mapping]:
    found = []
    for line in read("/proc/self/maps").splitlines():
        fields = line.split(maxsplit=5)
        if len(fields) == 6:
            found.append(Mapping(fields[1], fields[5]))
    return found


def descriptors() -> dict[int, str]:
    """Open descriptors and what they are: a path, or `socket:[...]` and the like."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            pass  # the listing's own, closed already
    return found


def memory_bytes(pid: int | str = "self") -> dict[str, int]:
    """`pss`: its share of the memory; `private`: what only it has."""
    sizes: dict[str, int] = {}
    for line in read(f"/proc/{pid}/smaps_rollup").splitlines():
        name, _, rest = line.partition(":")
        if rest.strip().endswith("kB"):
            sizes[name] = int(rest.split()[0]) * 1024
    return {"pss": sizes.get("Pss", 0), "private": sizes.get("Private_Clean", 0) + sizes.get("Private_Dirty", 0)}
