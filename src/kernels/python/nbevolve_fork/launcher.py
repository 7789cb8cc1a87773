"""Owns: the main loop of a process that is a kernel, then perhaps a template, then, forked, a kernel again.

    python -m nbevolve_fork.launcher <number of the socket to the keeper>
"""

import atexit
import os
import random
import socket
import sys
from typing import Any

# Python put the folder where it was started in front: a cell must not find its modules there, nor we ours.
sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd())]
# The debugger takes time and memory, and the kernels of a run are not debugged. User code may still import it.
sys.modules["debugpy"] = None  # type: ignore[assignment]

import ipykernel.debugger  # noqa: E402, F401

del sys.modules["debugpy"]

from nbevolve_boxes import wire  # noqa: E402
from nbevolve_guard import confinement, process_tree  # noqa: E402
from nbevolve_kernel import settings  # noqa: E402
from nbevolve_kernel.kernel_app import configuration  # noqa: E402
from nbevolve_fork import shelter  # noqa: E402
from nbevolve_fork.forkable import BecomeTemplate, ForkableKernel, ForkableKernelApp  # noqa: E402
from nbevolve_fork.template import Request, Template, refuse  # noqa: E402


def main(control: socket.socket) -> None:
    process_tree.prctl(process_tree.PR_SET_CHILD_SUBREAPER, 1)
    if confinement.is_boxed():
        confinement.keep_to_oneself()
    config = configuration()
    config.IPKernelApp.kernel_class = ForkableKernel
    app: Any = ForkableKernelApp.instance(config=config)
    packet = wire.receive(control)
    if packet is None:
        return
    os.makedirs(os.environ["HOME"], exist_ok=True)
    app.start_first(control, packet.content["connection"], packet.fds)
    wire.send(control, {"ready": True})
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


def end(app: Any) -> None:
    """Ends the process when what user code registered for it is done. The rest of an orderly end is for processes that
    go on: the transport of an ended generation cannot be closed in order.
    """
    for registered in (app.close, app.iopub_thread.stop):
        atexit.unregister(registered)
    atexit._run_exitfuncs()
    for stream in app.outs:
        stream.flush()
    os._exit(0)


def be_template(app: Any, frozen: BecomeTemplate) -> Request:
    """Returns in each kernel that is forked from this template."""
    try:
        # What outlives its kernel comes to its template: there the keeper finds it.
        process_tree.prctl(process_tree.PR_SET_CHILD_SUBREAPER, 1)
        app.freeze()
        template = Template(frozen.control)
        os.write(frozen.ready, b"R")
        os.close(frozen.ready)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(70)
    return template.serve()


def become_kernel(app: Any, request: Request) -> None:
    # Sockets and identifiers are drawn with the user's `random`.
    state = random.getstate()
    try:
        process_tree.prctl(process_tree.PR_SET_CHILD_SUBREAPER, 1)
        if confinement.is_boxed():
            # Not a change of the user's: another kernel of this state has other folders.
            settings.Start.environment = {**(settings.Start.environment or {}), **shelter.shut_in(os.path.dirname(request.cwd))}
        app.move(request.cwd)
        with settings.set_aside():
            app.start_again(request.control, request.kernel, request.listeners)
        os.write(request.counts, str(app.threads_now()).encode())
        os.close(request.counts)
        wire.send(request.control, {"ready": True})
        request.connection.close()
    except BaseException as problem:
        sys.excepthook(*sys.exc_info())
        refuse(request.connection, f"{type(problem).__name__}: {problem}")
        os._exit(71)
    random.setstate(state)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
