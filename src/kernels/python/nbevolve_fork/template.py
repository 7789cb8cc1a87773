"""Owns: the life of a frozen process: it answers on its socket, forks kernels, buries them, and ends the hung ones.
Never runs user code, and never has more than one thread.

    {"op": "fork", "connection_file", "cwd", "env", "fresh"}
                   -> {"pid"}, {"ready": true}, and at its end {"exit", "hung"}; or {"reason"} when it cannot be
    {"op": "stat"} -> {"pid", "kids", "pss", "private"}
    {"op": "look"} -> {}: it is there
    {"op": "end"}  -> {}: no more forks; the process ends when its last kernel has

A request that fails gets the reason, as long as this process lives to send it.
"""

import contextlib
import os
import random
import signal
import socket
from typing import Any, NamedTuple

from nbevolve_fork import proc, wire
from nbevolve_fork.hung import Watch

# How often kernels that run are looked at.
LOOK_S = 0.5
# It is sent together with the connection; a machine may be busy.
REQUEST_S = 5.0
GIVEN_UP = "it was given up in that very moment"


class Request(NamedTuple):
    """What a forked kernel is to be."""

    connection_file: str
    cwd: str
    env: dict[str, str]
    # Its random numbers are its own: otherwise it goes on with those of the state.
    fresh: bool
    connection: socket.socket
    # Tells the template how many threads the kernel has by itself.
    counts: int


class Kid:
    def __init__(self, pid: int, connection: socket.socket, counts: int) -> None:
        self.watch = Watch(pid)
        # Becomes readable when the kernel has ended.
        self.pidfd = os.pidfd_open(pid)
        self.connection = connection
        self.counts: int | None = counts

    def hear(self) -> None:
        if self.counts is not None:
            said = os.read(self.counts, 16)
            self.watch.threads_at_rest = int(said) if said.isdigit() else None
            self.deafen()

    def deafen(self) -> None:
        if self.counts is not None:
            os.close(self.counts)
            self.counts = None

    def close(self) -> None:
        self.deafen()
        os.close(self.pidfd)
        self.connection.close()


class Template:
    def __init__(self, path: str) -> None:
        self.path = path
        self.listener: socket.socket | None = wire.listen(path)
        self.kids: dict[int, Kid] = {}

    def serve(self) -> Request:
        """Returns in a forked kernel only."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while self.listener is not None or self.kids:
            listening = [] if self.listener is None else [self.listener.fileno()]
            counts = {kid.counts: kid for kid in self.kids.values() if kid.counts is not None}
            ends = [kid.pidfd for kid in self.kids.values()]
            ready = wire.readable([*listening, *counts, *ends], LOOK_S if self.kids else None)
            for said in ready & set(counts):
                counts[said].hear()
            self.look_after_kids()
            if self.listener is not None and self.listener.fileno() in ready:
                request = self.answer(self.listener.accept()[0])
                if request is not None:
                    return request
        os._exit(0)

    def answer(self, connection: socket.socket) -> Request | None:
        keep = False
        try:
            connection.settimeout(REQUEST_S)
            message = wire.receive(connection) or {}
            if message.get("op") == "fork":
                request = self.fork(message, connection)
                keep = True
                return request
            if message.get("op") == "stat":
                wire.send(connection, {"pid": os.getpid(), "kids": list(self.kids), **proc.memory_bytes()})
            if message.get("op") == "look":
                wire.send(connection, {})
            if message.get("op") == "end":
                self.close()
                wire.send(connection, {})
        except (OSError, ValueError) as problem:
            refuse(connection, f"{type(problem).__name__}: {problem}")
        finally:
            if not keep:
                connection.close()
        return None

    def fork(self, message: dict[str, Any], connection: socket.socket) -> Request | None:
        # Python seeds `random` again in a forked process.
        state = random.getstate()
        counts, count = os.pipe()
        try:
            pid = os.fork()
        except OSError:
            os.close(counts)
            os.close(count)
            raise
        if pid == 0:
            os.setsid()
            random.setstate(state)
            os.close(counts)
            self.forget()
            # By the kernel itself, not by the template: on a busy machine the template could be slower than the kernel's
            # own word that it is ready, and that word would be taken for the answer.
            try:
                wire.send(connection, {"pid": os.getpid()})
            except OSError:
                os._exit(1)  # the server has gone away
            env, fresh = message.get("env") or {}, message.get("fresh") is True
            return Request(message["connection_file"], message["cwd"], env, fresh, connection, count)
        os.close(count)
        try:
            self.kids[pid] = Kid(pid, connection, counts)
        except OSError:
            os.close(counts)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise
        return None

    def forget(self) -> None:
        """In a forked kernel: what belongs to the template is not its own."""
        if self.listener is not None:
            self.listener.close()
        for kid in self.kids.values():
            kid.close()
        self.kids = {}

    def look_after_kids(self) -> None:
        for pid, kid in list(self.kids.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self.send_end(kid, os.waitstatus_to_exitcode(status), hung=False)
            elif kid.watch.sees_hang():
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                self.send_end(kid, -signal.SIGKILL, hung=True)

    def send_end(self, kid: Kid, status: int, hung: bool) -> None:
        del self.kids[kid.watch.pid]
        try:
            wire.send(kid.connection, {"exit": status, "hung": hung})
        except OSError:
            pass  # the server has gone away
        kid.close()

    def close(self) -> None:
        if self.listener is None:
            return
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        # A client that had connected already gets the reason; otherwise it would only see that the connection ended.
        while wire.readable([self.listener.fileno()], 0):
            with self.listener.accept()[0] as connection:
                refuse(connection, GIVEN_UP)
        self.listener.close()
        self.listener = None


def refuse(connection: socket.socket, reason: str) -> None:
    try:
        wire.send(connection, {"reason": reason})
    except OSError:
        pass  # the client has gone away

