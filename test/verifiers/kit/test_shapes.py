"""Circles, points, polygons, hexagons: decided exactly, touching told from overlapping, repairs feasible."""

import math
import random
import unittest
from fractions import Fraction as F

from nbevolve_kit import circles, hexagons, points, polygons
from nbevolve_kit.hexagons import Hexagon


class Circles(unittest.TestCase):
    def test_touching_is_not_overlapping(self) -> None:
        a, b = (F(0), F(0), F(2)), (F(3), F(4), F(3))
        self.assertEqual(circles.overlap(a, b), 0)
        grown = (F(3), F(4), F(3) + F(5e-324))
        self.assertAlmostEqual(float(circles.overlap(a, grown) / F(5e-324)), 1)

    def test_the_worst_is_named(self) -> None:
        three = [(F(0.5), F(0.5), F(0.3)), (F(0.9), F(0.5), F(0.2)), (F(0.5), F(0.95), F(0.1))]
        self.assertEqual(str(circles.worst_overlap(three)), "circles 0 and 1 overlap by 0.1")
        self.assertEqual(str(circles.worst_outside(three)), "circle 1 sticks out of the square by 0.1")
        self.assertIsNone(circles.worst_overlap(three[1:]))

    def test_shrunk_circles_fit(self) -> None:
        rng = random.Random(1)
        for _ in range(50):
            some = [(F(rng.random()), F(rng.random()), F(rng.uniform(0.01, 0.2))) for _ in range(4)]
            try:
                fit = circles.shrink(some, circles.UNIT_SQUARE)
            except ValueError:
                continue
            self.assertIsNone(circles.worst_overlap(fit))
            self.assertIsNone(circles.worst_outside(fit))
            self.assertTrue(all(after[2] <= before[2] for before, after in zip(some, fit)))

    def test_shrinking_costs_no_more_than_the_overlap(self) -> None:
        pair = [(F(0), F(0), F(1)), (F(0), F(2), F(1) + F(1, 10**6))]
        self.assertAlmostEqual(float(circles.sum_of_radii(circles.shrink(pair))), 2.0, 15)

    def test_the_box_around(self) -> None:
        self.assertEqual(circles.bounding_box([(F(0), F(0), F(1)), (F(3), F(1), F(1))]), (-1, -1, 4, 2))

    def test_what_tells_packings_apart(self) -> None:
        three = [(F(1, 4), F(1, 4), F(1, 4)), (F(3, 4), F(1, 2), F(1, 8)), (F(1, 4), F(3, 4), F(1, 4) - F(1, 10**7))]
        self.assertEqual(circles.shape(three, circles.UNIT_SQUARE)["on_edge"], 2)
        self.assertEqual(circles.shape(three)["on_edge"], 3)
        self.assertEqual(circles.shape(three[:1])["radius_spread"], 0)
        self.assertAlmostEqual(circles.shape([(F(0), F(0), F(1)), (F(9), F(0), F(3))])["radius_spread"], 0.5)


class Points(unittest.TestCase):
    def test_distances_of_a_square(self) -> None:
        found = points.distances([(F(0), F(0)), (F(1), F(0)), (F(1), F(1)), (F(0), F(1))])
        self.assertEqual((found.least, found.greatest, found.closest, found.farthest), (1, 2, (0, 1), (0, 2)))
        self.assertEqual(found.squared_ratio(), 2)

    def test_points_that_coincide_have_no_ratio(self) -> None:
        with self.assertRaisesRegex(ValueError, "points 1 and 2 coincide"):
            points.distances([(F(0),), (F(1),), (F(1),)]).squared_ratio()

    def test_squares_do_not_vanish_where_floats_would(self) -> None:
        tiny = [(F(0.0), F(0.0)), (F(1e-161), F(0.0)), (F(3e-170), F(0.0))]
        self.assertEqual(points.distances(tiny).least, F(3e-170) ** 2)

    def test_the_smallest_triangle_and_points_on_a_line(self) -> None:
        five = [(F(0), F(0)), (F(4), F(0)), (F(0), F(4)), (F(1), F(1)), (F(3), F(1))]
        self.assertEqual(points.smallest_triangle(five), points.Triangle((1, 2, 4), F(0)))
        self.assertEqual(points.smallest_triangle(five[:4]).double_area, 4)

    def test_hull_against_every_half_plane(self) -> None:
        rng = random.Random(2)
        for _ in range(50):
            some = [(F(rng.randrange(8)), F(rng.randrange(8))) for _ in range(12)]
            if len({p for p in some}) < 3 or points.smallest_triangle(some).double_area == points.hull_double_area(some):
                continue
            corners = [some[k] for k in points.hull(some)]
            self.assertTrue(polygons.is_convex(corners))
            self.assertTrue(all(polygons.outside(p, corners) == 0 for p in some))

    def test_areas(self) -> None:
        square = [(F(0), F(0)), (F(2), F(0)), (F(2), F(2)), (F(0), F(2))]
        self.assertEqual(points.double_area(square), 8)
        self.assertEqual(points.double_area(square[::-1]), -8)
        self.assertEqual(points.hull_double_area([*square, (F(1), F(1)), (F(1), F(0))]), 8)


