"""Owns: which units have more in open files without a name than a unit may leave on disk: no folder shows these files.
Never ends a unit.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor

from nbevolve_files.measuring import Enough, Measuring
from nbevolve_files.reach import Bounds

LOOK_S = 1.0
# Where looking takes long, this many times as long passes before the next look.
REST = 9
MOST_FILES = 200_000


class UnnamedFiles:
    """Looks in a thread of its own, once a second: processes and memory have to be counted meanwhile."""

    def __init__(self, most_bytes: int) -> None:
        self.most = Bounds(most_bytes, MOST_FILES)
        self.thread = ThreadPoolExecutor(max_workers=1)
        self.looking: Future[list[int]] | None = None
        self.next_s = 0.0

    def over(self, units: dict[int, list[int]]) -> list[int]:
        """Those that were over the limit a moment ago, of the processes of each."""
        found = []
        if self.looking is not None and self.looking.done():
            found, self.looking = self.looking.result(), None
        if self.looking is None and time.monotonic() >= self.next_s:
            self.looking = self.thread.submit(self.look, units)
        return [unit for unit in found if unit in units]

    def look(self, units: dict[int, list[int]]) -> list[int]:
        began = time.monotonic()
        found = [unit for unit, pids in units.items() if self.passes(pids)]
        now = time.monotonic()
        self.next_s = now + max(LOOK_S, REST * (now - began))
        return found

    def passes(self, pids: list[int]) -> bool:
        try:
            Measuring(self.most).unnamed(pids)
            return False
        except Enough:
            return True
