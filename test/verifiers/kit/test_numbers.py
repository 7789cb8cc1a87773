"""Roundings, intervals and polynomials: bounds hold, and are narrow."""

import math
import random
import unittest
from decimal import Decimal, localcontext
from fractions import Fraction

from nbevolve_kit import Interval, polynomials
from nbevolve_kit.interval import UNIT, cos_sin, pi
from nbevolve_kit.rational import as_integers, root_down, root_up, round_down, round_up

PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214808651")


def fractions(count: int, seed: int) -> list[Fraction]:
    rng = random.Random(seed)
    return [Fraction(rng.getrandbits(300) - 2**299, 2 ** rng.randrange(1, 600)) for _ in range(count)]


class Roundings(unittest.TestCase):
    def test_floats_on_either_side(self) -> None:
        for value in [*fractions(300, 1), Fraction(1, 3), Fraction(1, 2), Fraction(1, 2**1080), Fraction(0)]:
            low, high = round_down(value), round_up(value)
            self.assertTrue(Fraction(low) <= value <= Fraction(high))
            self.assertTrue(low == high or math.nextafter(low, math.inf) == high)

    def test_too_large_is_an_error(self) -> None:
        with self.assertRaises(OverflowError):
            round_up(Fraction(10**400))

    def test_roots(self) -> None:
        for value in [*map(abs, fractions(300, 2)), Fraction(5e-324) ** 2, Fraction(4), Fraction(10**40), Fraction(0)]:
            low, high = root_down(value), root_up(value)
            self.assertTrue(low**2 <= value <= high**2)
            self.assertTrue(high - low <= high / 2**126)
        self.assertEqual(root_up(Fraction(9, 4)), Fraction(3, 2))

    def test_one_denominator(self) -> None:
        values = [Fraction(0.1), Fraction(1, 3), Fraction(7)]
        integers, denominator = as_integers(values)
        self.assertEqual([Fraction(one, denominator) for one in integers], values)


class Intervals(unittest.TestCase):
    def holds(self, interval: Interval, truth: Fraction, width: int = 2**8) -> None:
        self.assertTrue(interval.lower <= truth <= interval.upper, (float(interval.lower), float(truth)))
        self.assertLessEqual(interval.high - interval.low, width)

    def test_arithmetic_keeps_the_truth(self) -> None:
        rng = random.Random(3)
        for _ in range(500):
            a, b = (Fraction(rng.getrandbits(250) - 2**249, 2**249) * rng.choice([1, 3, Fraction(1, 7)]) for _ in "ab")
            p, q = Interval.of(a), Interval.of(b)
            self.holds(p + q, a + b)
            self.holds(p - q, a - b)
            self.holds(p * q, a * b)
            self.holds(abs(p), abs(a))
            self.holds(-p, -a)
            if abs(b) > Fraction(1, 16):
                self.holds(p / q, a / b, 2**12)

    def test_wide_intervals_keep_every_member(self) -> None:
        wide, other = Interval(-2 * UNIT, 3 * UNIT), Interval(-UNIT, 2 * UNIT)
        self.assertEqual((wide * other), Interval(-4 * UNIT, 6 * UNIT))
        self.assertEqual(abs(wide), Interval(0, 3 * UNIT))
        self.assertEqual((wide / Interval(UNIT, 2 * UNIT)), Interval(-2 * UNIT, 3 * UNIT))
        with self.assertRaises(ZeroDivisionError):
            wide / other

    def test_roots_and_pi(self) -> None:
        two = Interval.of(2).root()
        self.assertTrue(two.lower**2 <= 2 <= two.upper**2)
        self.assertTrue(pi().lower < PI < pi().upper)
        with self.assertRaises(ValueError):
            Interval.of(-1).root()

    def test_cosine_and_sine_against_decimal(self) -> None:
        rng = random.Random(4)
        for angle in [0.0, 1e-300, -0.5, 3.0, math.pi / 4, -100.0, *(rng.uniform(-10, 10) for _ in range(40))]:
            cosine, sine = cos_sin(Fraction(angle))
            wanted = decimal_cos_sin(angle)
            for found, truth in zip((cosine, sine), wanted):
                self.assertLessEqual(abs(found.lower - truth), Fraction(1, 2**180))
                self.assertLessEqual(found.high - found.low, 4)

    def test_cosine_and_sine_of_large_angles_lie_on_the_circle(self) -> None:
        cosine, sine = cos_sin(Fraction(2**32))
        self.assertAlmostEqual(float(cosine.lower), math.cos(2**32), 14)
        self.holds(cosine * cosine + sine * sine, Fraction(1))
        with self.assertRaises(ValueError):
            cos_sin(Fraction(2**33))

    def test_sure_only_when_it_is(self) -> None:
        self.assertTrue(Interval.of(2).surely_at_least(Interval.of(2)))
        self.assertFalse(Interval.of(2).root().surely_at_least(Interval.of(2).root()))


