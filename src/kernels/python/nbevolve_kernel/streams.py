"""Owns: what stands for stdout and stderr in a kernel, and what processes and C code write beside it: it is shown by the cell
that it came from, whole and as text. Never knows what a cell is.
"""

import codecs
import os
import select
import sys
import threading
from collections.abc import Iterable
from typing import Any

from ipykernel.iostream import OutStream


# What a pipe holds, unless somebody made it larger.
PIPE_BYTES = 65_536


class KernelStream(OutStream):
    """Differs in what is written to the descriptor: the stock one may show it after its cell, when nobody looks any more; cuts
    characters in two; and gives those who ask for its number one that leads nowhere.
    """

    # One reads at a time: the thread that waits, or the cell that ends.
    reading: Any
    decoder: codecs.IncrementalDecoder

    def _setup_stream_redirects(self, name: str) -> None:
        self.reading = threading.Lock()
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        super()._setup_stream_redirects(name)

    def fileno(self) -> int:
        return self._original_stdstream_fd if self._should_watch else super().fileno()

    def close(self) -> None:
        """Shows what there is: it is all that the cells to come have."""
        self.flush()

    def _watch_pipe_fd(self) -> None:
        pipe, reading = self._fid, self.reading
        try:
            while self._should_watch and self._fid == pipe:
                is_readable(pipe, None)
                with reading:
                    self.take(pipe, 1)
        except Exception:
            self._exc = sys.exc_info()

    def take(self, pipe: int, most: int) -> None:
        """Shows what waits to be read, up to that many bytes and a piece."""
        while most > 0 and self._should_watch and is_readable(pipe, 0):
            some = os.read(pipe, PIPE_BYTES)
            most -= len(some)
            self.write(self.decoder.decode(some))
            os.write(self._original_stdstream_copy, some)

    def catch_up(self) -> None:
        """Shows what was written to the descriptor until now: no more than its pipe holds."""
        if self._should_watch:
            with self.reading:
                self.take(self._fid, PIPE_BYTES)


def is_readable(pipe: int, within_ms: int | None) -> bool:
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(within_ms))


def settle(streams: Iterable[KernelStream]) -> None:
    """At the end of a cell: all of its output is on its way. What it left in a stream's place and cannot be written to is put
    away: a kernel flushes both streams before it answers, and one that fails at that never answers.
    """
    for stream in streams:
        stream.catch_up()
        try:
            getattr(sys, stream.name).flush()
        except Exception:
            setattr(sys, stream.name, stream)
