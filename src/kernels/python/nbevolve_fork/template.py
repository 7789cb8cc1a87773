"""Owns: the life of a frozen process: it forks kernels for the keeper, buries them, and ends the hung ones. It is reached by the
socket that it was born with, and by no path. Never runs user code, and never has more than one thread.

    {"connection", "cwd"} with a socket for answers, the kernel's socket to the keeper, and one for each channel
        -> {"forked": true} from the kernel, and at its end {"exit", "hung"}; or {"reason"} when it cannot be

When the keeper lets go of the socket there are no more forks: the process ends when its last kernel has.
"""

import os
import random
import signal
import socket
from typing import Any, NamedTuple

from nbevolve_boxes import wire
from nbevolve_fork.hung import Watch

# How often kernels that run are looked at.
LOOK_S = 0.5


class Request(NamedTuple):
    """What a forked kernel is to be."""

    # How the server reaches it.
    kernel: dict[str, Any]
    listeners: list[int]
    cwd: str
    control: socket.socket
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
    def __init__(self, control: socket.socket) -> None:
        self.control: socket.socket | None = control
        self.kids: dict[int, Kid] = {}
        self.pid = os.getpid()
        # The keeper learns by it which process this is.
        wire.send(control, {"frozen": True})

    def serve(self) -> Request:
        """Returns in a forked kernel only."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while self.control is not None or self.kids:
            listening = [] if self.control is None else [self.control.fileno()]
            counts = {kid.counts: kid for kid in self.kids.values() if kid.counts is not None}
            ends = [kid.pidfd for kid in self.kids.values()]
            ready = wire.readable([*listening, *counts, *ends], LOOK_S if self.kids else None)
            for said in ready & set(counts):
                counts[said].hear()
            self.look_after_kids()
            if self.control is not None and self.control.fileno() in ready:
                request = self.answer(wire.receive(self.control))
                if request is not None:
                    return request
        os._exit(0)

    def answer(self, packet: wire.Packet | None) -> Request | None:
        if packet is None:
            self.let_go()
            return None
        connection, control = (socket.socket(fileno=fd) for fd in packet.fds[:2])
        listeners = packet.fds[2:]
        try:
            return self.fork(packet.content, connection, control, listeners)
        except OSError as problem:
            refuse(connection, f"{type(problem).__name__}: {problem}")
            connection.close()
        finally:
            # The kernel's are the kernel's: it has left this process by now.
            if os.getpid() == self.pid:
                control.close()
                wire.close_all(listeners)
        return None

    def fork(
        self, message: dict[str, Any], connection: socket.socket, control: socket.socket, listeners: list[int]
    ) -> Request | None:
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
                wire.send(connection, {"forked": True})
            except OSError:
                os._exit(1)  # the keeper has gone away
            return Request(message["connection"], listeners, message["cwd"], control, connection, count)
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
        self.let_go()
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

        self.bury_strays()

    def bury_strays(self) -> None:
        """What a kernel had started, and left."""
        while self.kids:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None or ended.si_pid in self.kids:
                return
            os.waitpid(ended.si_pid, 0)

    def send_end(self, kid: Kid, status: int, hung: bool) -> None:
        del self.kids[kid.watch.pid]
        try:
            wire.send(kid.connection, {"exit": status, "hung": hung})
        except OSError:
            pass  # the server has gone away
        kid.close()

    def let_go(self) -> None:
        if self.control is not None:
            self.control.close()
            self.control = None


def refuse(connection: socket.socket, reason: str) -> None:
    try:
        wire.send(connection, {"reason": reason})
    except OSError:
        pass  # the client has gone away

