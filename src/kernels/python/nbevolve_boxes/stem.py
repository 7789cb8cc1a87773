"""Owns: the first process of a kernel's box: it starts the kernel, tells the keeper how it ended, and buries whatever loses
its parent. Never runs anything else, and never ends by itself while something lives in its box.

    python -I -S stem.py <the keeper's socket> <the kernel's socket> <options as JSON> <command...>, which gets the number of the kernel's socket

Options: `{"packages": [folders of modules], "limits"?, "forward"?: [socket, port]}`, see nbevolve_guard's confinement.py and
forwarder.py.
"""

import json
import os
import socket
import subprocess
import sys
from typing import Any


def forward(packages: list[str], path: str, port: int) -> None:
    """The box's way to the network; it is there when this returns."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(packages)}
    command = [sys.executable, "-m", "nbevolve_guard.forwarder", path, str(port)]
    forwarder = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd="/")
    if forwarder.stdout is None or forwarder.stdout.readline() != b"ready\n":
        raise SystemExit("the forwarder to the proxy did not start")


def start(command: list[str], control: int) -> int:
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.set_inheritable(control, True)
        os.execv(command[0], [*command, str(control)])
    os.close(control)
    return pid


def main(keeper_fd: int, control: int, options: dict[str, Any], command: list[str]) -> None:
    from nbevolve_guard import confinement, process_tree

    if confinement.is_boxed():
        confinement.hide_memory()
    os.set_inheritable(keeper_fd, False)
    keeper = socket.socket(fileno=keeper_fd)
    process_tree.prctl(process_tree.PR_SET_CHILD_SUBREAPER, 1)
    confinement.limit(options.get("limits", {}))
    if "forward" in options:
        forward(options["packages"], *options["forward"])
    kernel = start(command, control)
    keeper.sendall(json.dumps({"stem": True}).encode())
    while True:
        try:
            ended, status = os.wait()
        except ChildProcessError:
            os._exit(0)
        if ended == kernel:
            keeper.sendall(json.dumps({"exit": os.waitstatus_to_exitcode(status)}).encode())


if __name__ == "__main__":
    given = json.loads(sys.argv[3])
    sys.path[:0] = given["packages"]
    main(int(sys.argv[1]), int(sys.argv[2]), given, sys.argv[4:])
