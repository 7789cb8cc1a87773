"""Owns: starting a kernel as a fork of a template, and the handle on its process, which is no child of the server.
Registered by the folder nbevolve_fork-*.dist-info next to this package.
"""

import asyncio
import os
import signal
import socket
from typing import Any

from jupyter_client.provisioning import LocalProvisioner
from tornado.web import HTTPError
from traitlets import Bool, Unicode

from nbevolve_fork import wire

# From the request to the kernel that answers. It takes 0.03 s; a machine may be busy.
START_S = 8.0


class ForkedProcess:
    """As much of a Popen as the server's own classes use."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.hung = False
        self.connection = connection
        self.pidfd: int | None = os.pidfd_open(pid)

    def poll(self) -> int | None:
        if self.returncode is None and self.pidfd is not None:
            if wire.readable([self.pidfd], 0):
                self.bury()
        return self.returncode

    def wait(self) -> int | None:
        if self.pidfd is not None:
            wire.readable([self.pidfd], None)
        return self.poll()

    def send_signal(self, number: int) -> None:
        if self.pidfd is not None:
            try:
                signal.pidfd_send_signal(self.pidfd, number)
            except ProcessLookupError:
                pass

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def bury(self) -> None:
        """Its template knows how it ended, when there still is one."""
        end: dict[str, Any] | None = None
        try:
            self.connection.settimeout(0.3)
            end = wire.receive(self.connection)
        except (OSError, ValueError):
            pass
        self.connection.close()
        if self.pidfd is not None:
            os.close(self.pidfd)
            self.pidfd = None
        status = (end or {}).get("exit")
        self.returncode = status if isinstance(status, int) else 0
        self.hung = (end or {}).get("hung") is True


class ForkProvisioner(LocalProvisioner):
    """`socket`: where the template listens. `fresh`: the kernel draws random numbers of its own."""

    socket = Unicode(config=True)
    fresh = Bool(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        env = kwargs.get("env") or {}
        request = {
            "op": "fork",
            "connection_file": self.parent.connection_file,
            "cwd": str(kwargs.get("cwd") or os.getcwd()),
            "env": {key: env[key] for key in ("JPY_SESSION_NAME",) if key in env},
            "fresh": self.fresh,
        }
        try:
            self.process = await asyncio.get_running_loop().run_in_executor(None, fork_from, self.socket, request)
        except HTTPError:
            raise
        except Exception as problem:
            raise refusal(f"{type(problem).__name__}: {problem}") from problem
        self.pid = self.pgid = self.process.pid
        self.cwd = request["cwd"]
        return self.connection_info


def ask(connection: socket.socket, request: dict[str, Any]) -> dict[str, Any]:
    """The answer; empty when there is none."""
    try:
        wire.send(connection, request)
    except BrokenPipeError:
        pass  # it may have said why before it went away
    try:
        return wire.receive(connection) or {}
    except ConnectionResetError:
        return {}


def explain_silence(path: str) -> str:
    """Why the template gave no answer, as far as that can be seen from outside."""
    try:
        wire.connect(path, 1.0).close()
    except ConnectionRefusedError:
        return "its process was killed"
    except OSError as problem:
        return f"it ended ({problem.strerror or problem})"
    return "it said nothing, though it lives"


def refusal(reason: str) -> HTTPError:
    """The server tells its client the text of this error alone: any other becomes "Unhandled error"."""
    return HTTPError(500, reason)


def fork_from(path: str, request: dict[str, Any]) -> ForkedProcess:
    """@raises HTTPError | OSError with the reason when no kernel comes of it; nothing is left behind then."""
    try:
        connection = wire.connect(path, START_S)
    except OSError as problem:
        raise refusal(f"the template cannot be reached: {problem.strerror or problem}") from problem
    pid = None
    try:
        answer = ask(connection, request)
        pid = answer.get("pid")
        if not isinstance(pid, int):
            raise refusal(f"the template did not fork: {answer.get('reason') or explain_silence(path)}")
        process = ForkedProcess(pid, connection)
        ready = wire.receive(connection) or {}
        if ready.get("ready") is not True:
            raise refusal(f"the forked kernel did not get ready: {ready.get('reason', 'it ended')}")
        return process
    except BaseException:
        if pid is not None:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        connection.close()
        raise
