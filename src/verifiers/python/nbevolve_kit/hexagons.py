"""Owns: regular hexagons of side 1, given by centre and angle - how far apart they are, and how large a hexagon holds
them. Corners are irrational, so everything here is an interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations

from .interval import BITS, Interval, cos_sin
from .reading import Number, read_rows
from .verdict import Violation, worst

Direction = tuple[Interval, Interval]

HALF_ROOT_3 = Interval.of(3).root() * Interval.of(Fraction(1, 2))
"""The apothem of a hexagon of side 1, and the cosine of 30 degrees."""

HAIR = Fraction(1, 1 << (BITS - 32))
"""More than what intervals lose here: what is moved apart by so much more is surely apart."""


@dataclass(frozen=True)
class Hexagon:
    """A regular hexagon of side 1. At angle 0 a corner lies to the right of the centre."""

    x: Fraction
    y: Fraction
    angle: Fraction
    """In radians, counterclockwise."""

    @cached_property
    def corners(self) -> list[Direction]:
        """From the centre to the corners."""
        return _around(cos_sin(self.angle))

    @cached_property
    def normals(self) -> list[Direction]:
        """Unit vectors from the centre through the middles of the edges."""
        cosine, sine = cos_sin(self.angle)
        return _around(_turned(cosine, sine, HALF_ROOT_3, Interval.of(Fraction(1, 2))))


def read(submission: object, count: int, low: Number = -100, high: Number = 100) -> list[Hexagon]:
    """`count` hexagons [x, y, angle]. @raises ValueError with the reason."""
    rows = read_rows(submission, count, ("x", "y", "angle"), low, high, "hexagon")
    return [Hexagon(x, y, angle) for x, y, angle in rows]


def gap(a: Hexagon, b: Hexagon) -> Interval:
    """How far apart two hexagons are along the best of their normals; negative where they overlap.

    Source: the separating axis theorem.
    """
    return Interval.largest([distance - reach for distance, reach in _axes(a, b)])


def stretch(a: Hexagon, b: Hexagon) -> Interval:
    """By which factor the centres could be moved together until the hexagons touch: at least 1 when they are disjoint."""
    return Interval.largest([distance / reach for distance, reach in _axes(a, b)])


def worst_overlap(hexagons: Sequence[Hexagon]) -> Violation | None:
    """The two that overlap most. Hexagons that touch so well that no interval can tell overlap by about 1e-57."""
    return worst(
        Violation(f"hexagons {i} and {j} overlap", -found.lower)
        for (i, a), (j, b) in combinations(enumerate(hexagons), 2)
        if not _far(a, b) and (found := gap(a, b)).low < 0
    )


def spread(hexagons: Sequence[Hexagon]) -> list[Hexagon]:
    """The hexagons moved away from the origin, all centres by the same factor, until they are surely disjoint.

    @raises ValueError for two with the same centre.
    """
    least = min((stretch(a, b).lower for a, b in combinations(hexagons, 2) if not _far(a, b)), default=Fraction(1))
    if least <= 0:
        raise ValueError("two hexagons have the same centre")
    factor = (1 + HAIR) / least if least < 1 else Fraction(1)
    return [Hexagon(one.x * factor, one.y * factor, one.angle) for one in hexagons]


def side_around(hexagons: Sequence[Hexagon]) -> Interval:
    """The side of the smallest hexagon around the origin, at angle 0, that holds them all."""
    outer = Hexagon(Fraction(0), Fraction(0), Fraction(0))
    supports = [
        _dot(normal, (Interval.of(one.x), Interval.of(one.y))) + _support(one, normal)
        for one in hexagons
        for normal in outer.normals
    ]
    return Interval.largest(supports) / HALF_ROOT_3


def _axes(a: Hexagon, b: Hexagon) -> list[tuple[Interval, Interval]]:
    """For each normal: the distance of the centres along it, and what the two need."""
    apart = Interval.of(b.x - a.x), Interval.of(b.y - a.y)
    return [
        (abs(_dot(normal, apart)), HALF_ROOT_3 + _support(other, normal))
        for one, other in ((a, b), (b, a))
        for normal in one.normals[:3]  # the others are opposite to these
    ]


def _far(a: Hexagon, b: Hexagon) -> bool:
    """Whether even their circumscribed circles are disjoint."""
    return (a.x - b.x) ** 2 + (a.y - b.y) ** 2 >= 4


def _support(hexagon: Hexagon, direction: Direction) -> Interval:
    """How far the hexagon reaches from its centre in a direction."""
    return Interval.largest([_dot(corner, direction) for corner in hexagon.corners])


def _dot(a: Direction, b: Direction) -> Interval:
    return a[0] * b[0] + a[1] * b[1]


def _turned(cosine: Interval, sine: Interval, by_cosine: Interval, by_sine: Interval) -> Direction:
    return cosine * by_cosine - sine * by_sine, sine * by_cosine + cosine * by_sine


def _around(first: Direction) -> list[Direction]:
    """A direction and its turns by 60, 120, 180, 240 and 300 degrees."""
    half = Interval.of(Fraction(1, 2))
    second = _turned(*first, half, HALF_ROOT_3)
    third = _turned(*second, half, HALF_ROOT_3)
    half_round = [first, second, third]
    return half_round + [(-x, -y) for x, y in half_round]