def decimal_cos_sin(angle: float) -> tuple[Fraction, Fraction]:
    """By the plain series, with 120 digits."""
    with localcontext() as context:
        context.prec = 160
        x, terms = Decimal(angle), [Decimal(1)]
        while len(terms) < 20 or abs(terms[-1]) > Decimal(10) ** -130:
            terms.append(terms[-1] * x / len(terms))
        cosine = sum((t if k % 4 == 0 else -t for k, t in enumerate(terms) if k % 2 == 0), Decimal(0))
        sine = sum((t if k % 4 == 1 else -t for k, t in enumerate(terms) if k % 2 == 1), Decimal(0))
        return Fraction(cosine), Fraction(sine)


class Polynomials(unittest.TestCase):
    def product(self, *roots: object) -> list[Fraction]:
        result = [Fraction(1)]
        for root in roots:
            result = [a - Fraction(root) * b for a, b in zip([Fraction(0), *result], [*result, Fraction(0)])]  # type: ignore[arg-type]
        return result

    def test_the_last_root_of_odd_multiplicity(self) -> None:
        cases = [
            ((1, 2, 3), 3),
            ((1, 3, 3), 1),
            ((1, 3, 3, 3), 3),
            ((Fraction(1, 3), Fraction(1, 7)), Fraction(1, 3)),
            ((-1, -2), None),
            ((5, 5), None),
            ((2, 2, Fraction(5, 2), Fraction(5, 2), Fraction(5, 2), 3, 3, 9, 9, 9, 9, -4), Fraction(5, 2)),
            ((1, 1 + Fraction(1, 2**60)), 1 + Fraction(1, 2**60)),
            ((1, 1, 1 + Fraction(1, 2**60)), 1 + Fraction(1, 2**60)),
            ((0,), None),
        ]
        for roots, wanted in cases:
            for sign in (1, -3):
                found = polynomials.last_sign_change([sign * c for c in self.product(*roots)])
                if wanted is None:
                    self.assertIsNone(found)
                else:
                    assert found is not None
                    self.assertTrue(found[0] <= wanted <= found[1] and found[1] - found[0] <= Fraction(1, 2**80))

    def test_random_polynomials_against_a_change_of_sign(self) -> None:
        rng = random.Random(5)
        met = 0
        for _ in range(60):
            p = [Fraction(rng.gauss(0, 1)) for _ in range(rng.randrange(2, 16))]
            found = polynomials.last_sign_change(p)
            if found is None:
                continue
            met += 1
            low, high = (polynomials.value_at(p, x) for x in found)
            self.assertTrue(low * high < 0)
            far = polynomials.value_at(p, Fraction(10**6))
            self.assertTrue(far * high > 0)
        self.assertGreater(met, 20)

    def test_no_polynomial(self) -> None:
        with self.assertRaises(ValueError):
            polynomials.last_sign_change([0, 0])
        self.assertIsNone(polynomials.last_sign_change([7]))


if __name__ == "__main__":
    unittest.main()
