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
LANDLOCK_RESTRICT_SELF = 446
VERSION_QUERY = 1
FIRST_WITH_SCOPES = 6  # Linux 6.12
SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

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


def keep_to_oneself() -> bool:
    """From now on this process and those that come from it can signal and inspect only each other, not the server and
    not other kernels. False where the system cannot do that (before Linux 6.12, or without Landlock).
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_QUERY) < FIRST_WITH_SCOPES:
        return False
    attributes = struct.pack("QQQ", 0, 0, SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS)
    ruleset = libc.syscall(LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        return libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)
