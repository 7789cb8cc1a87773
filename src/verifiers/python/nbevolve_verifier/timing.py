"""Owns: how long a verifier thinks about a task's own founder, in this process. For `nbevolve bench verifiers`; no judgement
uses it.
"""

import json
import os
import sys
import time
from typing import Any

from nbevolve_guard.submission import encode
from nbevolve_verifier.judge import judgement

TIMES = 7


def main() -> None:
    """Reads `{"cells": [...], "submission": expression, "source": verifier}`; writes the submission's text and the seconds."""
    os.environ["MPLBACKEND"] = "agg"
    request = json.load(sys.stdin)
    names: dict[str, Any] = {"__name__": "__main__"}
    printed, sys.stdout = sys.stdout, sys.stderr
    for cell in request["cells"]:
        exec(cell, names)
    sys.stdout = printed
    text = encode(eval(request["submission"], names))
    verdict, seconds = judgement(request["source"], text), []
    for _ in range(TIMES):
        started = time.perf_counter()
        judgement(request["source"], text)
        seconds.append(time.perf_counter() - started)
    json.dump({"text": text, "valid": verdict["valid"], "seconds": sorted(seconds)[TIMES // 2]}, printed)


if __name__ == "__main__":
    main()
