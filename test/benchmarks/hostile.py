"""Owns: submissions made to fool the benchmarks' verifiers, and what each may be worth at most. Judges them with the
judge's own code in this process, both as live objects and as the data that would reach the judge.
"""

import math
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from nbevolve_guard.submission import encode
from nbevolve_verifier.judge import judgement
from nbevolve_verifier.judge import load as load_verifier
from nbevolve_verifier.verdict import Verdict, judged, raised

Make = Callable[[Any], Any]


@dataclass(frozen=True)
class Task:
    name: str
    source: str
    maximize: bool
    best_known: float
    founder: Any

    def better(self, score: float, than: float) -> bool:
        return score > than if self.maximize else score < than


@dataclass(frozen=True)
class Attack:
    """What is submitted in place of the founder, and how well it may do: at most as `worth`, or not at all (None)."""

    title: str
    make: Make
    worth: float | None = None
    says: str = ""


TASKS: dict[str, Task] = {}


def load(name: str, direction: str, best_known: float, cells: list[str], verifier: str) -> None:
    """Runs a task's setup and founder without its plot, and keeps them."""
    names: dict[str, Any] = {"__name__": "__main__"}
    *setup, founder = cells
    for cell in setup:
        exec(cell, names)
    names["draw"] = lambda *_: None
    exec(founder, names)
    TASKS[name] = Task(name, verifier, direction == "maximize", best_known, names["submission"])


def verdict_on_object(task: Task, submission: Any) -> Verdict:
    """As if the very object reached the verifier."""
    try:
        return judged(load_verifier(task.source)["verify"](submission))
    except BaseException as problem:
        return raised(problem)


def verdict_on_data(task: Task, submission: Any) -> Verdict | None:
    """As it is in a run: what is data is judged, None for what is none and never leaves the kernel."""
    try:
        text = encode(submission)
    except (TypeError, ValueError):
        return None
    return judgement(task.source, text)


def attack(name: str, title: str) -> str:
    """Empty when the verifier stands; else what went wrong."""
    task = TASKS[name]
    one = next(one for one in attacks(task) if one.title == title)
    live = verdict_on_object(task, one.make(task.founder))
    data = verdict_on_data(task, one.make(task.founder))
    return "; ".join(filter(None, [fault(task, one, live), data and data_fault(task, one, data)]))


def fault(task: Task, one: Attack, verdict: Verdict) -> str:
    if verdict["score"] is None:
        return "" if re.search(one.says, verdict["message"]) else f'refused with "{verdict["message"]}"'
    if one.worth is None or task.better(verdict["score"], one.worth):
        return f"scored {verdict['score']!r}: {verdict['message']}"
    return ""


def data_fault(task: Task, one: Attack, verdict: Verdict) -> str:
    """Overridden operators do not survive as data: what arrives is honest, and worth what it is worth."""
    limit = task.best_known if one.worth is None else one.worth
    forged = verdict["score"] is not None and task.better(verdict["score"], limit)
    return f"scored {verdict['score']!r} as data" if forged else ""


def titles(name: str) -> list[str]:
    return [one.title for one in attacks(TASKS[name])]


def attacks(task: Task) -> list[Attack]:
    return [*everywhere(task), *LOCAL.get(task.name, lambda _: [])(task)]


# What every verifier has to refuse


class Sly(float):
    """A float with the operators one would like."""

    def __float__(self) -> float:
        return 0.0

    def __le__(self, _: object) -> bool:
        return True

    def __sub__(self, _: object) -> float:  # type: ignore[override]
        return 9.0

    __ge__ = __lt__ = __gt__ = __eq__ = __ne__ = __le__  # type: ignore[assignment]
    __add__ = __radd__ = __rsub__ = __mul__ = __rmul__ = __sub__  # type: ignore[assignment]
    __hash__ = float.__hash__

    def as_integer_ratio(self) -> tuple[int, int]:
        return (9, 1)


class SlyInt(int):
    def __index__(self) -> int:
        return 9

    def __le__(self, _: object) -> bool:
        return True

    __ge__ = __lt__ = __gt__ = __le__


