"""Owns: constraints on floats that refusals teach: which of a few common ones lets tries pass."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Repair = Callable[[Vector], Vector]
SIZES = (0.1, 0.01, 0.001)
SAMPLES = 6


def kept(x: Vector) -> Vector:
    return x


def repairs(start: Vector, groups: list[list[int]]) -> dict[str, Repair]:
    """By what they keep, those first that keep least. `groups`: numbers that stand in one list, by their places."""
    every = [list(range(len(start)))]
    found: dict[str, Repair] = {"": kept}
    if (start >= 0).all():
        found["every number at 0 or above"] = lambda x: np.maximum(x, 0.0)
        if (start <= 1).all():
            found["every number between 0 and 1"] = lambda x: np.clip(x, 0.0, 1.0)
    low, high = start.min(), start.max()
    if low < high:
        found["every number within the range of the first ones"] = lambda x: np.clip(x, low, high)
    for where, parts in (("", every), (" in each list", groups)):
        if not parts or (where and [len(start)] == [len(part) for part in parts]):
            continue
        found["the order" + where] = each(parts, lambda x, _: np.sort(x), start)
        found["the sum" + where] = each(parts, lambda x, own: x - (x.sum() - own.sum()) / len(x), start)
        if (start >= 0).all():
            found["every number at 0 or above, and the sum" + where] = each(parts, share, start)
        found["the length" + where] = each(parts, unit, start)
    return found


def each(parts: list[list[int]], repair: Callable[[Vector, Vector], Vector], start: Vector) -> Repair:
    def repaired(x: Vector) -> Vector:
        x = x.copy()
        for part in parts:
            x[part] = repair(x[part], start[part])
        return x

    return repaired


def share(x: Vector, own: Vector) -> Vector:
    x = np.maximum(x, 0.0)
    return x * (own.sum() / x.sum()) if x.sum() > 0 else own


def unit(x: Vector, own: Vector) -> Vector:
    size = np.linalg.norm(x)
    return x * (np.linalg.norm(own) / size) if size > 0 else own


def learn(start: Vector, scale: Vector, groups: list[list[int]], cost: Callable[[Vector], float], rng: np.random.Generator) -> tuple[str, Repair]:
    """The repair with which most tries near the start pass; the one that keeps least where several do as well."""
    best: tuple[float, str, Repair] = (0.0, "", kept)
    for name, repair in repairs(start, groups).items():
        tries = [repair(start + size * scale * rng.normal(size=len(start))) for size in SIZES for _ in range(SAMPLES)]
        passed = float(np.mean([cost(x) < math.inf and not np.array_equal(x, start) for x in tries]))
        if passed > best[0] + 0.1:
            best = passed, name, repair
        if best[0] > 0.7:
            break
    return best[1], best[2]


def typical_scale(values: list[Any], groups: list[list[int]]) -> Vector:
    """How large a step in each number is: the number itself or the spread of its list; 1 where both are nothing."""
    x = np.array(values, dtype=float)
    scale = np.abs(x)
    for part in groups:
        scale[part] = np.maximum(scale[part] if len(part) < 3 else 0.0, np.std(x[part]) or np.abs(x[part]).max())
    return np.where(scale > 0, scale, 1.0)
