"""Owns: what others need for the same work as `nbevolve bench kernels`: nbclient and jupyter_client for a round trip,
cloudpickle for a state. Prints one JSON object; null where a peer is not installed. Times are in milliseconds.

    python kernel_bench_peers.py <round trips> <megabytes,...>
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any


def times(count: int, work: Callable[[], Any]) -> float:
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def by_nbclient(count: int) -> float | None:
    try:
        import nbformat
        from nbclient import NotebookClient
    except ImportError:
        return None
    cell = nbformat.v4.new_code_cell("x = 1")
    client = NotebookClient(nbformat.v4.new_notebook(cells=[cell]), kernel_name="python3")
    with client.setup_kernel():
        client.execute_cell(cell, 0)
        return times(count, lambda: client.execute_cell(cell, 0))


def by_jupyter_client(count: int) -> float:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel()
    try:
        client.execute_interactive("x = 1")
        return times(count, lambda: client.execute_interactive("x = 1"))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def by_cloudpickle(megabytes: int) -> dict[str, float] | None:
    try:
        import cloudpickle
        import numpy as np
    except ImportError:
        return None
    value = np.random.default_rng(0).random(megabytes << 17)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "state")

        def dump() -> None:
            buffers: list[Any] = []
            raw = cloudpickle.dumps(value, protocol=5, buffer_callback=buffers.append)
            with open(path, "wb") as file:
                file.write(raw)
                for buffer in buffers:
                    file.write(buffer.raw())

        def load() -> None:
            with open(path, "rb") as file:
                file.read()

        return {"dump": times(1, dump), "load": times(1, load)}


def main(count: int, sizes: list[int]) -> None:
    result = {
        "nbclient": by_nbclient(count),
        "jupyter_client": by_jupyter_client(count),
        "cloudpickle": {str(size): by_cloudpickle(size) for size in sizes},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(size) for size in sys.argv[2].split(",")])
