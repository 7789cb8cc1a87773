"""The verifier kit: what a task's verifier needs to judge exactly. See docs/guides/verifiers.md.

    from nbevolve_kit import circles, judge
"""

from . import circles, hexagons, interval, points, polygons, polynomials, rational, reading, steps
from .interval import Interval
from .reading import read_field, read_integers, read_number, read_rows, read_vector
from .verdict import Violation, judge, refused, worst

__all__ = [
    "Interval",
    "Violation",
    "circles",
    "hexagons",
    "interval",
    "judge",
    "points",
    "polygons",
    "polynomials",
    "rational",
    "read_field",
    "read_integers",
    "read_number",
    "read_rows",
    "read_vector",
    "reading",
    "refused",
    "steps",
    "worst",
]
