"""Owns: polynomials with exact coefficients, the lowest first - where they change sign, in brackets as narrow as asked
for. Never takes a float for a root.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd

from .rational import as_integers

Polynomial = list[int]


def value_at(polynomial: Sequence[Fraction | int], x: Fraction) -> Fraction:
    """Horner's rule, exactly."""
    total = Fraction(0)
    for coefficient in reversed(polynomial):
        total = total * x + coefficient
    return total


def last_sign_change(
    polynomial: Sequence[Fraction | int], above: Fraction = Fraction(0), bits: int = 80
) -> tuple[Fraction, Fraction] | None:
    """A bracket of width at most 2**-bits around the greatest x > `above` at which the polynomial changes sign.

    None when there is none; a root at which it only touches zero is no change. Both ends are the root where it is
    rational and was met. @raises ValueError for the zero polynomial.
    """
    p = _primitive(as_integers([Fraction(c) for c in polynomial])[0])
    if not p:
        raise ValueError("the polynomial is zero")
    changing = _odd_part(p)
    chain = _sturm(changing)
    low, high = above, 1 + Fraction(max(map(abs, changing)), abs(changing[-1]))  # Cauchy's bound
    if high <= low or _roots(chain, low, high) == 0:
        return None
    while _roots(chain, low, high) > 1:
        middle = (low + high) / 2
        low, high = (middle, high) if _roots(chain, middle, high) > 0 else (low, middle)
    return _narrowed(changing, low, high, Fraction(1, 1 << bits))


def _narrowed(p: Polynomial, low: Fraction, high: Fraction, width: Fraction) -> tuple[Fraction, Fraction]:
    """Bisection of (low, high], which holds one root, and that a simple one."""
    while high - low > width:
        middle = (low + high) / 2
        at_middle, at_high = _scaled_value(p, middle), _scaled_value(p, high)
        if at_middle == 0 or at_high == 0:
            root = high if at_high == 0 else middle
            return root, root
        low, high = (low, middle) if (at_middle > 0) == (at_high > 0) else (middle, high)
    return low, high


def _odd_part(p: Polynomial) -> Polynomial:
    """The product of the different factors whose multiplicity is odd: simple roots, and only those with a sign change.

    Source: Yun's square-free decomposition.
    """
    odd: Polynomial = [1]
    shared = _common(p, _derivative(p))
    if len(shared) == 1:
        return p
    free = _quotient(p, shared)
    multiplicity = 1
    while len(free) > 1:
        rest = _common(free, shared)
        if multiplicity % 2 == 1:
            odd = _product(odd, _quotient(free, rest))
        shared, free = _quotient(shared, rest), rest
        multiplicity += 1
    return _primitive(odd)


def _sturm(p: Polynomial) -> list[Polynomial]:
    chain = [p, _primitive(_derivative(p))]
    while len(chain[-1]) > 1:
        rest = _remainder(chain[-2], chain[-1])
        if not rest:
            break
        chain.append([-c for c in rest])
    return [one for one in chain if one]


def _roots(chain: list[Polynomial], low: Fraction, high: Fraction) -> int:
    """How many roots of the first lie in (low, high]."""
    return _variations(chain, low) - _variations(chain, high)


def _variations(chain: list[Polynomial], x: Fraction) -> int:
    signs = [value > 0 for one in chain if (value := _scaled_value(one, x)) != 0]
    return sum(a != b for a, b in zip(signs, signs[1:]))


def _scaled_value(p: Polynomial, x: Fraction) -> int:
    """The value times a positive number: with integers only."""
    total, power = 0, 1
    for coefficient in reversed(p):
        total = total * x.numerator + coefficient * power
        power *= x.denominator
    return total


def _remainder(a: Polynomial, b: Polynomial) -> Polynomial:
    """A positive multiple of the remainder of a by b, made small."""
    rest, lead = list(a), b[-1]
    while len(rest) >= len(b):
        factor = rest[-1] if lead > 0 else -rest[-1]
        shift = len(rest) - len(b)
        rest = [c * abs(lead) for c in rest]
        for k, c in enumerate(b):
            rest[shift + k] -= factor * c
        rest = _primitive(rest)
    return rest


def _quotient(a: Polynomial, b: Polynomial) -> Polynomial:
    """a / b for a divisor b, up to a positive factor."""
    rest = [Fraction(c) for c in a]
    result = [Fraction(0)] * (len(a) - len(b) + 1)
    for shift in reversed(range(len(result))):
        factor = rest[shift + len(b) - 1] / b[-1]
        result[shift] = factor
        for k, c in enumerate(b):
            rest[shift + k] -= factor * c
    return _primitive(as_integers(result)[0])


def _common(a: Polynomial, b: Polynomial) -> Polynomial:
    """The greatest common divisor."""
    while b:
        a, b = b, _remainder(a, b)
    return _primitive(a)


def _product(a: Polynomial, b: Polynomial) -> Polynomial:
    result = [0] * (len(a) + len(b) - 1)
    for i, u in enumerate(a):
        for j, v in enumerate(b):
            result[i + j] += u * v
    return result


def _derivative(p: Polynomial) -> Polynomial:
    return [k * c for k, c in enumerate(p)][1:]


def _primitive(p: Polynomial) -> Polynomial:
    """Without zeros at the end and without a common factor; signs stay."""
    end = len(p)
    while end > 0 and p[end - 1] == 0:
        end -= 1
    factor = gcd(*p[:end]) if end > 0 else 1
    return [c // factor for c in p[:end]]
