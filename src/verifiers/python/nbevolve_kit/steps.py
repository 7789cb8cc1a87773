"""Owns: step functions with exact heights, and what their convolutions are - the whole of it, not samples: between the
places given here a convolution of steps is linear, so its extremes are among them. Never rounds.
"""

from collections.abc import Sequence
from fractions import Fraction

from .rational import as_integers
from .verdict import Violation, worst


def convolve(a: Sequence[int], b: Sequence[int]) -> list[int]:
    """The coefficients of the product of two polynomials with integer coefficients.

    Source: Kronecker substitution - one multiplication of large integers, in which Python is fast.
    """
    if not a or not b:
        return []
    largest = max(1, *map(abs, a)) * max(1, *map(abs, b)) * min(len(a), len(b))
    width = largest.bit_length() // 8 + 1  # bytes of a coefficient with its sign
    count = len(a) + len(b) - 1
    half = 1 << (8 * width - 1)
    lifted = _packed(a, width) * _packed(b, width) + _packed([half] * count, width)
    digits = lifted.to_bytes(width * count, "little")
    return [int.from_bytes(digits[k : k + width], "little") - half for k in range(0, len(digits), width)]


def _packed(coefficients: Sequence[int], width: int) -> int:
    """The polynomial's value at 256**width."""
    above = b"".join(max(0, value).to_bytes(width, "little") for value in coefficients)
    below = b"".join(max(0, -value).to_bytes(width, "little") for value in coefficients)
    return int.from_bytes(above, "little") - int.from_bytes(below, "little")


def correlate(a: Sequence[int], b: Sequence[int]) -> list[int]:
    """All sums over k of a[k + shift] * b[k], as numpy's `correlate(a, b, "full")` has them."""
    return convolve(a, b[::-1])


def worst_below(values: Sequence[Fraction], low: int = 0, thing: str = "step") -> Violation | None:
    """The value that is farthest below a bound."""
    return worst(Violation(f"{thing} {k} is below {low}", low - value) for k, value in enumerate(values) if value < low)


def worst_above(values: Sequence[Fraction], high: int = 1, thing: str = "step") -> Violation | None:
    """The value that is farthest above a bound."""
    return worst(
        Violation(f"{thing} {k} is above {high}", value - high) for k, value in enumerate(values) if value > high
    )


def wrong_sum(values: Sequence[Fraction], wanted: Fraction, thing: str = "steps") -> Violation | None:
    """By how much a sum is off."""
    off = abs(sum(values) - wanted)
    return Violation(f"the sum of the {thing} is not {float(wanted):g}", off) if off > 0 else None


def clipped(values: Sequence[Fraction], low: int | None = 0, high: int | None = None) -> list[Fraction]:
    """The values, those outside the bounds on them; None is no bound."""
    raised = [value if low is None else max(Fraction(low), value) for value in values]
    return [value if high is None else min(Fraction(high), value) for value in raised]


def with_sum(values: Sequence[Fraction], wanted: Fraction) -> list[Fraction]:
    """Values between 0 and 1 moved to a sum, still between 0 and 1: all towards 0, or all towards 1, by the same factor.

    @raises ValueError when that cannot be.
    """
    total, count = sum(values, Fraction(0)), len(values)
    if total >= wanted:
        if total == 0:
            return list(values)
        return [value * (wanted / total) for value in values]
    if wanted > count:
        raise ValueError(f"{count} values between 0 and 1 cannot have the sum {float(wanted):g}")
    return [1 - (1 - value) * ((count - wanted) / (count - total)) for value in values]


def overlap_bound(h: Sequence[Fraction]) -> Fraction:
    """The bound on Erdos's minimum overlap constant: the greatest of correlate(h, 1 - h), times 2 / n."""
    heights, unit = as_integers(h)
    greatest = max(correlate(heights, [unit - height for height in heights]))
    return Fraction(2 * greatest, len(heights) * unit**2)


def autocorrelation_bound(f: Sequence[Fraction]) -> Fraction:
    """2 n max(f * f) / (sum f)**2: the maximum of the autoconvolution on [-1/4, 1/4] over the squared integral.

    The maximum is signed. @raises ValueError when the sum is zero.
    """
    heights, _ = as_integers(f)
    total = sum(heights)
    if total == 0:
        raise ValueError("the integral is zero")
    return Fraction(2 * len(heights) * max(convolve(heights, heights)), total**2)


def autoconvolution_norms(f: Sequence[Fraction]) -> Fraction:
    """norm2(f * f)**2 / (norm1(f * f) norminf(f * f)) for f >= 0: the exact integral of the piecewise linear f * f.

    @raises ValueError when f is zero.
    """
    heights, _ = as_integers(f)
    knots = [0, *convolve(heights, heights), 0]
    if max(knots) == 0:
        raise ValueError("the function is zero")
    squares = sum(a * a + a * b + b * b for a, b in zip(knots, knots[1:]))  # three times the integral
    return Fraction(squares, 3 * sum(knots) * max(knots))
