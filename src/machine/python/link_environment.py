"""Owns: a new environment that begins as another one: its files are links to that one's, so that it takes a second and no room.
Changes nothing in the other: installers replace files, they do not write into them.

    python -I link_environment.py <new directory> [name...]

The interpreter is the other environment's. `constraints.txt` in the new one holds the version of each package that is
there, but for those that are named: what is installed later leaves the rest as it is.
"""

import importlib.metadata
import os
import re
import shutil
import sys
from pathlib import Path


def link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # no links here, or too many to one file
        shutil.copy2(source, target, follow_symlinks=False)


def constraints(released: list[str]) -> str:
    found = ((d.metadata["Name"], d.version) for d in importlib.metadata.distributions())
    pins = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found if name}
    return "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()) if name not in released)


def main(target: str, released: list[str]) -> None:
    shutil.copytree(sys.prefix, target, symlinks=True, copy_function=link)
    pins = Path(target, "constraints.txt")
    pins.unlink(missing_ok=True)  # a link, where the other one was made so
    pins.write_text(constraints(released), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
