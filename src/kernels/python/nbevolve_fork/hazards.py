"""Owns: the reasons, in words, why this kernel must not be forked, and stopping what can be stopped beforehand.
Never forks.
"""

import asyncio
import ctypes
import os
import re
import stat
import sys
import threading
from typing import Any

from nbevolve_fork import files, proc, transport
from nbevolve_kernel import settings

# Native pools that hang in a forked child and cannot be built again.
POOLS = (
    ("polars-", "the thread pool of polars"),
    ("tf_XLA", "the thread pool of XLA (jax, TensorFlow)"),
    ("tokio-", "a tokio runtime"),
    ("grpc", "gRPC"),
    ("cuda-", "CUDA"),
)
OPENMP = re.compile(r"/lib(gomp|omp|iomp5)[-.\w]*\.so")
DEVICES = {"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"}
# omp_pause_hard: threads and all.
PAUSE_HARD = 2
ZMQ_THREADS = 4


def stop_pools() -> None:
    """Ends thread pools that would hang in a child and are built again at their next use."""
    for path in {one.path for one in proc.mappings() if OPENMP.search(one.path)}:
        pause = getattr(ctypes.CDLL(path), "omp_pause_resource_all", None)
        if pause is not None:
            pause(PAUSE_HARD)
    loky = sys.modules.get("joblib.externals.loky.reusable_executor")
    executor = getattr(loky, "_executor", None)
    if loky is not None and executor is not None:
        executor.shutdown(wait=True)
        loky._executor = None  # type: ignore[attr-defined]


def reasons(app: Any, inherited: set[int]) -> list[str]:
    """Why this kernel must not be forked; empty when it may. `inherited`: descriptors that were there at the start."""
    return [
        *native_pools(),
        *user_threads(app),
        *processes(),
        *cuda(),
        *tasks(app),
        *shared_memory(),
        *descriptors(app, inherited),
        *settings.troubles(),
    ]


def native_pools() -> list[str]:
    names = [thread.name for thread in proc.threads()]
    found = [what for prefix, what in POOLS if any(name.startswith(prefix) for name in names)]
    if sum(name.startswith("ZMQbg/") for name in names) > ZMQ_THREADS:
        found.append("a ZeroMQ context")
    return [f"{what} does not survive a fork" for what in found]


def user_threads(app: Any) -> list[str]:
    own = transport.thread_ids(app)
    alive = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    return [
        f"the thread {thread.name!r} runs"
        for thread in alive
        if thread.native_id not in own and type(thread).__name__ != "TMonitor"  # tqdm's: it does nothing by itself
    ]


def trackers() -> list[Any]:
    """What multiprocessing and loky keep to clean up after themselves: a process, and a pipe to it. It may be shared."""
    modules = ("multiprocessing.resource_tracker", "joblib.externals.loky.backend.resource_tracker")
    found = [getattr(sys.modules.get(name), "_resource_tracker", None) for name in modules]
    return [tracker for tracker in found if tracker is not None]


def processes() -> list[str]:
    """Children of this process: pools, servers."""
    own = {*templates, *(tracker._pid for tracker in trackers())}
    found = [pid for pid in proc.children() if pid not in own and not is_dead(pid)]
    return [f"the process {proc.read(f'/proc/{pid}/comm').strip() or pid} runs" for pid in found]


# Templates that this process forked, and that are still its children.
templates: set[int] = set()


def is_dead(pid: int) -> bool:
    return proc.read(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1] in (["Z"], ["X"], [])


def cuda() -> list[str]:
    torch = sys.modules.get("torch")
    used = torch is not None and hasattr(torch, "cuda") and torch.cuda.is_initialized()
    return ["a CUDA context does not survive a fork"] if used else []


def tasks(app: Any) -> list[str]:
    """Tasks of the user's on the kernel's loop."""
    loop = app.io_loop.asyncio_loop
    found = []
    for task in asyncio.all_tasks(loop):
        code = getattr(task.get_coro(), "cr_code", None)
        home = getattr(code, "co_filename", "").replace(os.sep, "/")
        if not any(f"/{library}/" in home for library in ("ipykernel", "tornado", "zmq", "nbevolve_fork")):
            found.append(f"the asyncio task {task.get_name()!r} runs")
    return found


def shared_memory() -> list[str]:
    shared = {one.path for one in proc.mappings() if one.access[1:2] == "w" and one.access.endswith("s")}
    return [f"{path} is mapped for writing and would be shared" for path in sorted(shared)]


def descriptors(app: Any, inherited: set[int]) -> list[str]:
    own = transport.own_descriptors(app) | inherited | {tracker._fd for tracker in trackers()}
    found = []
    for fd, target in sorted(proc.descriptors().items()):
        if fd in own:
            continue
        try:
            mode = os.fstat(fd).st_mode
        except OSError:
            continue  # the listing's own
        if stat.S_ISREG(mode):
            found.extend(files.trouble(fd, target))
        elif not stat.S_ISDIR(mode) and target not in DEVICES:
            found.append(f"{target.partition(':')[0]} {fd} is open and would be shared")
    return found
