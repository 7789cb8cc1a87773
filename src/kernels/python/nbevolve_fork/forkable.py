"""Owns: a kernel that can be forked into a template, and built again around its shell in a process forked from one.
Relies on private parts of ipykernel 6.29 to 7: everything that does is here and in transport.py.
"""

import asyncio
import atexit
import collections
import gc
import io
import json
import logging
import os
import random
import signal
import socket
import sys
import threading
from typing import Any

from ipykernel.kernelapp import IPKernelApp

import zmq
from ipykernel.heartbeat import Heartbeat
from nbevolve_boxes import wire
from nbevolve_kernel import kernel_side, place, settings
from nbevolve_kernel.kernel_app import NotebookKernel, NotebookKernelApp, PacedSession
from nbevolve_fork import files, hazards, proc, transport

# How long a template may take to say that it is ready.
READY_S = 10.0


class BecomeTemplate(SystemExit):
    """Raised in the forked process: it leaves the event loop and its frames behind. Event loops let it pass."""

    def __init__(self, control: socket.socket, ready: int) -> None:
        super().__init__(0)
        self.control = control
        self.ready = ready


class InheritedHeartbeat(Heartbeat):  # type: ignore[misc]
    listener = -1

    def _bind_socket(self) -> None:
        bind(self.socket, self.listener)


def bind(channel: zmq.Socket[Any], listener: int) -> None:
    """To a socket that listens already: there is no path by which another kernel could find it."""
    channel.setsockopt(zmq.USE_FD, listener)
    channel.bind("ipc:///inherited")


class NoEndpoint:
    """Stands for a channel that nothing in this process connects to."""

    def getsockopt(self, _: int) -> bytes:
        return b""


class ForkableKernel(NotebookKernel):
    async def do_execute(self, *args: Any, **kwargs: Any) -> Any:
        reply = await super().do_execute(*args, **kwargs)
        name, kernel_side.Checkpoint.name = kernel_side.Checkpoint.name, None
        if name is None or threading.current_thread() is not threading.main_thread():
            return reply
        answer_text = json.dumps({**self.parent.checkpoint(name), **kernel_side.Checkpoint.answer})
        kernel_side.Checkpoint.answer = {}
        answer = {"status": "ok", "data": {kernel_side.MIME: answer_text, "text/plain": ""}, "metadata": {}}
        return {**reply, "user_expressions": {"answer": answer}}


