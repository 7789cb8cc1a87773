"""Owns: one search for a better submission, from the input on stdin to the answer on descriptor 3, in a process of its own.
Says only what was found: a submission's numbers. What that is worth, a judgement says.

Input as the judge's, the first line with `search`: `{"seed", "tries", "seconds", "sign"}`, where `sign` is 1 where less is better.
"""

from __future__ import annotations

import json
import math
import os
import random
import resource
import sys
from typing import Any

import numpy as np

from nbevolve_guard.submission import decode
from nbevolve_verifier.judge import HEADROOM_MB, MAX_FILE_MB, VERDICT_FD, flush, limit, load, read_input, send

from .asked import Asked, Spent
from .moves import anneal

MOST_REASON = 500
MOST_FOR_FLOATS = 20_000
"""Tries after which floats are at their optimum, or at none that more tries would find."""
PACES, PACE_SECONDS, OVERHEAD = (100, 500, 2_000, 20_000, 100_000), 10.0, 3e-5
"""How many tries the next search may have: few sizes, far apart, so that a slower machine has the same."""


def main() -> None:
    me = os.getpid()
    sys.path = [folder for folder in sys.path if folder]
    header, text = read_input()
    limit(resource.RLIMIT_AS, header["memoryMb"] + HEADROOM_MB)
    limit(resource.RLIMIT_FSIZE, MAX_FILE_MB)
    os.set_inheritable(VERDICT_FD, False)
    sink = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):  # thousands of tries may print
        os.dup2(sink, number)
    os.write(VERDICT_FD, b"ready\n")
    answer = improvement(load(header["source"], header["lines"])["verify"], decode(text), **header["search"])
    if os.getpid() == me:
        flush()
        send(answer)
    os._exit(0)


def improvement(verify: Any, submission: Any, seed: int, tries: int, seconds: float, sign: int) -> Any:
    """What was found; `values` is None where nothing was better. Its arrays are lists, and what is no number or text in it is None."""
    asked = Asked(verify, submission, sign, tries, seconds)
    first = asked.best_cost
    ways, kept = search(asked, seed)
    better = asked.best_cost < first
    return {
        "values": plainly(asked.form.build(asked.best)) if better else None,
        "start": asked.start,
        "end": sign * asked.best_cost if better else asked.start,
        "tries": asked.tries,
        "valid": asked.valid,
        "pace": pace(asked),
        "reason": max(asked.reasons, key=lambda reason: asked.reasons[reason], default="")[:MOST_REASON],
        "refused": max(asked.reasons.values(), default=0),
        "holds": [name for name in ("floats", "wholes", "sequences") if getattr(asked.form, name)],
        "ways": ways,
        "kept": kept,
    }


def pace(asked: Asked) -> int:
    each = OVERHEAD + asked.seconds / (asked.tries + 1)
    return max((tries for tries in PACES if tries * each <= PACE_SECONDS), default=PACES[0])


def search(asked: Asked, seed: int) -> tuple[list[str], str]:
    """Spends the tries; gives what gained, and what had to be kept for tries to pass."""
    form, ways, kept = asked.form, [], ""
    discrete = bool(form.sequences or form.wholes)
    try:
        if discrete:
            ways += anneal(asked, random.Random(seed), asked.most // 2 if form.floats else asked.most)
        if form.floats:
            from .numbers import Numbers  # scipy and cma take a second to load

            numbers = Numbers(asked, np.random.default_rng(seed))
            kept = numbers.kept
            ways += numbers.search(min(asked.left, MOST_FOR_FLOATS))
    except Spent:
        pass
    return ways, kept


def plainly(value: Any) -> Any:
    if type(value) is np.ndarray:
        return value.tolist() if value.dtype.kind in "biuf" and np.isfinite(value).all() else None
    if type(value) is list:
        return [plainly(item) for item in value]
    if type(value) is dict:
        return {key: plainly(item) for key, item in value.items()}
    fits = type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value))
    return value if fits else None


if __name__ == "__main__":
    main()
