"""Step functions: convolutions equal the definition, term by term; sums are made exact; bounds are scale-free."""

import random
import unittest
from fractions import Fraction as F

from nbevolve_kit import steps


def slowly(a: list[int], b: list[int]) -> list[int]:
    return [
        sum(a[i] * b[k - i] for i in range(len(a)) if 0 <= k - i < len(b)) for k in range(len(a) + len(b) - 1)
    ]


class Convolutions(unittest.TestCase):
    def test_against_the_definition(self) -> None:
        rng = random.Random(1)
        for _ in range(200):
            bits = rng.choice([1, 3, 60, 300])
            a, b = ([rng.getrandbits(bits) - 2 ** (bits - 1) for _ in range(rng.randrange(1, 12))] for _ in "ab")
            self.assertEqual(steps.convolve(a, b), slowly(a, b))

    def test_at_the_edge_of_a_coefficients_width(self) -> None:
        for bits in range(1, 40):
            for a in ([2**bits], [-(2**bits)], [2**bits, -(2**bits)], [2**bits - 1] * 3):
                self.assertEqual(steps.convolve(a, a), slowly(a, a))
        self.assertEqual(steps.convolve([0, 0], [10**30]), [0, 0])
        self.assertEqual(steps.convolve([], [1]), [])

    def test_correlation(self) -> None:
        self.assertEqual(steps.correlate([1, 2, 3], [0, 1, 5]), [5, 11, 17, 3, 0])


class Bounds(unittest.TestCase):
    def test_overlap_of_a_constant(self) -> None:
        self.assertEqual(steps.overlap_bound([F(1, 2)] * 8), F(1, 2))

    def test_autocorrelation_of_a_constant_and_its_scale(self) -> None:
        self.assertEqual(steps.autocorrelation_bound([F(1)] * 5), 2)
        f = [F(x) for x in (0.1, 0.7, 0.3)]
        self.assertEqual(steps.autocorrelation_bound(f), steps.autocorrelation_bound([3 * x for x in f]))

    def test_the_maximum_is_signed(self) -> None:
        f = [F(3), F(-2), F(-4)]  # f * f = 9, -12, -20, 16, 16
        self.assertEqual(steps.autocorrelation_bound(f), F(6 * 16, 9))
        self.assertEqual(steps.autocorrelation_bound([F(5), F(-1)]), F(4 * 25, 16))  # not the -10 in the middle

    def test_norms_of_a_box_and_a_hat(self) -> None:
        self.assertEqual(steps.autoconvolution_norms([F(1)]), F(2, 3))  # a hat: its square is 2/3 of itself
        self.assertEqual(steps.autoconvolution_norms([F(1)] * 7), F(2, 3))
        self.assertEqual(steps.autoconvolution_norms([F(1), F(0), F(1)]), F(2 + 4, 3 * 4 * 2) * 2)

    def test_nothing_has_no_bound(self) -> None:
        for bound in (steps.autocorrelation_bound, steps.autoconvolution_norms):
            with self.assertRaises(ValueError):
                bound([F(0), F(0)])
        with self.assertRaises(ValueError):
            steps.autocorrelation_bound([F(1), F(-1)])


class Sums(unittest.TestCase):
    def test_a_sum_is_made_exact_without_leaving_the_bounds(self) -> None:
        rng = random.Random(2)
        for wanted in (F(1), F(5), F(19, 2)):
            values = [F(rng.random()) for _ in range(10)]
            moved = steps.with_sum(values, wanted)
            self.assertEqual(sum(moved), wanted)
            self.assertTrue(all(0 <= value <= 1 for value in moved))
        with self.assertRaises(ValueError):
            steps.with_sum([F(1)], F(2))

    def test_violations(self) -> None:
        values = [F(1, 2), F(-1, 4), F(9, 8)]
        self.assertEqual(str(steps.worst_below(values)), "step 1 is below 0 by 0.25")
        self.assertEqual(str(steps.worst_above(values)), "step 2 is above 1 by 0.125")
        self.assertEqual(str(steps.wrong_sum(values, F(1))), "the sum of the steps is not 1 by 0.375")
        self.assertIsNone(steps.wrong_sum(values, F(11, 8)))
        self.assertEqual(steps.clipped(values, 0, 1), [F(1, 2), 0, 1])


if __name__ == "__main__":
    unittest.main()
