"""Owns: one JSON object a packet over a unix socket, with descriptors beside it, and who sent it as the system says. Never
knows what the objects mean.
"""

import array
import json
import os
import select
import socket
import struct
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

MOST_BYTES = 1 << 16
MOST_FDS = 8
CREDENTIALS = struct.Struct("iii")
ROOM = socket.CMSG_SPACE(MOST_FDS * array.array("i").itemsize) + socket.CMSG_SPACE(CREDENTIALS.size)


class Packet(NamedTuple):
    content: dict[str, Any]
    fds: list[int]
    # As this process numbers processes, whatever number the sender knows itself by; None where the end does not ask.
    pid: int | None


def pair() -> tuple[socket.socket, socket.socket]:
    """The first end learns who writes into the second one, and never waits for it."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    near.setblocking(False)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return near, far


def send(end: socket.socket, content: dict[str, Any], fds: Sequence[int] = ()) -> None:
    socket.send_fds(end, [json.dumps(content).encode()], list(fds))


def receive(end: socket.socket) -> Packet | None:
    """The next object; None at the end. @raises ValueError for what is no object, or too long."""
    data, beside, flags, _ = end.recvmsg(MOST_BYTES, ROOM, socket.MSG_CMSG_CLOEXEC)
    fds, pid = array.array("i"), None
    for level, kind, raw in beside:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(raw[: len(raw) - len(raw) % fds.itemsize])
        elif level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            pid = CREDENTIALS.unpack(raw[: CREDENTIALS.size])[0]
    try:
        if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            raise ValueError("a message is too long")
        content = json.loads(data) if data else None
        if content is not None and not isinstance(content, dict):
            raise ValueError("a message is not an object")
    except (ValueError, RecursionError) as problem:
        close_all(fds)
        raise ValueError(str(problem)) from problem
    if content is None:
        close_all(fds)
        return None
    return Packet(content, list(fds), pid)


def close_all(fds: Iterable[int]) -> None:
    for fd in fds:
        os.close(fd)


def readable(fds: Iterable[int], timeout_s: float | None) -> set[int]:
    """Those that can be read or have ended; empty when the time is over. Any descriptor will do: select() stops at 1024."""
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return {fd for fd, _ in poll.poll(None if timeout_s is None else timeout_s * 1000)}
