"""Owns: the process that does for the controller what is to be done in folders that others can write. It listens to the
controller alone, and ends with it.

    python porter.py    one JSON object a line: {"id", "do": a name below, ...} -> {"id", "answer"} or {"id", "problem", "theirs"}

`theirs`: the problem is what others have done there, and not that of this machine.

`{"do": "end"}`: what is under way is finished first. The end of the input without it: the controller is gone, and everything
is left as it is. `root`: a folder of the controller's own; `name`, `from`, `to`: below it, plain names joined by slashes.
"""

import errno
import json
import os
import resource
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from nbevolve_files import copying, keeping, measuring, removing
from nbevolve_files.reach import Bounds, Trouble, open_below, open_folder, open_root, opened, plain_names

# What is being removed lies in the root under such a name, until nothing of it is left.
GONE = ".gone-"
AT_ONCE = 16
DESCRIPTORS = 10_000
# A link where a folder was, a folder where a file was, or nothing.
EXCHANGED = (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENOENT, errno.ENXIO)

Request = dict[str, Any]


class Porter:
    def __init__(self) -> None:
        self.writing = threading.Lock()
        self.at_once = threading.BoundedSemaphore(AT_ONCE)
        self.threads: set[threading.Thread] = set()

    def serve(self) -> None:
        for line in sys.stdin.buffer:
            request = json.loads(line)
            if request["do"] == "end":
                for thread in list(self.threads):
                    thread.join()
                return
            thread = threading.Thread(target=self.answer, args=(request,), daemon=True)
            self.threads.add(thread)
            thread.start()
        os._exit(0)

    def answer(self, request: Request) -> None:
        with self.at_once:
            try:
                self.tell({"id": request["id"], "answer": WORK[request["do"]](request)})
            except (OSError, ValueError, Trouble) as problem:
                theirs = is_theirs(problem, request)
                self.tell({"id": request["id"], "problem": words(problem), "theirs": theirs})
            except BaseException as problem:
                self.tell({"id": request["id"], "problem": f"{type(problem).__name__}: {problem}"})
        self.threads.discard(threading.current_thread())

    def tell(self, answer: dict[str, Any]) -> None:
        with self.writing:
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


def words(problem: BaseException) -> str:
    if isinstance(problem, OSError):
        if problem.errno in EXCHANGED:
            return "something in it was exchanged meanwhile"
        return problem.strerror or str(problem)
    return str(problem)


def is_theirs(problem: BaseException, request: Request) -> bool:
    """Others cannot exchange the root nor the store."""
    if not isinstance(problem, OSError):
        return isinstance(problem, Trouble)
    return problem.errno in EXCHANGED and problem.filename not in (request.get("root"), request.get("store"))


def bounds(request: Request) -> Bounds:
    return Bounds(request["bytes"], request["files"])


def parent_of(root: str, path: str) -> tuple[int, str]:
    *above, name = plain_names(path)
    return open_below(root, above), name


def make_below(root: str, names: list[str]) -> int:
    """As `open_below`; a folder that is missing is made."""
    fd = open_root(root)
    for name in names:
        with opened(fd):
            try:
                os.mkdir(name, 0o700, dir_fd=fd)
            except FileExistsError:
                pass
            below = open_folder(name, fd)
        fd = below
    return fd


def clear(request: Request) -> list[str]:
    """An empty folder of that name, at once; under which names what was there lies in the root now, to be removed."""
    *above, name = plain_names(request["name"])
    with opened(make_below(request["root"], above)) as parent, opened(open_root(request["root"])) as root:
        return make_empty(name, parent, root)


def show(request: Request) -> list[str]:
    """Makes a link of that name in the root lead to a folder below it; under which names what was there before, and what that led
    to, lies in the root now, to be removed. The root is the controller's own: nobody else makes links there.
    """
    [name] = plain_names(request["name"])
    aside = [f"{GONE}{os.urandom(8).hex()}" for _ in range(2)]
    gone: list[str] = []
    with opened(open_root(request["root"])) as root:
        try:
            os.rename(name, aside[0], src_dir_fd=root, dst_dir_fd=root)
            gone.append(aside[0])
            before = parent_of(request["root"], os.readlink(aside[0], dir_fd=root))
            with opened(before[0]) as parent:
                os.rename(before[1], aside[1], src_dir_fd=parent, dst_dir_fd=root)
            gone.append(aside[1])
        except (OSError, ValueError):
            pass  # there was nothing, or no link, or it led nowhere
        os.symlink("/".join(plain_names(request["to"])), name, dir_fd=root)
    return gone


def make_empty(name: str, parent: int, root: int) -> list[str]:
    gone: list[str] = []
    for _ in range(removing.LOOKS):
        aside = f"{GONE}{os.urandom(8).hex()}"
        try:
            os.rename(name, aside, src_dir_fd=parent, dst_dir_fd=root)
            gone.append(aside)
        except FileNotFoundError:
            pass
        try:
            os.mkdir(name, 0o700, dir_fd=parent)
            return gone
        except FileExistsError:
            continue  # somebody was quicker
    raise Trouble(f"the folder {name} cannot be emptied: something goes on making it anew")


