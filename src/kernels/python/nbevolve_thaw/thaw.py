"""Owns: files of the store as variables of this kernel. What cannot be had is named with its reason; the rest is there."""

import io
import sys
from typing import Any

from nbevolve_kernel import settings
from nbevolve_thaw.blobs import Damaged, StoredBlobs
from nbevolve_thaw.freeze import open_figures, without_collections
from nbevolve_thaw.names import user_names
from nbevolve_thaw.pickling import Present, StateUnpickler

Value = dict[str, Any]


def thaw(request: Value, shell: Any) -> Value:
    """`{"store", "python", "groups", "settings", "names"?, "figures"?, "count"?}`: the last three when all is there. Settings
    are put both times: cells run in between, and may change them.

    -> `{"failed": {name: why}, "damaged": [files], "notes": [what else is not as it was]}`
    """
    if request["python"] != sys.implementation.cache_tag:
        return {"refused": f"it was kept by {request['python']}, and this is {sys.implementation.cache_tag}"}
    Present.names, Present.blobs = shell.user_ns, StoredBlobs(request["store"])
    with without_collections():
        failed, damaged = take(request["groups"], shell)
    notes = put_settings(request["settings"]) + (finish(request, shell) if "names" in request else [])
    return {"failed": failed, "damaged": damaged, "notes": notes}


def take(groups: list[Value], shell: Any) -> tuple[dict[str, str], bool]:
    failed: dict[str, str] = {}
    damaged = False
    for group in groups:
        try:
            shell.user_ns.update(unpickle(group["pickle"], group["buffers"]))
        except Damaged as problem:
            damaged = True
            failed.update(dict.fromkeys(group["names"], str(problem)))
        except Exception as problem:
            failed.update(dict.fromkeys(group["names"], f"{type(problem).__name__}: {problem}"[:300]))
    return failed, damaged


def finish(request: Value, shell: Any) -> list[str]:
    for name in set(user_names(shell)) - set(request["names"]):
        del shell.user_ns[name]
    shell.execution_count = request["count"]
    closed = [number for number in request["figures"] if number not in open_figures()]
    return [f"pyplot's figures {closed} are not open any more"] if closed else []


def put_settings(files: dict[str, str]) -> list[str]:
    """What is not as it was, in words."""
    taken, notes = {}, []
    for name, file in files.items():
        try:
            taken[name] = unpickle(file, [])
        except Exception as problem:
            notes.append(f"{name} is not what it was ({type(problem).__name__})")
    return notes + [f"{name} is not what it was" for name in settings.put(taken)]


def unpickle(name: str, buffers: list[str]) -> Any:
    whole = io.BytesIO(Present.blobs.read(name))
    return StateUnpickler(whole, buffers=(Present.blobs.read(buffer) for buffer in buffers)).load()
