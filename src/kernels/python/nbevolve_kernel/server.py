"""Owns: the Jupyter Server of one run. Its settings come as one line of JSON on stdin (the token must not be in an
environment that kernels inherit), its address goes as one line of JSON to stdout. Never runs user code itself.

    {"token", "root_dir", "private_dir"} -> {"port", "pid"}, then {"died", "status", "pid"} for each kernel that died

In a box also "socket", the path of a unix socket to listen on instead of a port (the one that is reported means nothing
then: a box has a loopback of its own), and "keeper", the number of the socket that leads to who starts the kernels: see
nbevolve_boxes/keeper.py. Without a keeper it starts them itself.
"""

import json
import os
import sys
from typing import Any

# An optional part of jsonschema that compiles a grammar for 0.6 s; nothing here validates IRIs.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

from jupyter_server.serverapp import ServerApp  # noqa: E402
from jupyter_server.services.kernels.connection.channels import (  # noqa: E402
    ZMQChannelsWebsocketConnection,
)
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager  # noqa: E402
import zmq  # noqa: E402
from tornado.netutil import bind_sockets  # noqa: E402
from traitlets import Bool, default  # noqa: E402
from traitlets.config import Config  # noqa: E402

from nbevolve_guard import confinement  # noqa: E402

KERNEL = "nbevolve"
MESSAGE_BYTES = 256 << 20


class NoDelay(ZMQChannelsWebsocketConnection):
    """Without TCP_NODELAY every cell takes 44 ms longer."""

    def connect(self) -> Any:
        self.websocket_handler.set_nodelay(True)
        return super().connect()


class ReportingKernels(AsyncMappingKernelManager):
    """Reports how a kernel's process ended: the stock manager only says that it did."""

    @default("context")
    def _context_default(self) -> zmq.asyncio.Context:
        # What kernels show is bounded at its source; beyond a high-water mark it would be dropped silently.
        context = super()._context_default()
        context.setsockopt(zmq.RCVHWM, 0)
        return context

    def cwd_for_path(self, path: str, **_: Any) -> str:
        """The path as it is: what it names need not be in this server's sight."""
        return os.path.join(self.root_dir, path)

    def _handle_kernel_died(self, kernel_id: str) -> None:
        process = getattr(self.get_kernel(kernel_id).provisioner, "process", None)
        hung = getattr(process, "hung", False)
        status, pid = "hung" if hung else getattr(process, "returncode", None), getattr(process, "pid", None)
        report({"died": kernel_id, "status": status, "pid": pid})
        super()._handle_kernel_died(kernel_id)


class Reporter:
    """Writes to the controller. Kernels inherit the server's stdout: from then on theirs leads nowhere."""

    def __init__(self) -> None:
        self.channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)

    def __call__(self, fact: dict[str, Any]) -> None:
        self.channel.write(json.dumps(fact) + "\n")
        self.channel.flush()


report = Reporter()


class KernelServer(ServerApp):
    """Listens on a port that the system chooses, and reports it."""

    # Files, notebooks and sessions are not this server's business, and loading their handlers takes time.
    default_services = ("api", "auth", "kernels", "kernelspecs")

    no_browser_open_file = True

    def initialize(self, argv: Any = None, **kwargs: Any) -> None:
        super().initialize(argv, **{**kwargs, "find_extensions": False})

    has_keeper = Bool(False, config=True)

    def init_webapp(self) -> None:
        super().init_webapp()
        if self.has_keeper:
            from nbevolve_fork.handlers import routes

            self.web_app.add_handlers(".*$", routes(self.base_url))

    def load_config_file(self, suppress_errors: bool = True) -> None:
        """Does nothing: what the user set for a server of theirs is not meant for this one."""

    def write_server_info_file(self) -> None:
        """Does nothing: it would hold the token, where kernels can read it."""

    def _find_http_port(self) -> None:
        """Does nothing: the stock method binds, closes and hopes."""

    def _bind_http_server_tcp(self) -> bool:
        sockets = bind_sockets(0, self.ip)
        self.http_server.add_sockets(sockets)
        self.port = sockets[0].getsockname()[1]
        return True

    def start_ioloop(self) -> None:
        # After the callback that binds: it was added before.
        self.io_loop.add_callback(lambda: report({"port": self.port, "pid": os.getpid()}))
        super().start_ioloop()


def configuration(settings: dict[str, Any]) -> Config:
    config = Config()
    config.ServerApp.ip = "127.0.0.1"
    config.ServerApp.allow_root = True
    config.ServerApp.open_browser = False
    config.ServerApp.terminals_enabled = False
    config.ServerApp.jpserver_extensions = {}
    config.ServerApp.root_dir = settings["root_dir"]
    if "socket" in settings:
        config.ServerApp.sock = settings["socket"]
        config.ServerApp.sock_mode = "0600"
    else:
        config.ServerApp.port = 0
    config.ServerApp.log_level = "WARN"
    config.ServerApp.kernel_websocket_connection_class = NoDelay
    config.ServerApp.kernel_manager_class = ReportingKernels
    config.ServerApp.tornado_settings = {"websocket_max_message_size": MESSAGE_BYTES}
    # A busy client on the same machine is not a lost one.
    config.ServerApp.websocket_ping_interval = 0
    config.IdentityProvider.token = settings["token"]
    # Otherwise it lies in a file, and whoever reads it signs a login of their own.
    config.ServerApp.cookie_secret = os.urandom(32)
    # Otherwise output beyond 1 MB/s is dropped.
    config.ZMQChannelsWebsocketConnection.limit_rate = False
    # TCP ports race when many kernels start at once.
    config.KernelManager.transport = "ipc"
    config.KernelManager.shutdown_wait_time = 1.0
    config.MappingKernelManager.default_kernel_name = KERNEL
    config.MappingKernelManager.buffer_offline_messages = False
    config.KernelSpecManager.ensure_native_kernel = False
    # A dead kernel is reported as dead at once, and no empty one takes its place.
    config.KernelRestarter.restart_limit = 0
    config.KernelRestarter.time_to_dead = 0.25
    return config


def write_kernel_spec(private_dir: str) -> None:
    folder = os.path.join(private_dir, "data", "kernels", KERNEL)
    os.makedirs(folder, exist_ok=True)
    command = [sys.executable, "-m", "nbevolve_kernel.kernel_app", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": KERNEL, "language": "python", "interrupt_mode": "signal"}
    with open(os.path.join(folder, "kernel.json"), "w", encoding="utf-8") as file:
        json.dump(spec, file)


def use_keeper(config: Config, fd: int) -> None:
    from nbevolve_fork.provisioner import BoxProvisioner, KeeperLink
    from nbevolve_fork.specs import BoxSpecs

    BoxProvisioner.keeper = KeeperLink(fd)
    config.ServerApp.kernel_spec_manager_class = BoxSpecs
    config.KernelServer.has_keeper = True


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    if confinement.is_boxed():
        confinement.hide_memory()
    config = configuration(settings)
    os.makedirs(os.environ["JUPYTER_RUNTIME_DIR"], mode=0o700, exist_ok=True)
    if "keeper" in settings:
        use_keeper(config, settings["keeper"])
    else:
        write_kernel_spec(settings["private_dir"])
    KernelServer.launch_instance(argv=[], config=config)


if __name__ == "__main__":
    main()