def sweep(request: Request) -> None:
    """Removes what begins with one of these words: what a process that was killed left half-way."""
    with opened(open_root(request["root"])) as root:
        with os.scandir(root) as entries:
            names = [entry.name for entry in entries if entry.name.startswith((GONE, *request["begin"]))]
        for name in names:
            try:
                removing.remove(name, root)
            except OSError:
                continue  # it is of no use to anyone, and in nobody's way


def prune(request: Request) -> None:
    """Removes from a folder, of which nobody lives any more who works in it, what no link of the root leads to, nor through; and
    the folder when nothing is left.
    """
    folder = plain_names(request["name"])
    with opened(open_root(request["root"])) as root:
        ways = [way for name in os.listdir(root) if (way := way_of(name, root))[: len(folder)] == folder]
    with opened(open_below(request["root"], folder)) as fd:
        prune_below(fd, [way[len(folder) :] for way in ways])
    parent, name = parent_of(request["root"], request["name"])
    with opened(parent):
        try:
            os.rmdir(name, dir_fd=parent)
        except OSError:
            pass  # something is shown of it


def way_of(link: str, root: int) -> list[str]:
    """The names by which it leads down; none where it is no link, or leads elsewhere."""
    try:
        return plain_names(os.readlink(link, dir_fd=root))
    except (OSError, ValueError):
        return []


def prune_below(fd: int, ways: list[list[str]]) -> None:
    if not all(ways):
        return
    with os.scandir(fd) as entries:
        names = [entry.name for entry in entries]
    for name in names:
        further = [way[1:] for way in ways if way[0] == name]
        try:
            if further:
                with opened(open_folder(name, fd)) as below:
                    prune_below(below, further)
            else:
                removing.remove(name, fd)
        except OSError:
            continue  # as for `sweep`


def remove(request: Request) -> None:
    parent, name = parent_of(request["root"], request["name"])
    with opened(parent):
        removing.remove(name, parent)


def survey(request: Request) -> str | None:
    """Why the folder cannot be copied; None when it can."""
    try:
        with opened(open_below(request["root"], plain_names(request["name"]))) as source:
            copying.survey(source, bounds(request))
    except (Trouble, OSError) as problem:
        return words(problem)
    return None


def copy(request: Request) -> dict[str, Any]:
    """Into a folder that is made anew: `{"gone": as for `clear`, "trouble": why the copy is not there, or None}`."""
    gone: list[str] = []
    try:
        *above, name = plain_names(request["to"])
        with opened(make_below(request["root"], above)) as parent, opened(open_root(request["root"])) as root:
            gone += make_empty(name, parent, root)
            with opened(open_below(request["root"], plain_names(request["from"]))) as source:
                with opened(open_folder(name, parent)) as target:
                    copying.copy_tree(source, target, bounds(request))
    except (Trouble, OSError) as problem:
        return {"gone": gone, "trouble": words(problem)}
    return {"gone": gone, "trouble": None}


def measure(request: Request) -> measuring.Use:
    """Of folders that may not be there any more."""
    with ExitStack() as held:
        folders = []
        for root, path in request["folders"]:
            *above, name = plain_names(path) if path else ["."]
            try:
                folders.append((held.enter_context(opened(open_below(root, above))), name))
            except PermissionError:
                return {"bytes": 0, "files": 0, "over": "hidden"}
            except OSError:
                continue
        return measuring.measure(folders, [], bounds(request))


def save(request: Request) -> dict[str, Any]:
    """`{"saved", "added"}`, or `{"trouble"}`."""
    with opened(open_root(request["store"])) as folder:
        store = keeping.Store(folder)
        saving = keeping.Saving(store, bounds(request))
        try:
            with opened(open_below(request["root"], plain_names(request["name"]))) as workspace:
                saving.folder(workspace, "", 0)
        except Trouble as trouble:
            return {"trouble": str(trouble), "added": store.added}
        return {"saved": saving.saved, "added": store.added}


def place(request: Request) -> str | None:
    with opened(open_root(request["store"])) as folder:
        with opened(open_below(request["root"], plain_names(request["name"]))) as workspace:
            return keeping.place(request["saved"], workspace, keeping.Store(folder))


def adopt(request: Request) -> dict[str, Any]:
    with opened(open_root(request["store"])) as folder:
        store = keeping.Store(folder)
        with opened(open_below(request["root"], plain_names(request["name"]))) as staging:
            taken = keeping.adopt(request["names"], staging, store, request["bytes"])
        return {"taken": taken, "added": store.added}


WORK: dict[str, Callable[[Request], Any]] = {
    work.__name__: work for work in (clear, show, sweep, prune, remove, survey, copy, measure, save, place, adopt)
}


def main() -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS if most == resource.RLIM_INFINITY else most, most))
    Porter().serve()
