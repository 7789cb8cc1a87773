"""Owns: discs with exact centres and radii - whether they overlap or stick out, and radii shrunk until they do not.
Never takes a root to decide: only to say by how much.
"""

from fractions import Fraction
from math import sqrt

from .rational import root_down
from .reading import Number, read_rows
from .verdict import Violation, worst

Circle = tuple[Fraction, Fraction, Fraction]
"""x, y, r."""
Box = tuple[Fraction, Fraction, Fraction, Fraction]
"""Left, bottom, right, top."""

UNIT_SQUARE: Box = (Fraction(0), Fraction(0), Fraction(1), Fraction(1))
NEAR = Fraction(1, 10**6)
"""What is nearer to a side touches it, as far as `shape` goes."""


def read(submission: object, count: int, low: Number = -1, high: Number = 2) -> list[Circle]:
    """`count` circles [x, y, r] with r > 0, exactly as submitted. @raises ValueError with the reason."""
    rows = read_rows(submission, count, ("x", "y", "r"), low, high, "circle")
    for k, (_, _, r) in enumerate(rows):
        if not r > 0:
            raise ValueError(f"r of circle {k} is {float(r)}; radii are greater than 0")
    return [(x, y, r) for x, y, r in rows]


def overlap(a: Circle, b: Circle) -> Fraction:
    """By how much two circles overlap; zero exactly when they are disjoint or touch."""
    square = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
    reach = a[2] + b[2]
    return Fraction(0) if reach**2 <= square else reach - root_down(square)


def worst_overlap(circles: list[Circle]) -> Violation | None:
    """The two circles that overlap most. Circles that touch do not."""
    return worst(
        Violation(f"circles {j} and {i} overlap", size)
        for i, circle in enumerate(circles)
        for j in range(i)
        if (size := overlap(circle, circles[j])) > 0
    )


def worst_outside(circles: list[Circle], box: Box = UNIT_SQUARE, name: str = "the square") -> Violation | None:
    """The circle that sticks out of a box most."""
    left, bottom, right, top = box
    return worst(
        Violation(f"circle {i} sticks out of {name}", size)
        for i, (x, y, r) in enumerate(circles)
        if (size := max(left + r - x, x + r - right, bottom + r - y, y + r - top)) > 0
    )


def bounding_box(circles: list[Circle]) -> Box:
    """The smallest box around all circles."""
    return (
        min(x - r for x, _, r in circles),
        min(y - r for _, y, r in circles),
        max(x + r for x, _, r in circles),
        max(y + r for _, y, r in circles),
    )


def shrink(circles: list[Circle], box: Box | None = None) -> list[Circle]:
    """The circles with radii made smaller until they are disjoint and in the box; centres stay.

    A radius never grows, so one pass is enough. @raises ValueError when nothing is left of a circle.
    """
    done: list[Circle] = []
    for k, (x, y, r) in enumerate(circles):
        if box is not None:
            r = min(r, x - box[0], box[2] - x, y - box[1], box[3] - y)
        if r <= 0:
            raise ValueError(f"circle {k} cannot be repaired: its centre is not inside")
        for j, (u, v, other) in enumerate(done):
            excess = overlap((x, y, r), (u, v, other))
            if excess > 0:
                r, other = r - excess / 2, other - excess / 2
                done[j] = (u, v, other)
            if min(r, other) <= 0:
                raise ValueError(f"circles {j} and {k} cannot be repaired: nothing is left of one of them")
        done.append((x, y, r))
    return done


def scaled(circles: list[Circle], factor: Fraction) -> list[Circle]:
    """The picture, enlarged or reduced."""
    return [(x * factor, y * factor, r * factor) for x, y, r in circles]


def sum_of_radii(circles: list[Circle]) -> Fraction:
    return sum((r for _, _, r in circles), Fraction(0))


def shape(circles: list[Circle], box: Box | None = None) -> dict[str, float]:
    """What tells packings apart, for descriptors: how many circles touch a side of the box (by default the smallest one
    around them), and how unequal the radii are (their standard deviation over their mean).
    """
    left, bottom, right, top = bounding_box(circles) if box is None else box
    on_edge = sum(min(x - r - left, right - x - r, y - r - bottom, top - y - r) < NEAR for x, y, r in circles)
    mean = sum_of_radii(circles) / len(circles)
    variance = sum(((r - mean) ** 2 for _, _, r in circles), Fraction(0)) / len(circles)
    return {"on_edge": float(on_edge), "radius_spread": sqrt(variance / mean**2)}
