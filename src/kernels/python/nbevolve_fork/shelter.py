"""Owns: the part of its parent's box that a forked kernel shuts itself into before its first cell: its own folders, and nothing
of its siblings. Never loosens anything.
"""

import os
import sys
import tempfile
from collections.abc import Iterable

from nbevolve_guard import confinement

# What was in the box before there was a kernel. The temporary folder is that of the box's first kernel, to be read.
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/nix", "/proc", "/run", "/tmp")
# Besides the area: devices, and the shared memory without which there are no locks between processes.
DEVICES, SHARED_MEMORY = "/dev", "/dev/shm"
HOME, TEMPORARY = "~home", "~tmp"


def shut_in(area: str) -> dict[str, str]:
    """What changed in the environment. Where the system cannot do that, the kernel shares what its parent reached."""
    home, temporary = os.path.join(area, HOME), os.path.join(area, TEMPORARY)
    for folder in (home, temporary):
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o700)  # whatever the user's umask
    read = [*SYSTEM, *packages()]
    confinement.shut_in([area, SHARED_MEMORY], read, [DEVICES])
    before = dict(os.environ)
    move_in(home, temporary)
    return {name: value for name, value in os.environ.items() if before.get(name) != value}


def packages() -> Iterable[str]:
    """Where Python and its packages lie, and what else the box shows."""
    return [sys.prefix, sys.base_prefix, sys.exec_prefix, *os.environ.get("NBEVOLVE_SEES", "").split(os.pathsep)]


def move_in(home: str, temporary: str) -> None:
    """Variables that named the old folders name the new ones."""
    old = os.environ.get("HOME", "")
    for name, value in list(os.environ.items()):
        if old and (value == old or value.startswith(old + os.sep)):
            os.environ[name] = home + value[len(old) :]
    if tempfile.tempdir in (None, os.environ.get("TMPDIR")):
        tempfile.tempdir = temporary
    os.environ["TMPDIR"] = temporary
