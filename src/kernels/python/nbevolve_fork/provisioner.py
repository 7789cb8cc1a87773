"""Owns: starting kernels in boxes of their own, or as forks of a frozen one, through the keeper; and the handle on a process that
is no child of the server, nor even in its sight. Registered by the folder nbevolve_fork-*.dist-info next to this package.
"""

import asyncio
import os
import signal
import socket
from typing import Any

from jupyter_client.provisioning import KernelProvisionerBase
from tornado.web import HTTPError
from traitlets import Unicode

from nbevolve_boxes import wire

# A forked kernel answers within 0.03 s; a machine may be busy.
FORK_S = 8.0
START_S = 60.0
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


class KeeperLink:
    """The server's one connection to the keeper."""

    def __init__(self, fd: int) -> None:
        self.end = socket.socket(fileno=fd)
        self.end.setblocking(True)
        self.asked = 0
        self.waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.processes: dict[str, BoxedProcess] = {}
        self.heard = False

    async def ask(self, request: dict[str, Any], fds: list[int] | None = None, within_s: float = 10.0) -> dict[str, Any]:
        """@raises TimeoutError."""
        loop = asyncio.get_running_loop()
        if not self.heard:
            loop.add_reader(self.end.fileno(), self.hear)
            self.heard = True
        self.asked += 1
        number = self.asked
        self.waiting[number] = loop.create_future()
        try:
            wire.send(self.end, {**request, "ask": number}, fds or ())
            return await asyncio.wait_for(self.waiting[number], within_s)
        finally:
            del self.waiting[number]

    def hear(self) -> None:
        packet = wire.receive(self.end)
        if packet is None:
            os._exit(1)  # the keeper is gone, and with it every kernel
        said = packet.content
        future = self.waiting.get(said.get("ask", 0))
        if future is not None and not future.done():
            future.set_result(said)
        if "ended" in said:
            process = self.processes.pop(said["ended"], None)
            if process is not None:
                process.returncode, process.hung = said["status"], said["hung"]


class BoxedProcess:
    """As much of a Popen as the server's own classes use. `pid`: as the keeper numbers processes."""

    def __init__(self) -> None:
        self.pid = 0
        self.returncode: int | None = None
        self.hung = False


class BoxProvisioner(KernelProvisionerBase):
    """`box`: the folder of a new box. `template`: the frozen kernel to fork instead."""

    box = Unicode(config=True)
    template = Unicode(config=True)
    keeper: KeeperLink
    process: BoxedProcess | None = None

    @property
    def has_process(self) -> bool:
        return self.process is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Names the kernel's sockets. There is no file that says how to reach it."""
        manager = self.parent
        manager.transport = "ipc"
        manager.ip = os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], self.kernel_id)
        for number, channel in enumerate(CHANNELS, 1):
            setattr(manager, f"{channel}_port", number)
        self.connection_info = manager.get_connection_info()
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """@raises HTTPError with the reason when no kernel comes of it; nothing is left behind then."""
        info = {**self.connection_info, "key": self.connection_info["key"].decode()}
        request = {"id": self.kernel_id, "connection": info, "cwd": str(kwargs.get("cwd") or "/")}
        how = {"op": "fork", "template": self.template} if self.template else {"op": "start", "box": self.box}
        process = BoxedProcess()
        self.keeper.processes[self.kernel_id] = process
        listeners = [listen(f"{manager_path(info)}-{number}") for number in range(1, len(CHANNELS) + 1)]
        try:
            fds = [listener.fileno() for listener in listeners]
            answer = await self.keeper.ask({**request, **how}, fds, FORK_S if self.template else START_S)
        except TimeoutError:
            await self.send_number(signal.SIGKILL)
            raise refusal("the kernel did not answer in time") from None
        finally:
            for listener in listeners:
                listener.close()
        if not isinstance(answer.get("pid"), int):
            self.keeper.processes.pop(self.kernel_id, None)
            raise refusal(answer.get("reason", "no kernel came of it"))
        self.process, process.pid = process, answer["pid"]
        return self.connection_info

    async def poll(self) -> int | None:
        return 0 if self.process is None else self.process.returncode

    async def wait(self) -> int | None:
        while await self.poll() is None:
            await asyncio.sleep(0.02)
        status = await self.poll()
        self.process = None
        return status

    async def send_signal(self, signum: int) -> None:
        if self.process is not None:
            await self.send_number(signum)

    async def send_number(self, number: int) -> None:
        await self.keeper.ask({"op": "signal", "id": self.kernel_id, "number": int(number)})

    async def kill(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing of the kernel's is the server's but the sockets, which its manager removes."""


def manager_path(info: dict[str, Any]) -> str:
    return str(info["ip"])


def listen(path: str) -> socket.socket:
    """Only this server can reach it; the kernel gets the socket, not the path."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(128)
    return listener


def refusal(reason: str) -> HTTPError:
    """The server tells its client the text of this error alone: any other becomes "Unhandled error"."""
    return HTTPError(500, reason)
