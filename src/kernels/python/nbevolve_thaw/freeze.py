"""Owns: a kernel's state as files: each variable, or group of variables that share parts, a pickle of its own; what cannot
or need not be kept is named with its reason. Leaves the state as it is.
"""

import gc
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbevolve_kernel import settings
from nbevolve_thaw.blobs import NewBlobs, TooLarge, Writer
from nbevolve_thaw.names import user_names
from nbevolve_thaw.pickling import StatePickler
from nbevolve_thaw.sharing import Sharing

# What an array takes to be read back, and what anything else takes, when a machine is slow.
ARRAY_BYTES_PER_MS = 1_000_000
OTHER_BYTES_PER_MS = 200_000
# Less than this is always kept.
SMALL = 1 << 20

Value = dict[str, Any]


class Chosen(Exception):
    """Making it again is cheaper than keeping it."""


class NotKept(Exception):
    """Another process cannot have this state."""


class Freezing:
    def __init__(self, names: dict[str, Any], blobs: NewBlobs, again_ms: dict[str, float]) -> None:
        self.names, self.blobs, self.again_ms = names, blobs, again_ms
        self.sharing = Sharing()
        self.groups: dict[int, Value] = {}
        self.lost: dict[int, Value] = {}
        # What was made on the way: as long as it lives, nothing else has its identity.
        self.alive: list[object] = []

    def take(self, wanted: list[str]) -> None:
        for name in wanted:
            number = self.sharing.begin()
            self.keep(number, [name], may_choose=True)
        for members in self.sharing.groups():
            if len(members) > 1:
                self.join(members, wanted)

    def join(self, members: list[int], wanted: list[str]) -> None:
        """What shares parts goes into one file, as far as it can be kept at all."""
        kept = [one for one in members if one not in self.lost or self.lost[one]["chosen"]]
        broken = [one for one in members if one not in kept]
        for one in kept:
            self.groups.pop(one, None)
            self.lost.pop(one, None)
        if kept:
            self.keep(kept[0], [wanted[one] for one in kept], may_choose=False)
        if kept and kept[0] in self.lost:
            for one in kept:
                self.lost[one] = {**self.lost[kept[0]], "name": wanted[one]}
        for one in broken:
            self.lost[one]["with"] = [wanted[other] for other in members if other != one]

    def keep(self, number: int, together: list[str], may_choose: bool) -> None:
        writer = Writer(self.blobs)
        try:
            self.groups[number] = self.pickle(writer, together, may_choose)
        except Chosen:
            self.lose(number, together, "to make it again is cheaper than to keep it", True)
        except TooLarge as problem:
            self.lose(number, together, str(problem), False)
        except RecursionError:
            self.lose(number, together, "it is nested too deeply", False)
        except Exception as problem:
            self.lose(number, together, f"{type(problem).__name__}: {problem}"[:300], False)
        finally:
            writer.drop()

    def lose(self, number: int, together: list[str], reason: str, chosen: bool) -> None:
        self.lost[number] = {"name": together[0], "reason": reason, "chosen": chosen, "with": []}

    def pickle(self, writer: Writer, together: list[str], may_choose: bool) -> Value:
        values = {name: self.names[name] for name in together}
        self.alive.append(values)
        limit_ms = self.again_ms.get(together[0]) if may_choose else None
        if limit_ms is not None:
            self.choose_array(values[together[0]], limit_ms)
        pickler = StatePickler(writer, self.names, self.blobs, self.sharing.meet)
        pickler.dump(values)
        if limit_ms is not None and writer.bytes > max(SMALL, limit_ms * OTHER_BYTES_PER_MS):
            raise Chosen
        name = writer.done()
        files = [name, *pickler.buffers, *pickler.arrays]
        return {"names": together, "pickle": name, "buffers": pickler.buffers, "files": sorted(set(files))}

    def choose_array(self, value: Any, limit_ms: float) -> None:
        numpy = sys.modules.get("numpy")
        if numpy is None or type(value) is not numpy.ndarray or value.base is not None:
            return
        if value.nbytes > max(SMALL, limit_ms * ARRAY_BYTES_PER_MS):
            # Should others be views of it, they will be kept with it.
            self.sharing.meet(value)
            raise Chosen


def freeze(request: dict[str, Any], shell: Any) -> Value:
    """`{"folder", "store", "room", "againMs": {name: what it takes to make it again}}` -> what was kept where."""
    troubles = settings.troubles()
    if troubles:
        raise NotKept("; ".join(troubles))
    drawn = random.getstate()
    blobs = NewBlobs(request["folder"], request["store"], request["room"])
    taken = settings.take()
    freezing = Freezing(shell.user_ns, blobs, request["againMs"])
    try:
        with without_collections():
            freezing.take(user_names(shell))
        kept_settings = keep_settings(taken, blobs, shell.user_ns)
    finally:
        random.setstate(drawn)
    return {
        "python": sys.implementation.cache_tag,
        "groups": list(freezing.groups.values()),
        "lost": list(freezing.lost.values()),
        "settings": kept_settings,
        "names": user_names(shell),
        "figures": open_figures(),
        "count": shell.execution_count,
        "sizes": blobs.sizes,
    }


@contextmanager
def without_collections() -> Iterator[None]:
    """Millions of objects come and none goes: looking for garbage would take most of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def keep_settings(taken: dict[str, Any], blobs: NewBlobs, names: dict[str, Any]) -> dict[str, str]:
    """Each in a file of its own: one that cannot be kept costs only itself."""
    kept = {}
    for name, value in taken.items():
        writer = Writer(blobs)
        try:
            StatePickler(writer, names, blobs, lambda _: None).dump(value)
            kept[name] = writer.done()
        except Exception:
            writer.drop()
    return kept


def open_figures() -> list[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return [] if pyplot is None else list(pyplot.get_fignums())
