"""Owns: trying out, from inside a box, what a box is to refuse. Never does harm where it is not refused.

    python -m nbevolve_guard.box_check <a file of the user's> <a host's unix socket> <a port of the host's loopback>

One line of JSON: what was tried, in words, to whether it was refused.
"""

import ctypes
import json
import os
import platform
import resource
import socket
import sys
from collections.abc import Callable

from nbevolve_guard import confinement

NEW_USER_NAMESPACE = 0x10000000
PTRACE_TRACEME = 0
IO_URING_SETUP = 425
KEYCTL = {"x86_64": 250, "aarch64": 219}.get(platform.machine(), -1)
ANOTHER_MACHINE = ("192.0.2.1", 80)  # of a network that is for documentation only
CONNECT_S = 1.0

libc = ctypes.CDLL(None, use_errno=True)


def system_call(*arguments: int) -> None:
    if libc.syscall(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def create(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    os.unlink(path)


def rewrite(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY))


def read(path: str) -> None:
    os.close(os.open(path, os.O_RDONLY))


def connect(family: int, address: object) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(CONNECT_S)
        client.connect(address)  # type: ignore[arg-type]


def trace() -> None:
    if libc.ptrace(PTRACE_TRACEME, 0, None, None) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def is_refused(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except OSError:
        return True
    return False


def attempts(file: str, host_socket: str, port: int) -> dict[str, Callable[[], None]]:
    return {
        "write /etc": lambda: create("/etc/nbevolve-box-check"),
        "write /usr": lambda: create("/usr/nbevolve-box-check"),
        "change /proc/sys": lambda: rewrite("/proc/sys/kernel/core_pattern"),
        "read /etc/shadow": lambda: read("/etc/shadow"),
        "read $HOME": lambda: read(file),
        "reach this machine's loopback": lambda: connect(socket.AF_INET, ("127.0.0.1", port)),
        "reach another machine": lambda: connect(socket.AF_INET, ANOTHER_MACHINE),
        "reach a unix socket of the host": lambda: connect(socket.AF_UNIX, host_socket),
        "make a namespace": new_namespace,
        "trace a process": trace,
        "use io_uring": lambda: system_call(IO_URING_SETUP, 1, 0),
        "use keys of the kernel": lambda: system_call(KEYCTL, 0, -3, 0),
        "signal everything at once": lambda: os.kill(-1, 0),
        "limit another process": lambda: resource.prlimit(1, resource.RLIMIT_NOFILE),
        "read a sibling's files in a fork": lambda: in_a_fork(lambda: read("/tmp/sibling/file")),
        "signal a sibling in a fork": lambda: in_a_fork(lambda: os.kill(os.getppid(), 0)),
    }


def own_file() -> str:
    """Of this process, not of a fork that is shut into a folder of its own."""
    os.makedirs("/tmp/sibling", exist_ok=True)
    with open("/tmp/sibling/file", "w"):
        return "/tmp/sibling/file"


def in_a_fork(attempt: Callable[[], None]) -> None:
    """In a process that was shut in as a forked kernel is."""
    os.makedirs("/tmp/own", exist_ok=True)
    own_file()
    pid = os.fork()
    if pid == 0:
        confinement.shut_in(["/tmp/own"], ["/usr", "/proc"], ["/dev"])
        os._exit(0 if is_refused(attempt) else 1)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
        raise OSError("refused")


def new_namespace() -> None:
    if libc.unshare(NEW_USER_NAMESPACE) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def main() -> None:
    tried = attempts(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    print(json.dumps({name: is_refused(attempt) for name, attempt in tried.items()}))


if __name__ == "__main__":
    main()
