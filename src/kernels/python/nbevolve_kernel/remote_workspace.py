"""Owns: the workspaces of a kernel on a server that is not ours: folders below the one that the kernel was started in.
Never touches anything outside of them.

Sent to the kernel as text, with kernel_side.py: nothing of nbevolve is installed there.
"""

import os
import shutil
from collections.abc import Callable

from nbevolve_kernel.place import Place

FOLDER = "nbevolve-workspaces"


def make_opener(run: str) -> Callable[[str], str]:
    """A function that opens a workspace of this run; `run` is a plain name. The workspace is empty, or, for a kernel that
    was in another workspace, a copy of that one.
    """
    root = os.path.join(os.getcwd(), FOLDER, os.path.basename(run))

    def open_workspace(directory: str) -> str:
        name = os.path.basename(directory.replace("\\", "/"))
        if name in ("", ".", ".."):
            raise ValueError(f"not a name for a workspace: {directory!r}")
        there, here = os.path.join(root, name), os.path.realpath(Place.roots[0] if Place.roots else os.curdir)
        if there == here:
            return there
        shutil.rmtree(there, ignore_errors=True)
        if os.path.dirname(here) == os.path.realpath(root):
            shutil.copytree(here, there, symlinks=True)
        else:
            os.makedirs(there)
        return there

    return open_workspace
