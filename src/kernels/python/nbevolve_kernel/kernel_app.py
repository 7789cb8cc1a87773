"""Owns: the start of one kernel: an IPython kernel with nbevolve's settings. Never runs user code itself.

    python -m nbevolve_kernel.kernel_app -f <connection file>
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import zmq
from ipykernel.iostream import BackgroundSocket, IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session
from traitlets.config import Config

from nbevolve_guard import confinement
from nbevolve_kernel import cell_time
from nbevolve_kernel import kernel_side  # noqa: F401  (loaded before user code can change what it uses)
from nbevolve_kernel.message_bounds import Message, bound_message
from nbevolve_kernel.output_pace import Pace
from nbevolve_kernel.streams import KernelStream, settle
from nbevolve_kernel.well_formed import pack


class PacedSession(Session):
    """Sends what a kernel shows at the pace of `Pace`; everything else as it comes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pack = pack
        self.pace = Pace()
        self.pace_lock = threading.RLock()
        self.pace_pid = os.getpid()
        self.pace_timer = False

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, parent: Any = None, ident: Any = None,
             buffers: Any = None, track: bool = False, header: Any = None, metadata: Any = None) -> Any:  # fmt: skip
        message = msg_or_type
        if isinstance(msg_or_type, str):
            message = self.msg(msg_or_type, content=content, parent=parent, header=header, metadata=metadata)
        shows = isinstance(stream, IOPubThread | BackgroundSocket)
        if not shows or os.getpid() != self.pace_pid:
            # Replies; and processes forked by user code, which have no thread to send later.
            return super().send(stream, bound_message(message), ident=ident, buffers=buffers, track=track)
        with self.pace_lock:
            for one in self.pace.take({**message, "ident": ident, "buffers": buffers}):
                self.send_now(stream, one)
            if self.pace.waiting and not self.pace_timer:
                self.send_later(stream)
        return message

    def send_now(self, stream: Any, paced: Message) -> None:
        message = {key: value for key, value in paced.items() if key not in ("ident", "buffers")}
        super().send(stream, message, ident=paced["ident"], buffers=paced["buffers"])

    def send_later(self, stream: Any) -> None:
        thread = stream.io_thread if isinstance(stream, BackgroundSocket) else stream

        def send() -> None:
            with self.pace_lock:
                self.pace_timer = False
                for message in self.pace.due():
                    self.send_now(stream, message)

        thread.schedule(lambda: thread.io_loop.call_later(self.pace.limits.interval_s, send))
        self.pace_timer = True


class NotebookKernel(IPythonKernel):
    """Can be interrupted while user code runs, and at no other time.

    The stock kernel can be interrupted until its reply is on the way: an interrupt at the very end of a cell takes the
    reply with it, and the client would wait for ever.
    """

    def pre_handler_hook(self) -> None:
        """Does nothing: SIGINT stays ignored."""

    def post_handler_hook(self) -> None:
        """Does nothing: it was never changed."""

    async def do_execute(self, *args: Any, **kwargs: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            return await super().do_execute(*args, **kwargs)
        ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with cell_time.limit_time():
                return await super().do_execute(*args, **kwargs)
        except (KeyboardInterrupt, asyncio.CancelledError):
            return {**INTERRUPTED, "execution_count": self.shell.execution_count - 1}
        finally:
            signal.signal(signal.SIGINT, ignored)
            settle(self.parent.outs)

    @contextmanager
    def _cancel_on_sigint(self, future: Any) -> Iterator[None]:
        """A cell that awaits is cancelled, with the tasks that it began and the code that runs in one of them. The stock
        method leaves all of that to a callback, which waits until something else wakes the event loop.
        """
        loop = asyncio.get_running_loop()
        before = asyncio.all_tasks(loop) - {future}
        with super()._cancel_on_sigint(future):
            stock: Any = signal.getsignal(signal.SIGINT)

            def cancel(*args: Any) -> None:
                stock(*args)
                running = asyncio.current_task(loop)
                for task in asyncio.all_tasks(loop) - before - {running, future}:
                    task.cancel()
                loop.call_soon_threadsafe(lambda: None)
                if running is not None and running not in before:
                    raise asyncio.CancelledError

            signal.signal(signal.SIGINT, cancel)
            yield


INTERRUPTED = {
    "status": "error",
    "ename": "KeyboardInterrupt",
    "evalue": "",
    "traceback": [],
    "user_expressions": {},
    "payload": [],
}


class NotebookKernelApp(IPKernelApp):
    """An IPython kernel that shows no more than can be received."""

    # What stands for stdout and stderr as long as the shell lives: user code may hold on to it.
    outs: tuple[KernelStream, ...] = ()

    def init_io(self) -> None:
        super().init_io()
        self.outs = (sys.stdout, sys.stderr)

    def load_config_file(self, suppress_errors: bool = True) -> None:
        """Does nothing: what the user or the system set for IPython is not meant for a run."""

    def _run_startup_files(self) -> None:
        """Does nothing: whoever could write such a file would run code in the kernels of others."""

    def _session_default(self) -> Session:
        return PacedSession(parent=self)

    def init_iopub(self, context: zmq.Context[Any]) -> None:
        # The pace bounds what a cell shows. Beyond a high-water mark it would be dropped silently.
        context.setsockopt(zmq.SNDHWM, 0)
        super().init_iopub(context)


def configuration() -> Config:
    config = Config()
    config.IPKernelApp.kernel_class = NotebookKernel
    config.IPKernelApp.outstream_class = "nbevolve_kernel.streams.KernelStream"
    # A "tip of the day" draws from the user's `random`.
    config.InteractiveShell.enable_tip = False
    # No history file: neither shared between kernels nor kept.
    config.HistoryManager.enabled = False
    # Plots as sharp as screens are; their outputs say the size to show them at.
    config.InlineBackend.figure_formats = {"retina"}
    return config


if __name__ == "__main__":
    if confinement.is_boxed():
        confinement.keep_to_oneself()
    NotebookKernelApp.launch_instance(config=configuration())