class SlyList(list):  # type: ignore[type-arg]
    def __len__(self) -> int:
        return 26

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter([[0.5, 0.5, 0.5]] * 26)

    def __getitem__(self, _: object) -> Any:  # type: ignore[override]
        return [0.5, 0.5, 0.5]


class Shifting:
    """Something like a list that says something else each time it is read."""

    def __init__(self, founder: Any) -> None:
        self.founder, self.reads = founder, 0

    def __len__(self) -> int:
        return len(self.founder)

    def __getitem__(self, at: int) -> Any:
        self.reads += 1
        return self.founder[at] if self.reads % 2 else 9e9

    def __iter__(self) -> Iterator[Any]:
        self.reads += 1
        return iter(self.founder if self.reads % 2 else [9e9])


LEAVES: list[tuple[str, Any]] = [
    ("nan", math.nan),
    ("infinity", math.inf),
    ("minus infinity", -math.inf),
    ("numpy's nan", np.float64("nan")),
    ("a complex number", 0.5 + 0j),
    ("True", True),
    ("numpy's True", np.bool_(True)),
    ("text", "0.5"),
    ("bytes", b"0.5"),
    ("None", None),
    ("a list", [0.5]),
    ("a dict", {"value": 0.5}),
    ("a huge integer", 10**4000),
    ("a huge negative integer", -(10**400)),
    ("a float with operators of its own", Sly(0.5)),
    ("an integer with operators of its own", SlyInt(1)),
    ("an array without dimensions", np.array(0.5)),
    ("a date", np.datetime64("2020-01-01")),
    ("a function", len),
]

WHOLES: list[tuple[str, Make]] = [
    ("nothing", lambda _: None),
    ("a number", lambda _: 9.0),
    ("text", lambda _: "the best packing"),
    ("the score itself", lambda founder: {"score": 1e9, "strict": 1e9, "valid": True, "submission": founder}),
    ("an empty list", lambda _: []),
    ("empty rows", lambda founder: [[] for _ in founder]),
    ("one list more around it", lambda founder: [founder]),
    ("a generator", lambda founder: iter(list(founder))),
    ("a set", lambda founder: set(range(len(founder)))),
    ("a list with operators of its own", lambda founder: SlyList(founder)),
    ("an object that changes while it is read", Shifting),
    ("an array of bool", lambda founder: np.ones(np.shape(plain(founder)), dtype=bool)),
    ("an array of complex", lambda founder: np.array(plain(founder)) + 0.5j),
    ("an array of text", lambda founder: np.array(plain(founder)).astype(str)),
    ("an array of nan", lambda founder: np.full(np.shape(plain(founder)), np.nan)),
    ("a masked array", lambda founder: np.ma.masked_invalid(np.array(plain(founder)))),
    ("a list that contains itself", lambda _: cycle()),
]


def everywhere(task: Task) -> list[Attack]:
    leaves = [(title, value, at) for title, value in LEAVES for at in (0, -1)]
    return [
        *(Attack(f"{title} as the {'first' if at == 0 else 'last'} number", replacing(at, value)) for title, value, at in leaves),
        *(Attack(title, make) for title, make in WHOLES),
        Attack("rows that another thread changes", shifting_rows, worth=task.best_known),
        Attack("1e-161 for every number", lambda founder: mapped(founder, lambda _: 1e-161), worth=task.best_known),
        Attack("5e-324 for every number", lambda founder: mapped(founder, lambda _: 5e-324), worth=task.best_known),
        Attack("0 for every number", lambda founder: mapped(founder, lambda _: 0.0), worth=task.best_known),
        Attack("everything times 1e-161", lambda founder: mapped(founder, lambda x: x * 1e-161), worth=task.best_known),
        Attack("everything times 1e150", lambda founder: mapped(founder, lambda x: x * 1e150), worth=task.best_known),
        Attack("everything negative", lambda founder: mapped(founder, lambda x: -x), worth=task.best_known),
    ]


