"""Owns: the main loop of a process that is a kernel, then perhaps a template, then, forked, a kernel again.

    python -m nbevolve_fork.launcher -f <connection file>
"""

import atexit
import os
import random
import sys
from typing import Any

# The debugger takes time and memory, and the kernels of a run are not debugged. User code may still import it.
sys.modules["debugpy"] = None  # type: ignore[assignment]

import ipykernel.debugger  # noqa: E402, F401

del sys.modules["debugpy"]

from nbevolve_guard import confinement  # noqa: E402
from nbevolve_kernel import generators, settings  # noqa: E402
from nbevolve_kernel.kernel_app import configuration  # noqa: E402
from nbevolve_fork import wire  # noqa: E402
from nbevolve_fork.forkable import BecomeTemplate, ForkableKernel, ForkableKernelApp  # noqa: E402
from nbevolve_fork.template import Request, Template, refuse  # noqa: E402


def main(connection_file: str) -> None:
    keep_apart()
    config = configuration()
    config.IPKernelApp.kernel_class = ForkableKernel
    app: Any = ForkableKernelApp.instance(config=config)
    app.start_first(connection_file)
    while True:
        frozen = run(app) or leave_template(app)
        if frozen is None:
            end(app)
        become_kernel(app, be_template(app, frozen))


def run(app: Any) -> BecomeTemplate | None:
    """Runs the kernel to its end; what to become, in a process that was forked to be a template."""
    try:
        app.start()
    except BecomeTemplate as frozen:
        # Its traceback would keep all frames of the execution alive.
        return frozen.with_traceback(None)
    return None


def leave_template(app: Any) -> BecomeTemplate | None:
    """At the kernel's end: what to become, in a process that was forked to be a template in its place."""
    try:
        frozen: BecomeTemplate | None = app.retire()
    except Exception:
        sys.excepthook(*sys.exc_info())  # there is the template of the last checkpoint
        return None
    return frozen


def keep_apart() -> None:
    """In a box: this process can signal only what comes from it, not its siblings and not the template it came from.
    The system nests that no deeper than 16 generations; beyond, a kernel shares its ancestor's reach.
    """
    if confinement.is_boxed():
        confinement.keep_to_oneself()


def end(app: Any) -> None:
    """Ends the process when what user code registered for it is done. The rest of an orderly end is for processes that
    go on: the transport of an ended generation cannot be closed in order.
    """
    for registered in (app.close, app.iopub_thread.stop, app.cleanup_connection_file):
        atexit.unregister(registered)
    atexit._run_exitfuncs()
    for stream in app.outs:
        stream.flush()
    app.cleanup_connection_file()
    os._exit(0)


def be_template(app: Any, frozen: BecomeTemplate) -> Request:
    """Returns in each kernel that is forked from this template."""
    try:
        app.freeze()
        template = Template(frozen.path)
        os.write(frozen.ready, b"R")
        os.close(frozen.ready)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(70)
    return template.serve()


def become_kernel(app: Any, request: Request) -> None:
    # Sockets are bound to random ports with the user's `random`.
    state = random.getstate()
    try:
        keep_apart()
        os.environ.update(request.env)
        app.move(request.cwd)
        with settings.set_aside():
            app.start_again(request.connection_file)
        os.write(request.counts, str(app.threads_now()).encode())
        os.close(request.counts)
        wire.send(request.connection, {"ready": True})
        request.connection.close()
    except BaseException as problem:
        sys.excepthook(*sys.exc_info())
        refuse(request.connection, f"{type(problem).__name__}: {problem}")
        os._exit(71)
    if request.fresh:
        generators.begin_anew()
    else:
        random.setstate(state)


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("-f") + 1])
