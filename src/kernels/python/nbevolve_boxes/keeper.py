"""Owns: every box of a run: the server's, and one for each lineage of kernels. It runs outside of them, alone knows their
processes, and is the only one to whom kernels, frozen kernels and the server can speak. What a kernel says is bounded, and
means something only for itself. Never runs user code, and never waits for anybody.

    python -I -S -c "... from nbevolve_boxes.keeper import main; main()"     settings: one line of JSON on stdin

`{"server": shape, "kernel": shape, "options": see stem.py, "launcher": command of a kernel, "boxes_dir",
"to_server": {...}}`, a shape: see box.py.

The server asks, each with a number "ask" that the answer carries:

    {"op": "start", "id", "box", ...} + 5 listening sockets   a kernel in a new box   -> {"pid"} | {"reason"}
    {"op": "fork", "id", "template", ...} + 5 of them         one that is forked      -> {"pid"} | {"reason"}
    {"op": "signal", "id", "number"}   SIGKILL ends also what the kernel started      -> {}
    {"op": "templates"}                                        -> {"templates": {name: {"pid", "kids", "pss", "private"}}}
    {"op": "look", "name"}             whether there is one    -> {"there": bool}
    {"op": "drop", "name"}             no more forks of it                            -> {}

and hears `{"ended": id, "status", "hung"}`. The controller hears on stdout which Landlock this machine has: `{"landlock": version}`.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from nbevolve_boxes import wire
from nbevolve_boxes.box import Box, Kernel, Shape, Template, end_tree, start_box
from nbevolve_fork import proc
from nbevolve_guard import confinement

# How long a template may take to say how its kernel ended.
LAST_WORD_S = 0.3
# What is told of a kernel whose end nobody saw.
UNSEEN = -signal.SIGKILL
MOST_TEMPLATES = 1000


class Keeper:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.kernel_shape = Shape(settings["kernel"])
        self.options = settings["options"]
        self.launcher = settings["launcher"]
        self.boxes_dir = settings["boxes_dir"]
        self.selector = selectors.DefaultSelector()
        self.kernels: dict[str, Kernel] = {}
        self.templates: dict[str, Template] = {}
        self.boxes: set[Box] = set()
        self.dying: list[Kernel] = []
        self.server, far = wire.pair()
        self.server.setblocking(True)
        with far:
            self.process = start_server(Shape(settings["server"]), settings["to_server"], far)
        self.saying = threading.Lock()
        self.listen(self.server, self.hear_server)
        self.watch(os.pidfd_open(self.process.pid), lambda: sys.exit(self.process.wait()))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    def run(self) -> None:
        while True:
            for key, _ in self.selector.select(0.05 if self.dying else None):
                key.data()
            self.tell_late_ends()

    # -- what is waited for

    def listen(self, end: socket.socket, hear: Callable[[wire.Packet | None], None]) -> None:
        """Calls `hear` with each packet, and with None once, at the end or for what is no packet."""

        def act() -> None:
            try:
                packet = wire.receive(end)
            except (OSError, ValueError):
                packet = None
            if packet is None:
                self.forget(end)
            hear(packet)

        self.selector.register(end, selectors.EVENT_READ, act)

    def forget(self, end: socket.socket | None) -> None:
        if end is None or end.fileno() < 0:
            return
        try:
            self.selector.unregister(end)
        except KeyError:
            pass
        end.close()

    def watch(self, fd: int, ended: Callable[[], None]) -> None:
        def act() -> None:
            self.selector.unregister(fd)
            os.close(fd)
            ended()

        self.selector.register(fd, selectors.EVENT_READ, act)

    # -- the server

    def hear_server(self, packet: wire.Packet | None) -> None:
        if packet is None:
            sys.exit(1)
        request, fds = packet.content, packet.fds
        try:
            answer = getattr(self, f"do_{request['op']}")(request, fds)
        except (OSError, LookupError) as problem:
            answer = {"reason": f"{type(problem).__name__}: {problem}"}
        finally:
            wire.close_all(fds)
        if answer is not None:
            self.say({"ask": request["ask"], **answer})

    def say(self, content: dict[str, Any]) -> None:
        with self.saying:
            try:
                wire.send(self.server, content)
            except OSError:
                pass  # its end is heard of otherwise

    def do_start(self, request: dict[str, Any], fds: list[int]) -> None:
        folder = os.path.join(self.boxes_dir, os.path.basename(request["box"]))
        box, control = start_box(request["box"], self.kernel_shape, self.options, self.launcher, {"{box}": folder})
        self.boxes.add(box)
        self.listen(box.stem, lambda packet: self.hear_stem(box, kernel, packet))
        self.watch(os.pidfd_open(box.process.pid), lambda: self.lose_box(box))
        kernel = self.new_kernel(request, box, None)
        self.adopt_control(kernel, control)
        wire.send(control, request, fds)

    def do_fork(self, request: dict[str, Any], fds: list[int]) -> dict[str, Any] | None:
        template = self.templates.get(request["template"])
        if template is None:
            return {"reason": "the template cannot be reached: it ended"}
        connection, connection_end = wire.pair()
        control, control_end = wire.pair()
        with connection_end, control_end:
            try:
                wire.send(template.control, request, [connection_end.fileno(), control_end.fileno(), *fds])
            except OSError:
                connection.close()
                control.close()
                return {"reason": "the template cannot be reached: its process was killed"}
        kernel = self.new_kernel(request, template.box, template)
        self.adopt_control(kernel, control)
        kernel.connection = connection
        self.listen(connection, lambda packet: self.hear_connection(kernel, packet))
        return None

    def do_signal(self, request: dict[str, Any], _: list[int]) -> dict[str, Any]:
        kernel = self.kernels.get(request["id"])
        if kernel is None:
            return {}
        if kernel.pid is None:
            self.fail(kernel, "it was given up before it was there")
        elif request["number"] == signal.SIGKILL:
            end_tree(kernel.pid, kernel.box.others(kernel.pid))
        elif kernel.pidfd is not None and not wire.readable([kernel.pidfd], 0):
            try:
                os.killpg(kernel.pid, request["number"])
            except (ProcessLookupError, PermissionError):
                pass
        return {}

    def do_templates(self, request: dict[str, Any], _: list[int]) -> None:
        """Weighing a large process takes its time: meanwhile others are heard."""
        pids = {template.name: template.pid for template in self.templates.values() if template.pid is not None}
        kids = {name: [one.pid for one in self.kernels.values() if one.template is self.templates[name]] for name in pids}

        def weigh() -> None:
            found = {name: {"pid": pid, "kids": kids[name], **proc.memory_bytes(pid)} for name, pid in pids.items()}
            self.say({"ask": request["ask"], "templates": found})

        threading.Thread(target=weigh, daemon=True).start()

    def do_look(self, request: dict[str, Any], _: list[int]) -> dict[str, Any]:
        return {"there": request["name"] in self.templates}

    def do_drop(self, request: dict[str, Any], _: list[int]) -> dict[str, Any]:
        template = self.templates.pop(request["name"], None)
        if template is not None:
            template.dropped = True
            template.control.shutdown(socket.SHUT_WR)
        return {}

    # -- kernels

    def new_kernel(self, request: dict[str, Any], box: Box, template: Template | None) -> Kernel:
        kernel = Kernel(request["id"], request["ask"], box, template)
        self.kernels[kernel.id] = kernel
        box.kernels.add(kernel)
        return kernel

    def adopt_control(self, kernel: Kernel, control: socket.socket) -> None:
        kernel.control = control
        self.listen(control, lambda packet: self.hear_kernel(kernel, packet))

    def hear_stem(self, box: Box, kernel: Kernel, packet: wire.Packet | None) -> None:
        if packet is None:
            return  # the box's own end is seen
        wire.close_all(packet.fds)
        if "stem" in packet.content:
            box.stem_pid = packet.pid
        elif isinstance(packet.content.get("exit"), int):
            kernel.status = packet.content["exit"]
            self.end_kernel(kernel)

    def hear_kernel(self, kernel: Kernel, packet: wire.Packet | None) -> None:
        """User code may write here too: what it says makes no more than a frozen process of its own lineage."""
        if packet is None:
            return
        said, fds = packet.content, packet.fds
        name = said.get("template")
        if said.get("ready") is True:
            self.adopt_pid(kernel, packet.pid)
            self.be_ready(kernel)
        elif isinstance(said.get("reason"), str):
            self.fail(kernel, said["reason"][:1000])
        elif isinstance(name, str) and len(fds) == 1 and name not in self.templates and len(self.templates) < MOST_TEMPLATES:
            self.adopt_template(kernel, name, fds.pop())
        wire.close_all(fds)

    def hear_connection(self, kernel: Kernel, packet: wire.Packet | None) -> None:
        """First the forked process speaks, and at its end its template."""
        if packet is None:
            self.fail(kernel, "the template did not fork: it ended")
            return
        wire.close_all(packet.fds)
        said = packet.content
        if kernel.pid is None and said.get("forked") is True:
            self.adopt_pid(kernel, packet.pid)
        elif isinstance(said.get("exit"), int):
            kernel.status, kernel.hung = said["exit"], said.get("hung") is True
            self.fail(kernel, "the forked kernel did not get ready: it ended")
        elif isinstance(said.get("reason"), str):
            self.fail(kernel, f"the template did not fork: {said['reason'][:1000]}")

    def adopt_pid(self, kernel: Kernel, pid: int | None) -> None:
        if kernel.pid is not None or pid is None:
            return
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            return  # it is gone: whoever buries it tells
        kernel.pid, kernel.pidfd = pid, os.dup(pidfd)
        self.watch(pidfd, lambda: self.see_end(kernel))

    def be_ready(self, kernel: Kernel) -> None:
        if not kernel.ready and kernel.id in self.kernels:
            kernel.ready = True
            self.say({"ask": kernel.ask, "pid": kernel.pid})

    def fail(self, kernel: Kernel, reason: str) -> None:
        if kernel.ready or kernel.id not in self.kernels:
            return
        kernel.ready = True
        self.say({"ask": kernel.ask, "reason": reason})
        if kernel.pid is not None:
            end_tree(kernel.pid, kernel.box.others(kernel.pid))
        self.end_kernel(kernel)

    def adopt_template(self, kernel: Kernel, name: str, fd: int) -> None:
        control = socket.socket(fileno=fd)
        control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        control.setblocking(False)
        template = Template(name, kernel.box, control)
        # Its first word came before its kernel's.
        try:
            packet = wire.receive(control)
            template.pid = None if packet is None else packet.pid
        except (OSError, ValueError):
            control.close()
            return
        self.templates[name] = template
        kernel.box.templates.add(template)
        self.listen(control, lambda packet: self.hear_template(template, packet))

    def hear_template(self, template: Template, packet: wire.Packet | None) -> None:
        if packet is not None:
            wire.close_all(packet.fds)
            if template.pid is None:
                template.pid = packet.pid
            return
        if self.templates.get(template.name) is template:
            del self.templates[template.name]
        template.box.templates.discard(template)
        self.tidy(template.box)

    # -- ends

    def see_end(self, kernel: Kernel) -> None:
        """Its process ended; how, somebody else may say in a moment."""
        if kernel.id in self.kernels:
            kernel.told_at_s = time.monotonic() + LAST_WORD_S
            self.dying.append(kernel)

    def tell_late_ends(self) -> None:
        now = time.monotonic()
        for kernel in list(self.dying):
            if kernel.status is not None or (kernel.told_at_s or 0) <= now:
                self.dying.remove(kernel)
                self.end_kernel(kernel)

    def end_kernel(self, kernel: Kernel) -> None:
        """Once: tells the server, and ends what the kernel left behind."""
        if self.kernels.get(kernel.id) is not kernel:
            return
        self.hear_last_words(kernel)
        del self.kernels[kernel.id]
        kernel.box.kernels.discard(kernel)
        if not kernel.ready:
            kernel.ready = True
            self.say({"ask": kernel.ask, "reason": f"its process ended while it started (exit code {kernel.status})"})
        status = UNSEEN if kernel.status is None else kernel.status
        self.say({"ended": kernel.id, "status": status, "hung": kernel.hung})
        self.forget(kernel.control)
        self.forget(kernel.connection)
        if kernel.pidfd is not None:
            os.close(kernel.pidfd)
        self.tidy(kernel.box)

    def hear_last_words(self, kernel: Kernel) -> None:
        """A template that it left behind is told of before its end, and may be heard of after it."""
        while kernel.control is not None and kernel.control.fileno() >= 0:
            try:
                packet = wire.receive(kernel.control)
            except (OSError, ValueError):
                return
            if packet is None:
                return
            if "template" in packet.content:
                self.hear_kernel(kernel, packet)
            else:
                wire.close_all(packet.fds)

    def tidy(self, box: Box) -> None:
        if box not in self.boxes:
            return
        if box.is_empty():
            box.kill()
        else:
            box.sweep()

    def lose_box(self, box: Box) -> None:
        """All that lived in it is gone."""
        self.boxes.discard(box)
        box.process.wait()
        self.forget(box.stem)
        # Where there is no box around them, what the first process had started is left.
        for left in (*box.kernels, *box.templates):
            if left.pid is not None:
                end_tree(left.pid, frozenset())
        for kernel in list(box.kernels):
            self.end_kernel(kernel)
        for template in list(box.templates):
            self.templates.pop(template.name, None)
            self.forget(template.control)
        box.templates.clear()


def start_server(shape: Shape, settings: dict[str, Any], end: socket.socket) -> "subprocess.Popen[bytes]":
    process = shape.start([end.fileno()], [], {}, stdin=subprocess.PIPE)
    if process.stdin is not None:
        with process.stdin as pipe:
            pipe.write(json.dumps({**settings, "keeper": end.fileno()}).encode() + b"\n")
    return process


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    print(json.dumps({"landlock": confinement.version()}), flush=True)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    Keeper(settings).run()
