"""Owns: what others need for the same work as `nbevolve bench kernels`: nbclient and jupyter_client for cells and starts,
dill and cloudpickle for states. Prints one JSON object; null where a peer is not installed. Times are in milliseconds.

    python peers_in_python.py <work.json>     see Work in benchmarks/kernels/peers.ts
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

Times = dict[str, float]


def time_of(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def cell_times(execute: Callable[[str], Any], work: dict[str, Any]) -> Times:
    execute("x = 1")
    return {
        "trip": statistics.median(time_of(lambda: execute("x = 1")) for _ in range(work["trips"])),
        "cells": time_of(lambda: [execute(source) for source in work["cells"]]),
        "output": time_of(lambda: execute(work["output"])),
    }


def by_nbclient(work: dict[str, Any]) -> Times | None:
    try:
        import nbformat
        from nbclient import NotebookClient
    except ImportError:
        return None
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")])
    client = NotebookClient(notebook, kernel_name="python3", timeout=300)

    def execute(source: str) -> None:
        notebook.cells[0] = nbformat.v4.new_code_cell(source)
        client.execute_cell(notebook.cells[0], 0)

    with client.setup_kernel():
        return cell_times(execute, work)


def by_jupyter_client(work: dict[str, Any]) -> Times:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel()
    try:
        return cell_times(lambda source: client.execute_interactive(source, output_hook=lambda _: None), work)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def plain_start() -> float:
    """One kernel to the end of its first cell."""
    from jupyter_client.manager import start_new_async_kernel

    async def one() -> float:
        began = time.perf_counter()
        manager, client = await start_new_async_kernel(kernel_name="python3", startup_timeout=120)
        await client.execute_interactive("1", output_hook=lambda _: None)
        taken = (time.perf_counter() - began) * 1000
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        return taken

    return asyncio.run(one())


def state_of(source: str) -> Any:
    names: dict[str, Any] = {}
    exec(source, names)
    return names["a"]


def by_dill(value: Any, path: str) -> Times | None:
    try:
        import dill
    except ImportError:
        return None

    def dump() -> None:
        with open(path, "wb") as file:
            dill.dump(value, file)

    def load() -> None:
        with open(path, "rb") as file:
            dill.load(file)

    return {"dump": time_of(dump), "load": time_of(load)}


def by_cloudpickle(value: Any, path: str) -> Times | None:
    """Protocol 5, with the buffers beside the pickle; read into memory of their own."""
    try:
        import pickle

        import cloudpickle
    except ImportError:
        return None
    sizes: list[int] = []

    def dump() -> None:
        buffers: list[Any] = []
        raw = cloudpickle.dumps(value, protocol=5, buffer_callback=buffers.append)
        with open(path, "wb") as file:
            for part in (raw, *(buffer.raw() for buffer in buffers)):
                sizes.append(len(part))
                file.write(part)

    def load() -> None:
        with open(path, "rb") as file:
            raw, *buffers = (file.read(size) for size in sizes)
        pickle.loads(raw, buffers=buffers)

    return {"dump": time_of(dump), "load": time_of(load)}


def state_times(source: str) -> dict[str, Times | None]:
    value = state_of(source)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "state")
        return {"dill": by_dill(value, path), "cloudpickle": by_cloudpickle(value, path)}


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        work = json.load(file)
    result = {
        "nbclient": by_nbclient(work),
        "jupyter_client": by_jupyter_client(work),
        "start": plain_start(),
        "states": {name: state_times(source) for name, source in work["states"].items()},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1])
