"""Owns: one JSON object a line over a unix stream socket. Never knows what the objects mean."""

import json
import os
import select
import socket
from collections.abc import Iterable
from typing import Any

MOST_BYTES = 1 << 20


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    connection.sendall(json.dumps(message).encode() + b"\n")


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next object; None at the end. @raises ValueError for a line that is no object, or too long."""
    line = b""
    # Byte by byte would be slow for much; a request is some hundred bytes, and nothing may be read beyond its line.
    while not line.endswith(b"\n"):
        piece = connection.recv(4096, socket.MSG_PEEK)
        if not piece:
            return None
        end = piece.find(b"\n") + 1
        line += connection.recv(end or len(piece))
        if len(line) > MOST_BYTES:
            raise ValueError("a message is too long")
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError("a message is not an object")
    return message


def listen(path: str) -> socket.socket:
    """A socket that only this user can connect to, from its first moment. It listens there before `path` can be seen."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    unheard = f"{path}~"
    before = os.umask(0o177)
    try:
        listener.bind(unheard)
    finally:
        os.umask(before)
    listener.listen(128)
    os.rename(unheard, path)
    return listener


def readable(fds: Iterable[int], timeout_s: float | None) -> set[int]:
    """Those that can be read or have ended; empty when the time is over. Any descriptor will do: select() stops at 1024."""
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return {fd for fd, _ in poll.poll(None if timeout_s is None else timeout_s * 1000)}


def connect(path: str, timeout_s: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout_s)
    try:
        connection.connect(path)
    except BaseException:
        connection.close()
        raise
    return connection
