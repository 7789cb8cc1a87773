"""Owns: the limit on the processor time of one cell; the controller limits the time that passes. Never ends a process
by itself: the system sends a signal, and the cell gets an exception that it can read.
"""

import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SECONDS = int(os.environ.get("NBEVOLVE_CELL_CPU_S", "0"))
"""0: no limit."""


@contextmanager
def limit_time() -> Iterator[None]:
    """Around a cell, in the main thread. Processes that it starts have as much again each, and end when it is used up.
    Beyond the limit the system signals every second, so that a cell that swallows the exception gets it again.
    """
    if SECONDS == 0:
        yield
        return
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    before = signal.signal(signal.SIGXCPU, raise_exceeded)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + SECONDS + 1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
        signal.signal(signal.SIGXCPU, before)


def raise_exceeded(*_: Any) -> None:
    raise TimeoutError(f"this cell used more than {SECONDS} s of processor time, its limit")
