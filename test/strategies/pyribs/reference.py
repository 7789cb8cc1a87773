"""What pyribs makes of 10,000 additions to a grid and to a CVT archive, as JSON on standard output.

Usage: python reference.py > expected.json     (needs `ribs`; written with 0.12.0)

The additions are a function of a small generator that the test repeats, so that they need not be stored.
Ties are wanted: objectives are multiples of 1/8, measures multiples of 1/64 and partly out of range.
"""

from __future__ import annotations

import hashlib
import json
import struct
import sys
from typing import Any, Iterator

import numpy as np
import ribs
from ribs.archives import CVTArchive, GridArchive

ADDITIONS = 10_000
RANGES = [(-1.0, 1.0), (0.0, 3.0)]
DIMS = [150, 7]  # more bins than the first measure has values: some niches stay empty


def numbers(seed: int) -> Iterator[int]:
    """A linear congruential generator: the same 31-bit numbers in every language."""
    state = seed
    while True:
        state = (state * 1103515245 + 12345) % 2**31
        yield state >> 8


def additions() -> list[tuple[float, list[float]]]:
    """Objective and measures; about one measure in five lies outside its range."""
    draw = numbers(7)

    def measure(low: float, high: float) -> float:
        step = next(draw) % 161 - 16  # 0 to 128 lies inside
        return low + (high - low) * step / 128

    return [((next(draw) % 400 - 200) / 8, [measure(*range_) for range_ in RANGES]) for _ in range(ADDITIONS)]


def centroids() -> list[list[float]]:
    """Fifty points on a lattice, so that many additions are equally far from two of them."""
    draw = numbers(11)
    return [[low + (high - low) * (next(draw) % 33) / 32 for low, high in RANGES] for _ in range(50)]


def contents(archive: Any) -> dict[str, Any]:
    """The elites as a hash of `niche addition threshold` lines (the threshold's bytes in hex), and the numbers."""
    data = archive.data(["index", "solution", "threshold"])
    rows = sorted(zip(data["index"], data["solution"][:, 0], data["threshold"]))
    lines = [
        f"{int(index)} {int(solution)} {struct.pack('>d', threshold).hex()}\n"
        for index, solution, threshold in rows
    ]
    return {
        "elites": len(rows),
        "sha256": hashlib.sha256("".join(lines).encode()).hexdigest(),
        "first": [[int(index), int(solution), float(threshold)] for index, solution, threshold in rows[:8]],
        "coverage": float(archive.stats.coverage),
        "qdScore": float(archive.stats.qd_score),
    }


def run(archive: Any, batched: bool) -> dict[str, Any]:
    given = additions()
    if batched:
        objectives, measures = zip(*given)
        archive.add(np.arange(ADDITIONS)[:, None], np.array(objectives), np.array(measures))
    else:
        for number, (objective, measures) in enumerate(given):
            archive.add_single([number], objective, measures)
    return contents(archive)


def grid(**settings: float) -> GridArchive:
    return GridArchive(solution_dim=1, dims=DIMS, ranges=RANGES, qd_score_offset=-25.0, **settings)


def cvt(**settings: float) -> CVTArchive:
    return CVTArchive(
        solution_dim=1,
        centroids=np.array(centroids()),
        ranges=RANGES,
        nearest_neighbors="brute_force",
        qd_score_offset=-25.0,
        **settings,
    )


if __name__ == "__main__":
    soft = {"learning_rate": 0.25, "threshold_min": -10.0}
    json.dump(
        {
            "ribs": ribs.__version__,
            "grid": run(grid(), batched=False),
            "gridBatch": run(grid(), batched=True),
            "gridSoft": run(grid(**soft), batched=False),
            "cvt": run(cvt(), batched=False),
            "cvtBatch": run(cvt(), batched=True),
            "cvtSoft": run(cvt(**soft), batched=False),
        },
        sys.stdout,
        indent=1,
    )
    sys.stdout.write("\n")