class ForkableKernelApp(NotebookKernelApp):
    inherited: frozenset[int] = frozenset()
    # What the shell's context holds; another event loop has another one.
    variables: tuple[tuple[Any, Any], ...] = ()
    open_files: tuple[files.OpenFile, ...] = ()

    # Leads to the keeper.
    to_keeper: socket.socket
    # One listening socket for each channel.
    listeners: tuple[int, ...] = ()

    def start_first(self, to_keeper: socket.socket, connection: dict[str, Any], listeners: list[int]) -> None:
        """Builds the first kernel of this lineage."""
        self.inherited = frozenset({0, 1, 2})
        self.be_reached(to_keeper, connection, listeners)
        self.stock = (threading.Thread.__init__, threading.Thread.run, list(gc.callbacks))
        self.initialize([])
        # What is here now is here for good: collections of garbage need not look at it, nor copy its pages.
        gc.collect()
        gc.freeze()

    def be_reached(self, to_keeper: socket.socket, connection: dict[str, Any], listeners: list[int]) -> None:
        """How the server reaches this kernel. No file says it."""
        self.to_keeper, self.listeners = to_keeper, tuple(listeners)
        self.load_connection_info(connection)

    def init_connection_file(self) -> None:
        """Does nothing: there is none."""

    def write_connection_file(self, **_: Any) -> None:
        """Does nothing: nobody else is to reach this kernel."""

    def _bind_socket(self, s: Any, port: int) -> int:
        bind(s, self.listeners[port - 1])
        return port

    def init_control(self, context: Any) -> None:
        # A debugger would connect to the shell's channel by its path.
        shell, self.shell_socket = self.shell_socket, NoEndpoint()
        super().init_control(context)
        self.shell_socket = shell

    def init_heartbeat(self) -> None:
        self.heartbeat = InheritedHeartbeat(zmq.Context(), (self.transport, self.ip, self.hb_port))
        self.heartbeat.listener = self.listeners[self.hb_port - 1]
        self.heartbeat.start()

    def checkpoint(self, name: str) -> dict[str, Any]:
        """Forks a template of that name; the result says whether it did. Returns in the kernel, raises in the template."""
        try:
            bury_templates()
            hazards.stop_pools()
            found = hazards.reasons(self, set(self.inherited))
            if found:
                return {"ok": False, "reasons": found}
            return self.fork_template(name)
        except Exception as problem:
            return {"ok": False, "reasons": [f"the fork failed: {type(problem).__name__}: {problem}"]}

    def fork_template(self, name: str) -> dict[str, Any]:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        ready, tell_ready = os.pipe()
        far, control = wire.pair()
        control.setblocking(True)
        state = random.getstate()
        own = transport.own_descriptors(self) | {ready, tell_ready, control.fileno()}
        pid = os.fork()
        if pid == 0:
            os.close(ready)
            far.close()
            os.setsid()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            random.setstate(state)
            self.variables = tuple(settings.users_variables())
            self.own = own - {ready, tell_ready, control.fileno()}
            raise BecomeTemplate(control, tell_ready)
        os.close(tell_ready)
        control.close()
        hazards.templates.add(pid)
        up = bool(wire.readable([ready], READY_S)) and os.read(ready, 1) == b"R"
        os.close(ready)
        with far:
            if not up:
                os.kill(pid, signal.SIGKILL)
                return {"ok": False, "reasons": ["the forked process did not get ready"]}
            wire.send(self.to_keeper, {"template": name}, [far.fileno()])
        return {"ok": True, "pid": pid}

    def retire(self) -> "BecomeTemplate | None":
        """At the end of a kernel: leaves a template behind that never had a transport, where one is wanted. In the forked process
        the result says what to become; None in the kernel, which ends.
        """
        name, kernel_side.Retirement.name = kernel_side.Retirement.name, None
        if name is None:
            return None
        state = random.getstate()
        transport.close(self)
        if any(thread.tid != os.getpid() for thread in proc.threads()):
            return None
        ready, tell_ready = os.pipe()
        far, control = wire.pair()
        control.setblocking(True)
        own = transport.own_descriptors(self) | {ready, tell_ready, control.fileno()}
        pid = os.fork()
        if pid:
            os.close(tell_ready)
            control.close()
            if wire.readable([ready], READY_S) and os.read(ready, 1) == b"R":
                wire.send(self.to_keeper, {"template": name}, [far.fileno()])
            return None
        os.close(ready)
        far.close()
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        random.setstate(state)
        self.variables, kernel_side.Retirement.variables = tuple(kernel_side.Retirement.variables), []
        self.own = own - {ready, tell_ready, control.fileno()}
        return BecomeTemplate(control, tell_ready)

    def freeze(self) -> None:
        """In the process that becomes a template: lets go of everything that makes it a kernel."""
        for registered in (self.close, self.iopub_thread.stop):
            atexit.unregister(registered)
        transport.let_go(self, set(self.own))
        self.to_keeper.detach()
        place.stand()
        self.open_files = tuple(files.open_files(set(self.inherited)))
        threading.Thread.__init__, threading.Thread.run, callbacks = self.stock  # type: ignore[method-assign]
        gc.callbacks[:] = [one for one in gc.callbacks if one in callbacks or not is_ours(one)]
        logging.getLogger("tornado").handlers = []
        hazards.templates.clear()

    def move(self, directory: str) -> None:
        """Into its own copy of the workspace, with the files that were open."""
        before = place.Place.roots[0] if place.Place.roots else directory
        place.move(directory)
        files.open_again(list(self.open_files), before, directory)

    def start_again(self, to_keeper: socket.socket, connection: dict[str, Any], listeners: list[int]) -> None:
        """Builds a kernel around the shell that this process was forked with."""
        asyncio.set_event_loop(asyncio.new_event_loop())
        for variable, value in self.variables:
            variable.set(value)
        old_displayhook, self.open_files, self.variables = self.displayhook, (), ()
        self.context, self.poller = None, None
        self.session = PacedSession(parent=self, username=self.session.username)
        self.be_reached(to_keeper, connection, listeners)
        self.init_sockets()
        self.init_heartbeat()
        for stream in self.outs:
            self.redirect(stream)
        self.displayhook = type(old_displayhook)(self.session, self.iopub_socket)
        if sys.displayhook is old_displayhook:
            sys.displayhook = self.displayhook
        self.init_signal()
        self.new_kernel()

    def redirect(self, stream: Any) -> None:
        """The stream sends through this kernel's socket from now on."""
        stream.session, stream.pub_thread = self.session, self.iopub_thread
        stream._io_loop, stream._master_pid = self.iopub_thread.io_loop, os.getpid()
        stream._buffers, stream._buffer_lock = collections.defaultdict(io.StringIO), threading.RLock()
        stream._flush_pending = stream._subprocess_flush_pending = False
        stream._local, stream._parent_header_global = threading.local(), {}
        now = getattr(sys, stream.name)
        setattr(sys, stream.name, getattr(sys, f"__{stream.name}__"))
        try:
            stream._setup_stream_redirects(stream.name)
            stream._should_watch = True
        finally:
            setattr(sys, stream.name, now)

    def new_kernel(self) -> None:
        self.kernel_class.clear_instance()
        shell = self.shell
        configurables = len(shell.configurables)
        replaced = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self.outs
        try:
            self.init_kernel()
        finally:
            sys.stdout, sys.stderr = replaced
        del shell.configurables[configurables:]
        shell.kernel = shell.parent = self.kernel

    def threads_now(self) -> int:
        return len(proc.threads())


def is_ours(callback: Any) -> bool:
    return str(getattr(callback, "__module__", "")).startswith("ipykernel")


def bury_templates() -> None:
    for pid in list(hazards.templates):
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:
                hazards.templates.discard(pid)
        except ChildProcessError:
            hazards.templates.discard(pid)


assert issubclass(ForkableKernelApp, IPKernelApp)
