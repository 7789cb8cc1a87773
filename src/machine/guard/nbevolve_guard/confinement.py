"""Owns: what a boxed process takes from itself before code of others runs in it: limits, and reach to its neighbours.
Never loosens anything. Nothing here is needed for a box to hold; it keeps the kernels in one box apart.
"""

import ctypes
import os
import resource
import struct

from nbevolve_guard import process_tree as tree

PR_SET_DUMPABLE = 4
LANDLOCK_CREATE_RULESET = 444
LANDLOCK_ADD_RULE = 445
LANDLOCK_RESTRICT_SELF = 446
VERSION_QUERY = 1
PATH_BENEATH = 1
FIRST_WITH_SCOPES = 6  # Linux 6.12
SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

# Rights on files, by bit. What an older system does not know cannot be taken away there.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE = 1 << 13, 1 << 14
FIRST_RIGHTS = (1 << 13) - 1
READ = EXECUTE | READ_FILE | READ_DIR
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE

LIMITS = {
    "fileBytes": resource.RLIMIT_FSIZE,
    "tasks": resource.RLIMIT_NPROC,
    "openFiles": resource.RLIMIT_NOFILE,
}


def is_boxed() -> bool:
    """Whether nbevolve put this process in a box."""
    return "NBEVOLVE_BOX" in os.environ


def limit(limits: dict[str, int]) -> None:
    """Lowers the limits of this process and of all that come from it; a lower one that holds already stays."""
    for name, value in limits.items():
        which = LIMITS[name]
        soft, hard = (value if old == resource.RLIM_INFINITY else min(old, value) for old in resource.getrlimit(which))
        resource.setrlimit(which, (soft, hard))


def hide_memory() -> None:
    """From now on no process of the same user can read or write this one's memory, by /proc or otherwise."""
    tree.prctl(PR_SET_DUMPABLE, 0)


def version() -> int:
    """Of Landlock; 0 where there is none."""
    return max(0, libc().syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_QUERY))


def keep_to_oneself() -> bool:
    """From now on this process and those that come from it can signal and inspect only each other, not the server and
    not other kernels. False where the system cannot do that (before Linux 6.12, or without Landlock).
    """
    return version() >= FIRST_WITH_SCOPES and restrict(0, [])


def shut_in(folders: list[str], readable: list[str], writable_files: list[str]) -> bool:
    """As `keep_to_oneself`, and they can change files in these folders alone (of others only what is in them already), and
    read only what is named besides. False where the system cannot do that (before Linux 5.13, or without Landlock), or
    when this process has been shut in too often (16 times).
    """
    known = version()
    if known == 0:
        return False
    every = FIRST_RIGHTS | (REFER if known >= 2 else 0) | (TRUNCATE if known >= 3 else 0)
    rules = [(path, every) for path in folders]
    rules += [(path, READ) for path in readable]
    rules += [(path, (READ | WRITE_FILE | TRUNCATE) & every) for path in writable_files]
    return restrict(every, rules)


def restrict(handled: int, rules: list[tuple[str, int]]) -> bool:
    scopes = SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if version() >= FIRST_WITH_SCOPES else 0
    # Older systems know fewer fields.
    attributes = struct.pack("QQQ", handled, 0, scopes) if scopes else struct.pack("Q", handled)
    ruleset = libc().syscall(LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        for path, rights in rules:
            allow(ruleset, path, rights)
        return libc().syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def allow(ruleset: int, path: str, rights: int) -> None:
    try:
        found = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        given = rights if os.path.isdir(path) else rights & OF_FILES
        rule = struct.pack("=Qi", given, found)
        if libc().syscall(LANDLOCK_ADD_RULE, ruleset, PATH_BENEATH, rule, 0) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)
    finally:
        os.close(found)


def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