class Polygons(unittest.TestCase):
    square = [(F(0), F(0)), (F(2), F(0)), (F(2), F(2)), (F(0), F(2))]

    def moved(self, x: object, y: object) -> list[tuple[F, ...]]:
        return [(a + F(x), b + F(y)) for a, b in self.square]  # type: ignore[arg-type]

    def test_convex(self) -> None:
        star = [(F(round(1000 * math.cos(4 * math.pi * k / 5))), F(round(1000 * math.sin(4 * math.pi * k / 5)))) for k in range(5)]
        self.assertTrue(polygons.is_convex(self.square))
        for none in (self.square[::-1], star, self.square[:2], [*self.square[:1], *self.square[2:], self.square[1]]):
            self.assertFalse(polygons.is_convex(none))

    def test_outside(self) -> None:
        self.assertEqual(polygons.outside((F(2), F(1)), self.square), 0)
        self.assertAlmostEqual(float(polygons.outside((F(2) + F(1e-300), F(1)), self.square) / F(1e-300)), 1)
        found = polygons.worst_point_outside([(F(1), F(1)), (F(3), F(1))], self.square, "the square")
        self.assertEqual(str(found), "point 1 is outside the square by 1")

    def test_penetration(self) -> None:
        self.assertEqual(polygons.penetration(self.square, self.moved(2, 1)), 0)
        self.assertEqual(polygons.penetration(self.square, self.moved(1.5, 1)), F(1, 2))
        diamond = [(F(1), F(0)), (F(0), F(1)), (F(-1), F(0)), (F(0), F(-1))]
        self.assertAlmostEqual(float(polygons.penetration(self.square, diamond)), math.sqrt(0.5), 15)
        self.assertEqual(polygons.penetration(self.square, [(x - 1, y) for x, y in diamond]), 0)


class Hexagons(unittest.TestCase):
    def test_two_side_by_side(self) -> None:
        for angle in (0.0, 0.3, 1.9):
            across = math.pi / 6 + angle
            for distance, apart in ((1.74, True), (1.73, False)):
                other = Hexagon(F(distance * math.cos(across)), F(distance * math.sin(across)), F(angle))
                found = hexagons.gap(Hexagon(F(0), F(0), F(angle)), other)
                self.assertAlmostEqual(float(found.lower), distance - math.sqrt(3), 14)
                self.assertEqual(hexagons.worst_overlap([Hexagon(F(0), F(0), F(angle)), other]) is None, apart)

    def test_gaps_against_corners_of_the_same_hexagons(self) -> None:
        """An independent way: exact polygons with corners rounded to floats."""
        rng = random.Random(3)
        for _ in range(40):
            a, b = (Hexagon(F(rng.uniform(-1, 1)), F(rng.uniform(-1, 1)), F(rng.uniform(-4, 4))) for _ in "ab")
            rough = float(polygons.penetration(corners(a), corners(b)))
            self.assertAlmostEqual(max(0.0, -float(hexagons.gap(a, b).lower)), rough, 13)

    def test_spread_hexagons_are_surely_disjoint(self) -> None:
        row = [Hexagon(F(math.sqrt(3) * k - 1e-7), F(0), F(math.pi / 6)) for k in range(-2, 3)]
        row[3] = Hexagon(row[3].x - F(1e-8), F(0), row[3].angle)
        found = hexagons.worst_overlap(row)
        self.assertEqual(str(found), "hexagons 2 and 3 overlap by 1e-08")
        self.assertIsNone(hexagons.worst_overlap(hexagons.spread(row)))
        with self.assertRaisesRegex(ValueError, "same centre"):
            hexagons.spread([row[0], row[0]])

    def test_the_side_around(self) -> None:
        for hexagon, side in [((0, 0, 0), 1.0), ((0, 0, math.pi / 6), 2 / math.sqrt(3)), ((0, 1, 0), 1 + 2 / math.sqrt(3))]:
            found = hexagons.side_around([Hexagon(*map(F, hexagon))])
            self.assertAlmostEqual(float(found.upper), side, 14)
        self.assertTrue(found.lower < found.upper)


def corners(hexagon: Hexagon) -> list[tuple[F, ...]]:
    angles = [float(hexagon.angle) + k * math.pi / 3 for k in range(6)]
    return [(hexagon.x + F(math.cos(a)), hexagon.y + F(math.sin(a))) for a in angles]


if __name__ == "__main__":
    unittest.main()
