"""Owns: convex polygons with exact corners - what is inside, and how far two are apart. Never rounds to decide."""

from collections.abc import Sequence
from fractions import Fraction

from .points import Point, double_area
from .rational import root_down
from .verdict import Violation, worst


def is_convex(polygon: Sequence[Point]) -> bool:
    """Whether the corners, in order, turn left everywhere and go round once."""
    count = len(polygon)
    if count < 3:
        return False
    corners = [(polygon[k], polygon[(k + 1) % count], polygon[(k + 2) % count]) for k in range(count)]
    if not all(double_area(three) > 0 for three in corners):
        return False
    fan = (double_area((polygon[0], polygon[k], polygon[k + 1])) for k in range(1, count - 1))
    return all(area > 0 for area in fan)


def outside(point: Point, polygon: Sequence[Point]) -> Fraction:
    """How far a point is beyond an edge of a convex polygon at most; zero exactly when it is inside or on an edge.

    For a point beyond a corner it is less than the distance.
    """
    far = Fraction(0)
    for a, b in zip(polygon, [*polygon[1:], polygon[0]]):
        beyond = -double_area((a, b, point))
        if beyond > 0:
            far = max(far, beyond / root_down(_square(a, b)))
    return far


def worst_point_outside(points: Sequence[Point], polygon: Sequence[Point], name: str) -> Violation | None:
    """The point that is farthest outside of a convex polygon."""
    return worst(
        Violation(f"point {k} is outside {name}", size)
        for k, point in enumerate(points)
        if (size := outside(point, polygon)) > 0
    )


def penetration(a: Sequence[Point], b: Sequence[Point]) -> Fraction:
    """By how much two convex polygons overlap: how far one must move; zero exactly when their interiors are disjoint.

    An upper bound within 2**-126 of it. Source: the separating axis theorem; the axes are the edges' normals.
    """
    over_a = [_depth(b, p, q) for p, q in zip(a, [*a[1:], a[0]])]
    over_b = [_depth(a, p, q) for p, q in zip(b, [*b[1:], b[0]])]
    return min(over_a + over_b)


def _depth(other: Sequence[Point], p: Point, q: Point) -> Fraction:
    """How far the other polygon reaches over the edge pq; zero when the edge separates them."""
    deepest = max(double_area((p, q, point)) for point in other)
    return deepest / root_down(_square(p, q)) if deepest > 0 else Fraction(0)


def _square(a: Point, b: Point) -> Fraction:
    return sum(((u - v) ** 2 for u, v in zip(a, b)), Fraction(0))