def plain(value: Any) -> Any:
    """A submission's numbers as nested lists, dicts taken for the list of their values."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return [plain(one) for one in value.values()]
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all numbers."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield path
    else:
        for key, one in items:
            yield from leaves(one, (*path, key))


def copied(value: Any) -> Any:
    """As lists and dicts that may be changed."""
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return [copied(one) for one in value] if isinstance(value, (list, tuple)) else value


def replacing(which: int, by: Any) -> Make:
    def make(founder: Any) -> Any:
        changed = copied(founder)
        *way, last = list(leaves(changed))[which]
        at = changed
        for key in way:
            at = at[key]
        at[last] = by
        return changed

    return make


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: mapped(one, change) for key, one in value.items()}
    return [mapped(one, change) for one in value] if isinstance(value, list) else change(value)


def cycle() -> Any:
    loop: list[Any] = []
    loop.extend([loop] * 26)
    return loop


def shifting_rows(founder: Any) -> Any:
    """The founder while a thread makes one number absurd and mends it, again and again, for a while."""
    changed = copied(founder)
    *way, last = next(leaves(changed))
    at = changed
    for key in way:
        at = at[key]
    honest = at[last]

    def change() -> None:
        for _ in range(20_000):
            at[last] = 9e99
            at[last] = honest

    threading.Thread(target=change, daemon=True).start()
    return changed


# What one verifier has to refuse, or to score at what it is worth


def grid(count: int, radius: float) -> list[list[float]]:
    side = math.ceil(math.sqrt(count))
    return [[(k % side + 0.5) / side, (k // side + 0.5) / side, radius] for k in range(count)]


def circles(task: Task) -> list[Attack]:
    """A grid of touching circles is all that its centres allow: slack must be worth nothing."""
    count = len(task.founder)
    side = math.ceil(math.sqrt(count))
    touching = count / (2 * side)
    slacks = [9.9e-7, 3e-8, 1e-9, 1e-12]
    return [
        Attack("a sum of 4", lambda _: grid(count, 4 / count), says="overlap|sticks out|perimeter"),
        Attack("circles on one another", lambda _: [[0.5, 0.5, 0.5]] * count, says="overlap"),
        Attack("circles of 1e-161 on one another", lambda _: [[0.5, 0.5, 1e-161]] * count, says="cannot be repaired"),
        Attack("a radius of zero", lambda _: grid(count, 0.0), says="greater than 0"),
        Attack("a negative radius", lambda _: [*grid(count, 0.01)[1:], [0.5, 0.5, -0.5]], says="greater than 0"),
        Attack("slack of 2e-6", lambda _: grid(count, (1 / side + 2e-6) / 2), says="at most 1e-06"),
        *(Attack(f"slack of {slack:g}", lambda _, s=slack: grid(count, (1 / side + s) / 2), worth=touching) for slack in slacks),
    ]


def square(task: Task) -> list[Attack]:
    count = len(task.founder)
    shifted = [[x + 0.2, y, r] for x, y, r in grid(count, 0.01)]
    return [*circles(task), Attack("circles that stick out", lambda _: shifted, says="sticks out of the square")]


def rectangle(task: Task) -> list[Attack]:
    count = len(task.founder)
    spread = mapped(grid(count, 1 / (2 * math.ceil(math.sqrt(count)))), lambda x: x * 1.01)
    stretched = [[x * 1.0000001, y * 1.0000001, r * 1.0000001] for x, y, r in grid(count, 0.1)]
    return [
        *circles(task),
        Attack("a rectangle that is too large", lambda _: spread, says="perimeter of more than 4"),
        Attack("a perimeter with 4e-7 too much", lambda _: stretched, worth=count * 0.1),
    ]


def heilbronn_triangle(task: Task) -> list[Attack]:
    count = len(task.founder)
    wide = mapped(task.founder, lambda x: 1.5 * x)
    out = [[-5e-7, -5e-7], [1 + 1e-6, -5e-7], [-5e-7, 1 + 1e-6], *task.founder[3:]]
    smallest = min(abs(np.linalg.det(np.c_[np.ones(3), three])) for three in combinations(out, 3))
    return [
        Attack("points outside", lambda _: wide, says="outside the triangle"),
        Attack("a point outside by 2e-6", lambda _: [[-2e-6, 0.5], *task.founder[1:]], says="at most 1e-06"),
        Attack("corners outside by 7e-7", lambda _: out, worth=smallest * (1 - 2e-6)),
        Attack("points on one line", lambda _: [[k / count, 0.25] for k in range(count)], worth=0),
        Attack("a point twice", lambda founder: [founder[1], *founder[1:]], worth=0),
    ]


def heilbronn_convex(task: Task) -> list[Attack]:
    count = len(task.founder)
    return [
        Attack("points on one line", lambda _: [[float(k), 3.0 * k] for k in range(count)], says="one line"),
        Attack("one point", lambda _: [[0.1, 0.2]] * count, says="one line"),
        Attack("a point twice", lambda founder: [founder[1], *founder[1:]], worth=0),
        Attack("points nearly on one line", lambda founder: [[x, y * 1e-300] for x, y in founder], worth=task.best_known),
        Attack("points far away from the origin", lambda founder: [[x + 1e8, y - 1e8] for x, y in founder], worth=task.best_known),
    ]


def distance_ratio(task: Task) -> list[Attack]:
    return [
        Attack("a point twice", lambda founder: [founder[1], *founder[1:]], says="coincide"),
        Attack("all points in one", lambda founder: [founder[0]] * len(founder), says="coincide"),
        Attack("a distance whose square underflows", lambda f: [[x + 1e-170 for x in f[0]], f[0], *f[2:]], worth=task.best_known),
        Attack("a ratio beyond floats", lambda f: [[0.0] * len(f[0]), [5e-324] * len(f[0]), *([9e8 + k] * len(f[0]) for k in range(len(f) - 2))], worth=0 if task.maximize else None, says="too large for a float"),
    ]


def hexagons(task: Task) -> list[Attack]:
    count = len(task.founder)
    across = math.sqrt(3)

    def lattice(scale: float) -> list[list[float]]:
        return [[scale * across * (k % 3), scale * across * (k // 3), math.pi / 6] for k in range(count)]

    honest = verdict_on_object(task, lattice(1.0))["score"]
    return [
        Attack("hexagons on one another", lambda founder: [founder[0]] * count, says="overlap"),
        Attack("hexagons pressed together", lambda founder: [[x * 0.9, y * 0.9, a] for x, y, a in founder], says="overlap"),
        Attack("an overlap of 2e-6", lambda _: lattice(1 - 2e-6 / across), says="at most 1e-06"),
        *(
            Attack(f"an overlap of {slack:g}", lambda _, s=slack: lattice(1 - s / across), worth=(honest or 0) - 1e-12)
            for slack in (9.9e-7, 3e-8, 1e-9)
        ),
        Attack("an angle of 1e300", lambda founder: [[*founder[0][:2], 1e300], *founder[1:]], says="far outside"),
    ]


def kissing(task: Task) -> list[Attack]:
    founder = task.founder
    double = [2 * x for x in founder[0]]
    return [
        Attack("a vector twice", lambda f: [*f, f[0]], says="closer"),
        Attack("the zero vector", lambda f: [*f, [0] * len(f[0])], says="is zero"),
        Attack("a longer vector of the same direction", lambda f: [*f, double], says="closer"),
        Attack("integral floats", lambda f: mapped(f, float), says="a float, not an int"),
        Attack("one unit too close", lambda f: [*mapped(f[:-1], lambda x: x * 10**6), [10**6 * x - (k == 0) for k, x in enumerate(f[-1])]], says="closer"),
        Attack("869 vectors", lambda f: [[k + 1] + [0] * (len(f[0]) - 1) for k in range(869)], says="at most 868"),
        Attack("integers of 300 bits", lambda f: mapped(f, lambda x: x << 300), says="bits"),
        Attack("one dimension more", lambda f: [[*row, 0] for row in f], says="numbers, not"),
    ]


def step_heights(task: Task) -> list[Attack]:
    """What no list of heights may be, whatever the inequality."""
    return [
        Attack("one height", lambda _: [0.5], says="asked for"),
        Attack("too many heights", lambda _: [0.5] * 2001, says="asked for"),
        Attack("heights of 1e300", lambda founder: [1e300 * x for x in founder], says="far outside"),
        Attack("a sum that underflows", lambda founder: [5e-324] * len(founder), worth=task.best_known),
    ]


def overlap(task: Task) -> list[Attack]:
    def off(by: float) -> Make:
        return lambda founder: [x + by / len(founder) if 0.1 < x < 0.9 else x for x in founder]

    return [
        *step_heights(task),
        *(Attack(f"a sum off by about {by:g}", off(by), says="sum of the heights") for by in (5e-4, -5e-4, 1e-5, 0.5)),
        Attack("no height at all", lambda founder: [0.0] * len(founder), says="sum of the heights"),
        Attack("everything full", lambda founder: [1.0] * len(founder), says="sum of the heights"),
        Attack("heights above 1 and below 0 with the right sum", lambda f: [1.2, -0.2] * (len(f) // 2) + [0.5] * (len(f) % 2), says="above 1|below 0"),
        Attack("heights out of bounds by 9e-7", lambda f: [1 + 9e-7, -9e-7] * (len(f) // 2) + [0.5] * (len(f) % 2), worth=task.best_known),
    ]


def autocorrelation(task: Task) -> list[Attack]:
    constant = 2 / 3 if task.maximize else 2.0
    return [
        *step_heights(task),
        Attack("nothing but zeros", lambda founder: [0.0] * len(founder), says="zero"),
        Attack("a height below 0", lambda founder: [-2e-6, *founder[1:]], says="below 0"),
        Attack("a constant, made of tiny numbers", lambda founder: [1e-161] * len(founder), worth=constant),
        Attack("heights below 0 by 9e-7 around a constant", lambda f: [-9e-7, *[1.0] * len(f), -9e-7], worth=constant),
    ]


def signed_autocorrelation(task: Task) -> list[Attack]:
    return [
        *step_heights(task),
        Attack("an integral of zero", lambda _: [1.0, -1.0], says="integral is zero"),
        Attack("an integral of next to zero", lambda _: [1.0, -1.0 + 2**-53], worth=task.best_known),
        Attack("nothing but zeros", lambda founder: [0.0] * len(founder), says="integral is zero"),
    ]


def beat_the_average(task: Task) -> list[Attack]:
    return [
        Attack("a negative weight", lambda founder: [[*founder[0][:1], -1e-9], *founder[1:]], says="far outside"),
        Attack("a negative value", lambda founder: [[-1e-9, founder[0][1]], *founder[1:]], says="far outside"),
        Attack("weights of zero", lambda founder: [[value, 0.0] for value, _ in founder], says="weights are 0"),
        Attack("too many rows", lambda _: [[float(k), 1.0] for k in range(401)], says="401 rows"),
        Attack("ties only", lambda _: [[0.0, 1.0]], worth=0),
        Attack("ties that floats would break", lambda _: [[0.1, 1.0], [0.1 * 3 / 2, 1e-9]], worth=0.2),
        Attack("weights whose sum underflows", lambda founder: [[value, 5e-324] for value, _ in founder], worth=task.best_known),
    ]


LOCAL: dict[str, Callable[[Task], list[Attack]]] = {
    "circles-square-26": square,
    "circles-square-32": square,
    "circles-rectangle-21": rectangle,
    "heilbronn-triangle-11": heilbronn_triangle,
    "heilbronn-convex-13": heilbronn_convex,
    "heilbronn-convex-14": heilbronn_convex,
    "distance-ratio-2d-16": distance_ratio,
    "distance-ratio-3d-14": distance_ratio,
    "hexagons-11": hexagons,
    "hexagons-12": hexagons,
    "kissing-11": kissing,
    "erdos-overlap": overlap,
    "autocorrelation-1": autocorrelation,
    "autocorrelation-2": autocorrelation,
    "autocorrelation-3": signed_autocorrelation,
    "beat-the-average": beat_the_average,
}
