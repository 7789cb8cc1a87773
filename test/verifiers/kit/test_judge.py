"""Verdicts: strict, repaired, relaxed, refused; rounded so that no score is better than the truth."""

import unittest
from fractions import Fraction as F
from typing import Any

from nbevolve_kit import Interval, Violation, judge, refused, worst


def above_one(x: F) -> Violation | None:
    return Violation("x is above 1", x - 1) if x > 1 else None


def asked(x: F, **more: Any) -> dict[str, Any]:
    return judge(x, score=lambda y: y, violation=above_one, **{"repair": lambda y: min(y, F(1)), **more})


class Verdicts(unittest.TestCase):
    def test_strict(self) -> None:
        self.assertEqual(asked(F(1)), {"score": 1.0, "strict": 1.0, "relaxed": 1.0})

    def test_relaxed_and_repaired(self) -> None:
        found = asked(1 + F(1, 2**40))
        self.assertEqual((found["score"], found["repaired"], found["loss"], found["violation"]), (1.0, 1.0, 2**-40, 2**-40))
        self.assertEqual(found["relaxed"], 1 + 2**-40)
        self.assertNotIn("strict", found)
        self.assertEqual(found["message"], "x is above 1 by 9.09e-13: repaired, which costs 9.09e-13")

    def test_the_shape_of_what_is_scored_never_counts(self) -> None:
        for x in (F(1), 1 + F(1, 2**40)):
            found = asked(x, shape=lambda y: {"size": float(y), "score": 9.0})
            self.assertEqual(found, {**asked(x), "size": 1.0})
        self.assertNotIn("size", asked(F(2), shape=lambda y: {"size": 1.0}))

    def test_repaired_only(self) -> None:
        found = asked(1 + F(1, 2**24))
        self.assertEqual(found["score"], 1.0)
        self.assertNotIn("relaxed", found)

    def test_too_much(self) -> None:
        found = asked(F(2))
        self.assertEqual(found, {"valid": False, "violation": 1.0, "message": "x is above 1 by 1; at most 1e-06 is repaired"})
        self.assertTrue(asked(F(2), repairable=F(1))["score"] == 1.0)

    def test_without_a_repair_nothing_is_forgiven(self) -> None:
        self.assertFalse(judge(1 + F(1, 2**90), score=lambda y: y, violation=above_one)["valid"])

    def test_a_repair_that_does_not_or_cannot(self) -> None:
        def cannot(_: F) -> F:
            raise ValueError("nothing is left")

        just = 1 + F(1, 2**40)
        self.assertRegex(asked(just, repair=lambda y: y)["message"], "after the repair x is above 1 by")
        self.assertRegex(asked(just, repair=cannot)["message"], "nothing is left")

    def test_rounded_against_the_candidate(self) -> None:
        third = F(1, 3)
        for direction, sign in (("maximize", 1), ("minimize", -1)):
            found = F(asked(third, direction=direction)["score"])
            self.assertTrue(0 < sign * (third - found) < F(1, 10**16))
        narrow = Interval.of(third)
        self.assertLess(F(judge(third, score=lambda _: narrow)["score"]), third)
        self.assertGreater(F(judge(third, score=lambda _: narrow, direction="minimize")["score"]), third)

    def test_a_score_without_a_float(self) -> None:
        with self.assertRaisesRegex(ValueError, "too large for a float"):
            judge(F(10**400), score=lambda y: y)

    def test_tiny_violations_are_not_zero(self) -> None:
        found = asked(1 + F(1, 2**2000))
        self.assertGreater(found["violation"], 0)
        self.assertRegex(found["message"], "by less than 5e-324")

    def test_the_worst_of_several(self) -> None:
        a, b = Violation("a", F(1)), Violation("b", F(2))
        self.assertEqual(worst([None, a, b, None]), b)
        self.assertIsNone(worst([None]))
        self.assertEqual(refused("no"), {"valid": False, "message": "no"})


if __name__ == "__main__":
    unittest.main()
