"""Owns: which descriptors and threads are the kernel's own transport (sockets, event loops, captured output), and
letting go of them in a forked process. Never touches what the user's code opened.
"""

import asyncio
import os
import socket
from typing import Any

from nbevolve_fork import proc


def streams(app: Any) -> list[Any]:
    """The two long-lived objects that stand for stdout and stderr."""
    return list(app.outs)


def loops(app: Any) -> list[Any]:
    """The asyncio loops of the kernel: the main one, and one for each of its threads."""
    owners = [app, app.iopub_thread, app.control_thread, getattr(app, "shell_channel_thread", None)]
    io_loops = [getattr(owner, "io_loop", None) for owner in owners]
    return [io_loop.asyncio_loop for io_loop in io_loops if io_loop is not None]


def thread_ids(app: Any) -> set[int]:
    """Native ids of the kernel's own threads that Python knows."""
    owners = [
        app.iopub_thread.thread,
        app.control_thread,
        app.heartbeat,
        getattr(app, "shell_channel_thread", None),
        app.poller,
        *(getattr(stream, "watch_fd_thread", None) for stream in streams(app)),
    ]
    return {owner.native_id for owner in owners if owner is not None and owner.native_id is not None}


def own_descriptors(app: Any) -> set[int]:
    """What the kernel's transport has open now."""
    open_now = proc.descriptors()
    own = set()
    for loop in loops(app):
        if not loop.is_closed():
            own |= {loop._selector.fileno(), loop._ssock.fileno(), loop._csock.fileno()}
    captures = [stream for stream in streams(app) if stream._should_watch]
    pipes = {open_now.get(stream._fid) for stream in captures}
    own |= {fd for fd, target in open_now.items() if target in pipes and fd > 2}
    own |= {stream._original_stdstream_copy for stream in captures}
    # Descriptors of this kind come from zmq or from event loops. A loop of the user's has sockets, too: those show.
    own |= {fd for fd, target in open_now.items() if target in ("anon_inode:[eventfd]", "anon_inode:[eventpoll]")}
    own |= {fd for fd, target in open_now.items() if target.startswith("socket:") and is_channel(fd, app)}
    own.add(app.to_keeper.fileno())
    return own


def is_channel(fd: int, app: Any) -> bool:
    """Whether a socket is one end of one of the kernel's channels."""
    names = ("shell", "iopub", "stdin", "control", "hb")
    ports = {getattr(app, f"{name}_port") for name in names}
    paths = {f"{app.ip}-{port}" for port in ports}
    pipe_port = getattr(app.iopub_thread, "_pipe_port", None)
    end = socket.socket(fileno=fd)
    try:
        for ask in (end.getsockname, end.getpeername):
            try:
                address = ask()
            except OSError:
                continue
            if isinstance(address, tuple):
                if address[1] == pipe_port or (app.transport == "tcp" and address[1] in ports):
                    return True
            elif os.fsdecode(address) in paths:
                return True
        return False
    finally:
        end.detach()


def close(app: Any) -> None:
    """At the end of a kernel, whose threads are all there: ends its transport in order, so that nothing of it stays in memory.
    What stands for stdout and stderr stays, since user code may hold on to it.
    """
    for stream in streams(app):
        stream.flush()
        if stream._should_watch:
            stream._should_watch = False
            os.write(stream._original_stdstream_fd, b"\0")  # its thread waits for something to read
            stream.watch_fd_thread.join()
            os.dup2(stream._original_stdstream_copy, stream._original_stdstream_fd)
            open_now = proc.descriptors()
            ends = {fd for fd, target in open_now.items() if fd > 2 and target == open_now.get(stream._fid)}
            for fd in {*ends, stream._original_stdstream_copy}:
                os.close(fd)
            stream._fid = None
    app.heartbeat.context.term()
    app.heartbeat.join()
    app.iopub_thread.stop()
    app.iopub_thread.close()
    for thread in (app.control_thread, getattr(app, "shell_channel_thread", None)):
        if thread is not None:
            thread.stop()
            thread.join()
    # No thread is left that could use a socket.
    app.context.destroy()
    # Its tasks wait for messages that do not come any more.
    for task in asyncio.all_tasks(app.io_loop.asyncio_loop):
        task._log_destroy_pending = False  # type: ignore[attr-defined]
    app.io_loop.asyncio_loop.close()


def let_go(app: Any, own: set[int]) -> None:
    """In a forked process: closes the transport's descriptors and makes its objects harmless. The parent's sockets
    and event loops are shared with this process: nothing may be unregistered or shut down, only closed.
    """
    for task in asyncio.tasks._all_tasks if hasattr(asyncio.tasks, "_all_tasks") else ():
        task._log_destroy_pending = False
    for stream in streams(app):
        if stream._should_watch:
            os.dup2(stream._original_stdstream_copy, stream._original_stdstream_fd)
        stream._should_watch, stream._fid = False, None
    for loop in loops(app):
        if not loop.is_closed():
            loop._selector._selector.close()
            for end in (loop._ssock, loop._csock):
                end.close()
    for fd in own & set(proc.descriptors()):
        try:
            os.close(fd)
        except OSError:
            pass  # the listing's own
    asyncio.set_event_loop(None)
    empty(app)


def empty(app: Any) -> None:
    """Frames of threads that did not come along are never freed, nor what they hold on to: that is emptied instead."""
    iopub, control = app.iopub_thread, app.control_thread
    shell_channel = getattr(app, "shell_channel_thread", None)
    captures = [stream.watch_fd_thread for stream in streams(app)]
    for stream in streams(app):
        stream.watch_fd_thread = None
    for loop in loops(app):
        loop._ready.clear()
        loop._scheduled.clear()
    for thread in (control, shell_channel, iopub):
        if hasattr(thread, "io_loop"):
            thread.io_loop.handlers.clear()
    for thread in (iopub.thread, *captures):
        if thread is not None:
            thread._target = None
    forget(iopub, "socket", "background_socket", "_xpub_stream", "_event_puller", "_pipe_in", "session", "thread")
    iopub._event_pipes.clear()
    iopub._events.clear()
    forget(shell_channel, "_manager", "shell_stream", "_zmq_context")
    forget(app.heartbeat, "socket", "context")
    # A cycle through the kernel would live until the next collection of garbage.
    forget(app.kernel, "shell_handlers", "control_handlers")


def forget(owner: Any, *names: str) -> None:
    for name in names:
        if name in getattr(owner, "__dict__", {}):
            owner.__dict__[name] = None
