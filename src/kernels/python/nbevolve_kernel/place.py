"""Owns: where a kernel works: its workspace, and what of the process names a place in it. A kernel that goes on in another
workspace stands in the same folder there, and finds the same folders. Never touches a file.
"""

import os
import re
import sys

HERE = "<workspace>"


class Place:
    """The workspace of this kernel, as it was given and as the system calls it; empty before the first."""

    roots: tuple[str, ...] = ()
    # Where it stood when it became a template: the folder itself may be gone since.
    stood: str | None = None


def stand() -> None:
    """Remembers where the kernel stands, for when it moves. @raises OSError when that is gone."""
    Place.stood = working_directory()


def move(directory: str) -> None:
    """Makes a directory the workspace. @raises OSError when the folder in which the kernel stands is not there."""
    was, Place.stood = (Place.stood or working_directory()) if Place.roots else HERE, None
    names = {name: relative(value) for name, value in os.environ.items()}
    paths = [relative(path) for path in sys.path]
    before, Place.roots = Place.roots, tuple(dict.fromkeys((directory, os.path.realpath(directory))))
    try:
        os.chdir(absolute(was))
    except OSError:
        Place.roots = before
        raise
    os.environ.update({name: absolute(value) for name, value in names.items() if HERE in value})
    sys.path[:] = map(absolute, paths)
    if not before:
        os.environ["PWD"] = directory


def working_directory() -> str:
    """Where the kernel stands, relative to its workspace when it is in there. @raises OSError when that is gone."""
    return relative(os.getcwd())


def relative(text: str, roots: tuple[str, ...] | None = None) -> str:
    """The text without the name of this workspace: paths that are in it begin with a sign."""
    for root in Place.roots if roots is None else roots:
        if type(text) is str and root in text:
            text = re.sub(rf"{re.escape(root)}(?=[/:]|$)", HERE, text)
    return text


def absolute(text: str) -> str:
    return text.replace(HERE, Place.roots[0]) if type(text) is str else text
