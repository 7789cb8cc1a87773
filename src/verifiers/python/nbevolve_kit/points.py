"""Owns: points with exact coordinates - distances, triangles, hulls, areas. Decides with integers; never rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from .rational import rows_as_integers
from .reading import Number, read_rows

Point = tuple[Fraction, ...]
Plane = tuple[int, int]


def read(
    submission: object, count: int, dimension: int = 2, low: Number = -1e9, high: Number = 1e9
) -> list[Point]:
    """`count` points, exactly as submitted. @raises ValueError with the reason."""
    names = ("x", "y", "z")[:dimension] if dimension <= 3 else [f"x{axis}" for axis in range(dimension)]
    return list(read_rows(submission, count, names, low, high, "point"))


@dataclass(frozen=True)
class Distances:
    """The extreme distances among some points, squared, and between which points they are."""

    least: Fraction
    closest: tuple[int, int]
    greatest: Fraction
    farthest: tuple[int, int]

    def squared_ratio(self) -> Fraction:
        """(greatest / least) squared. @raises ValueError when two points coincide."""
        if self.least == 0:
            raise ValueError(f"points {self.closest[0]} and {self.closest[1]} coincide")
        return self.greatest / self.least


def distances(points: Sequence[Point]) -> Distances:
    """The least and the greatest squared distance of two points; ties go to the first pair."""
    rows, denominator = rows_as_integers(points)
    squares = {
        (i, j): sum((a - b) ** 2 for a, b in zip(rows[i], rows[j])) for i, j in combinations(range(len(rows)), 2)
    }
    closest, farthest = min(squares, key=squares.__getitem__), max(squares, key=squares.__getitem__)
    unit = denominator**2
    return Distances(Fraction(squares[closest], unit), closest, Fraction(squares[farthest], unit), farthest)


@dataclass(frozen=True)
class Triangle:
    """A triangle of three of the points, and twice its area."""

    corners: tuple[int, int, int]
    double_area: Fraction


def smallest_triangle(points: Sequence[Point]) -> Triangle:
    """The triangle of least area; the first among equals. Three points on a line make one of area zero."""
    rows, denominator = rows_as_integers(points)
    plane = [(x, y) for x, y in rows]
    areas = {
        (i, j, k): abs(_cross(plane[i], plane[j], plane[k])) for i, j, k in combinations(range(len(plane)), 3)
    }
    corners = min(areas, key=areas.__getitem__)
    return Triangle(corners, Fraction(areas[corners], denominator**2))


def hull(points: Sequence[Point]) -> list[int]:
    """The corners of the convex hull, counterclockwise; points on its edges are no corners."""
    rows, _ = rows_as_integers(points)
    plane = [(x, y) for x, y in rows]
    order = sorted(range(len(plane)), key=plane.__getitem__)
    return _chain(plane, order)[:-1] + _chain(plane, order[::-1])[:-1]


def double_area(points: Sequence[Point]) -> Fraction:
    """Twice the area of the polygon with these corners, in order; positive when they turn left."""
    rows, denominator = rows_as_integers(points)
    turns = (a[0] * b[1] - b[0] * a[1] for a, b in zip(rows, rows[1:] + rows[:1]))
    return Fraction(sum(turns), denominator**2)


def hull_double_area(points: Sequence[Point]) -> Fraction:
    """Twice the area of the convex hull."""
    return double_area([points[k] for k in hull(points)])


def _cross(a: Plane, b: Plane, c: Plane) -> int:
    """Twice the signed area of a triangle: positive for a left turn."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _chain(plane: list[Plane], order: list[int]) -> list[int]:
    """One side of the hull. Source: A. M. Andrew, monotone chain (1979)."""
    chain: list[int] = []
    for k in order:
        while len(chain) >= 2 and _cross(plane[chain[-2]], plane[chain[-1]], plane[k]) <= 0:
            chain.pop()
        chain.append(k)
    return chain
