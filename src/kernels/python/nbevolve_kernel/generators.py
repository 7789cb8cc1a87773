"""Owns: the random generators that belong to modules, and whether somebody seeded them: one that nobody did differs in every
process, and is no part of what two kernels have in common.
"""

import random
import sys
from typing import Any

Words = tuple[int, ...]
# So many blocks of 624 numbers are drawn to find out; beyond, a generator counts as seeded.
MOST_BLOCKS = 1_000

# Where generators that nobody seeded began, by module, empty for one that was seeded. numpy's remembers by itself.
began: dict[str, Words] = {}


def words_of_random() -> Words:
    return random.getstate()[1][:624]


def words_of_numpy(numpy_random: Any) -> Words:
    return tuple(map(int, numpy_random.get_state(legacy=False)["state"]["key"]))


def remember() -> None:
    """Nobody has seeded them yet."""
    began["random"] = words_of_random()
    if "numpy.random" in sys.modules:
        began["numpy.random"] = words_of_numpy(sys.modules["numpy.random"])


def begin_anew() -> None:
    """In a process that was forked from one that had only loaded modules."""
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    remember()


def take_random(_: Any) -> Any:
    return {"state": random.getstate(), "began": unseeded("random", began.get("random"), words_of_random())}


def put_random(_: Any, taken: Any) -> None:
    random.setstate(taken["state"])
    go_on("random", taken["began"])


def take_numpy(numpy_random: Any) -> Any:
    start = began["numpy.random"] if "numpy.random" in began else first_words(numpy_random)
    now = words_of_numpy(numpy_random)
    return {"state": numpy_random.get_state(legacy=False), "began": unseeded("numpy.random", start, now)}


def put_numpy(numpy_random: Any, taken: Any) -> None:
    numpy_random.set_state(taken["state"])
    go_on("numpy.random", taken["began"])


def describe(taken: Any) -> Any:
    return None if taken["began"] else taken["state"]


def first_words(numpy_random: Any) -> Words | None:
    """With what numpy began when it was loaded; None once it was seeded."""
    seeds = getattr(numpy_random.mtrand._rand._bit_generator, "seed_seq", None)
    if seeds is None:
        return None
    return tuple(map(int, numpy_random.MT19937(seeds).state["state"]["key"]))


def go_on(name: str, start: Words | None) -> None:
    began[name] = start or ()


def unseeded(name: str, start: Words | None, now: Words) -> Words | None:
    """With what an unseeded generator goes on; None for one that was seeded."""
    if not start:
        return None
    began[name] = now if descends(now, start) else ()
    return began[name] or None


def descends(now: Words, start: Words) -> bool:
    """Whether drawing numbers leads from one state to the other."""
    twin = random.Random()
    twin.setstate((3, (*start, 624), None))
    for _ in range(MOST_BLOCKS):
        if twin.getstate()[1][:624] == now:
            return True
        twin.getrandbits(32 * 624)
    return False
