"""Owns: exact numbers - floats as fractions and integers, roots and roundings whose direction is known.
Never rounds without being asked to.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import inf, isqrt, lcm, nextafter

ROOT_BITS = 128
"""How many leading bits of a root are computed; what is cut off is in the direction that the name says."""


def round_down(value: Fraction | int) -> float:
    """The largest float that is at most `value`. @raises OverflowError for what no float is near."""
    near = float(value)
    return near if Fraction(near) <= value else nextafter(near, -inf)


def round_up(value: Fraction | int) -> float:
    """The smallest float that is at least `value`. @raises OverflowError for what no float is near."""
    near = float(value)
    return near if Fraction(near) >= value else nextafter(near, inf)


def root_down(square: Fraction) -> Fraction:
    """At most the square root, and less than 2**-127 of it below."""
    root, shift = _root(square)
    return Fraction(root, 1 << shift)


def root_up(square: Fraction) -> Fraction:
    """At least the square root, and at most 2**-126 of it above."""
    root, shift = _root(square)
    above = Fraction(root, 1 << shift)
    return above if above * above >= square else Fraction(root + 1, 1 << shift)


def _root(square: Fraction) -> tuple[int, int]:
    """The root's leading bits as an integer, and how many of them are behind the point."""
    above, below = square.numerator, square.denominator
    shift = max(0, ROOT_BITS + (below.bit_length() - above.bit_length()) // 2 + 1)
    return isqrt((above << 2 * shift) // below), shift


def as_integers(values: Iterable[Fraction]) -> tuple[list[int], int]:
    """The values as integers over one denominator: faster to add and multiply than fractions are."""
    all_values = list(values)
    denominator = lcm(*(value.denominator for value in all_values))
    return [value.numerator * (denominator // value.denominator) for value in all_values], denominator


def rows_as_integers(rows: Sequence[Sequence[Fraction]]) -> tuple[list[tuple[int, ...]], int]:
    """`as_integers` for rows of numbers, one denominator for all."""
    flat, denominator = as_integers(value for row in rows for value in row)
    numbers = iter(flat)
    return [tuple(next(numbers) for _ in row) for row in rows], denominator
