"""Owns: numbers of which only bounds are known. Every operation rounds outwards, so the truth is always inside.
Never says that one is less than another unless it surely is.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isqrt

BITS = 192
"""Bounds are multiples of 2**-192: good for numbers of about the size of 1, whatever their size."""

UNIT = 1 << BITS
GUARD = 64


@dataclass(frozen=True)
class Interval:
    """All numbers from `low` to `high`, both in units of 2**-192."""

    low: int
    high: int

    @staticmethod
    def of(value: "Interval | Fraction | int | float") -> "Interval":
        """The tightest interval around an exact number; a float is taken for what it is."""
        if isinstance(value, Interval):
            return value
        exact = Fraction(value)
        scaled = exact.numerator << BITS
        return Interval(scaled // exact.denominator, -(-scaled // exact.denominator))

    @property
    def lower(self) -> Fraction:
        return Fraction(self.low, UNIT)

    @property
    def upper(self) -> Fraction:
        return Fraction(self.high, UNIT)

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Interval") -> "Interval":
        return Interval(self.low - other.high, self.high - other.low)

    def __neg__(self) -> "Interval":
        return Interval(-self.high, -self.low)

    def __abs__(self) -> "Interval":
        return Interval(max(0, self.low, -self.high), max(-self.low, self.high))

    def __mul__(self, other: "Interval") -> "Interval":
        ends = (self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high)
        return Interval(min(ends) >> BITS, -(-max(ends) >> BITS))

    def __truediv__(self, other: "Interval") -> "Interval":
        """@raises ZeroDivisionError when the divisor may be zero."""
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError("the divisor may be zero")
        tops, bottoms = (self.low << BITS, self.high << BITS), (other.low, other.high)
        return Interval(min(t // b for t in tops for b in bottoms), max(-(-t // b) for t in tops for b in bottoms))

    def root(self) -> "Interval":
        """The square root of what is not negative. @raises ValueError when all of it is negative."""
        if self.high < 0:
            raise ValueError("the root of a negative number")
        below, above = isqrt(max(0, self.low) << BITS), isqrt(self.high << BITS)
        return Interval(below, above + (above * above < self.high << BITS))

    def surely_at_least(self, other: "Interval") -> bool:
        """True only where it is certain."""
        return self.low >= other.high

    @staticmethod
    def largest(intervals: "list[Interval]") -> "Interval":
        """The maximum of some numbers, each in its interval."""
        return Interval(max(one.low for one in intervals), max(one.high for one in intervals))


def pi() -> Interval:
    value = _pi(BITS + GUARD) >> GUARD
    return Interval(value - 1, value + 2)


def cos_sin(angle: Fraction) -> tuple[Interval, Interval]:
    """Cosine and sine of an angle in radians. @raises ValueError beyond 2**32."""
    if abs(angle) > 2**32:
        raise ValueError("the angle is too large")
    bits = BITS + GUARD
    quarter = _pi(bits) // 2
    scaled = (angle.numerator << bits) // angle.denominator
    turns, rest = divmod(scaled + quarter // 2, quarter)
    cosine, sine = _taylor(rest - quarter // 2, bits)
    for _ in range(turns % 4):
        cosine, sine = -sine, cosine
    return _blunt(cosine), _blunt(sine)


def _taylor(x: int, bits: int) -> tuple[int, int]:
    """Cosine and sine of |x| < 1, in units of 2**-bits."""
    total, term, k = [0, 0], 1 << bits, 0
    while term not in (0, -1):
        total[k % 2] += term if k % 4 < 2 else -term
        k += 1
        term = (term * x >> bits) // k
    return total[0], total[1]


def _blunt(value: int) -> Interval:
    """Errors so far: less than 2**36 units of the guarded precision (2**33 quarters times the error of pi, 60 terms)."""
    middle = value >> GUARD
    return Interval(middle - 1, middle + 2)


@lru_cache
def _pi(bits: int) -> int:
    """pi in units of 2**-bits, at most one unit off. Source: Machin's formula."""
    fine = bits + 32

    def arctan_of_inverse(x: int) -> int:
        power, k, total = (1 << fine) // x, 1, 0
        while power:
            total += power // k if k % 4 == 1 else -(power // k)
            power //= x * x
            k += 2
        return total

    return 4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239)) >> 32
