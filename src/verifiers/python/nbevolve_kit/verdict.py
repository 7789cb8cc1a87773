"""Owns: what a verifier answers - strict, relaxed, repaired, and the constraint that is violated, by how much.
Never believes a repair: what it made is checked like a submission.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeVar

from .interval import Interval
from .rational import round_down, round_up

T = TypeVar("T")
Direction = Literal["maximize", "minimize"]
Exact = Fraction | int | Interval

RELAXED = Fraction(1, 10**9)
REPAIRABLE = Fraction(1, 10**6)


@dataclass(frozen=True)
class Violation:
    """A constraint that does not hold: what ("circles 3 and 7 overlap"), and by how much, more than zero."""

    what: str
    size: Fraction

    def __str__(self) -> str:
        return f"{self.what} by {shown(self.size)}"


def worst(violations: Iterable[Violation | None]) -> Violation | None:
    """The largest of the violations, the first among equals; None when there is none."""
    found = [violation for violation in violations if violation is not None]
    return max(found, key=lambda violation: violation.size, default=None)


def judge(
    candidate: T,
    *,
    score: Callable[[T], Exact],
    violation: Callable[[T], Violation | None] = lambda _: None,
    repair: Callable[[T], T] | None = None,
    direction: Direction = "maximize",
    relaxed: Fraction = RELAXED,
    repairable: Fraction = REPAIRABLE,
    shape: Callable[[T], Mapping[str, float]] = lambda _: {},
) -> dict[str, Any]:
    """The answer of `verify`.

    `strict`: the score where nothing is violated. `repaired`: the score of what `repair` makes of a candidate that
    violates by at most `repairable`. `relaxed`: the candidate's own score, where it violates by at most `relaxed`. The score
    that counts, `score`, is the strict one, else the repaired one, rounded so that it is never better than the truth.
    A candidate with neither is refused, with `violation`, the size, among the metrics. `shape` gives further metrics of
    what is scored: what it is like, for a task's descriptors. They never count as a score.
    """
    found = violation(candidate)
    if found is None:
        strict = rounded(score(candidate), direction)
        return {**shape(candidate), "score": strict, "strict": strict, "relaxed": strict}
    sizes = {"violation": round_up(found.size)}
    if repair is None:
        return refused(f"{found}; nothing is forgiven", sizes)
    if found.size > repairable:
        return refused(f"{found}; at most {float(repairable):g} is repaired", sizes)
    try:
        mended = repair(candidate)
    except ValueError as problem:
        return refused(f"{found}; {problem}", sizes)
    left = violation(mended)
    if left is not None:
        return refused(f"{found}; after the repair {left}", sizes)
    own, repaired = rounded(score(candidate), direction), rounded(score(mended), direction)
    forgiven = {"relaxed": own} if found.size <= relaxed else {}
    loss = own - repaired if direction == "maximize" else repaired - own
    message = f"{found}: repaired, which costs {shown(loss)}"
    verdict = {"score": repaired, "repaired": repaired, "loss": loss, **forgiven, **sizes, "message": message}
    return {**shape(mended), **verdict}


def refused(message: str, metrics: dict[str, float] | None = None) -> dict[str, Any]:
    """The answer of `verify` for what has no score."""
    return {"valid": False, **(metrics or {}), "message": message}


def rounded(score: Exact, direction: Direction) -> float:
    """The score as a float that is no better than it. @raises ValueError when no float is near."""
    try:
        if direction == "maximize":
            return round_down(score.lower if isinstance(score, Interval) else score)
        return round_up(score.upper if isinstance(score, Interval) else score)
    except OverflowError:
        raise ValueError("the score is too large for a float") from None


def shown(size: Fraction | float) -> str:
    """Three digits, and never "0" for what is not zero."""
    return f"{float(size):.3g}" if float(size) != 0 or size == 0 else "less than 5e-324"
