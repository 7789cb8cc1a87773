"""Plays what the porter does against somebody who changes the folders at one moment of it: before each of its system calls
in turn, a folder or a file is exchanged. What lies outside of the root is then as it was, and nothing of it is inside.

    python hostile_moments.py [careless]    one line of JSON for each work and exchange: {"work", "exchange", "moments",
                                            "broken": what went wrong, and at which moment}

`careless`: with a porter that follows links, to see that this finds it.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable

from nbevolve_files import copying, keeping, measuring, porter, reach, removing

SECRET = "precious, and not for anybody else"
CALLS = ("open", "mkdir", "unlink", "rename", "rmdir", "symlink", "readlink", "scandir", "stat", "utime", "chmod")
real = {name: getattr(os, name) for name in CALLS}
WORDS = b"kept content"
HASH = hashlib.sha256(WORDS).hexdigest()

Work = Callable[[str], dict[str, object]]
BOUNDS = {"bytes": 1 << 30, "files": 1000}
SAVED = [
    {"path": "d", "mode": 0o755, "modifiedMs": 1, "content": None},
    {"path": "d/e", "mode": 0o755, "modifiedMs": 1, "content": None},
    {"path": "d/e/f", "mode": 0o644, "modifiedMs": 1, "content": HASH},
    {"path": "d/l", "mode": 0o777, "modifiedMs": 1, "content": {"link": "e/f"}},
]

WORKS: dict[str, Work] = {
    "clear": lambda top: {"name": "tree"},
    "remove": lambda top: {"name": "tree"},
    "sweep": lambda top: {"begin": ["tre", "cop"]},
    "prune": lambda top: {"name": "tree"},
    "survey": lambda top: {"name": "tree", **BOUNDS},
    "copy": lambda top: {"from": "tree", "to": "copy", **BOUNDS},
    "measure": lambda top: {"folders": [[f"{top}/inside", "tree"]], **BOUNDS},
    "save": lambda top: {"name": "tree", "store": f"{top}/store", **BOUNDS},
    "place": lambda top: {"name": "copy", "store": f"{top}/store", "saved": SAVED},
    "adopt": lambda top: {"name": "tree", "store": f"{top}/store", "names": [HASH], "bytes": 1 << 30},
}


def lay_out(top: str) -> None:
    root, victim = f"{top}/inside", f"{top}/victim"
    for folder in ("tree/d/e", "tree/g", "copy"):
        os.makedirs(f"{root}/{folder}")
    for file in ("tree/a", "tree/d/f", "tree/d/e/f", "tree/g/f"):
        with open(f"{root}/{file}", "w") as one:
            one.write("own")
    os.symlink("d/f", f"{root}/tree/l")
    os.makedirs(f"{top}/store")
    for folder in (f"{root}/tree", f"{top}/store"):
        with open(f"{folder}/{HASH}", "wb") as kept:
            kept.write(WORDS)
    # The names that lie in the tree lie here too.
    for folder in ("d/e", "e", "g", "tree/d"):
        os.makedirs(f"{victim}/{folder}")
    for file in ("a", "f", "d/f", "d/e/f", "e/f", "g/f", "tree/a", HASH, *(f"n{number}" for number in range(20))):
        with open(f"{victim}/{file}", "w") as one:
            one.write(SECRET)


def exchange(path: str, make: Callable[[str], None]) -> None:
    """What is made takes the place of what is there, which goes aside."""
    try:
        real["rename"](path, f"{path}-aside")
    except OSError:
        pass
    try:
        make(path)
    except OSError:
        pass  # there is something else by now, or the folder above is gone


def link_to(target: str) -> Callable[[str], None]:
    return lambda path: real["symlink"](target, path)


EXCHANGES: dict[str, Callable[[str], None]] = {
    "a folder for a link": lambda top: exchange(f"{top}/inside/tree/d", link_to(f"{top}/victim")),
    "a folder below for a link": lambda top: exchange(f"{top}/inside/tree/d/e", link_to("../../../victim")),
    "the whole folder for a link": lambda top: exchange(f"{top}/inside/tree", link_to(f"{top}/victim")),
    "the copy for a link": lambda top: exchange(f"{top}/inside/copy", link_to(f"{top}/victim")),
    "a folder of the copy for a link": lambda top: exchange(f"{top}/inside/copy/d", link_to(f"{top}/victim")),
    "a file for a link": lambda top: exchange(f"{top}/inside/tree/d/f", link_to(f"{top}/victim/f")),
    "a file of a known name for a link": lambda top: exchange(f"{top}/inside/tree/{HASH}", link_to(f"{top}/victim/{HASH}")),
    "a file for a folder": lambda top: exchange(f"{top}/inside/tree/a", lambda path: real["mkdir"](path)),
    "a file for a pipe": lambda top: exchange(f"{top}/inside/tree/d/f", lambda path: os.mkfifo(path)),
    "a folder for one elsewhere": lambda top: exchange(f"{top}/inside/tree/d/e", lambda path: real["rename"](f"{top}/inside/tree/d", f"{top}/inside/d")),
    "nothing for a link where something is to be made": lambda top: exchange(f"{top}/inside/copy/a", link_to(f"{top}/victim/made")),
}


def picture(folder: str) -> list[object]:
    found = []
    for above, folders, files in os.walk(folder):
        for name in sorted(folders + files):
            path = os.path.join(above, name)
            state = os.lstat(path)
            content = open(path).read() if os.path.isfile(path) else None
            found.append((path, state.st_mode, state.st_nlink, state.st_mtime_ns, content))
    return sorted(found)


def leaked(top: str, answer: object) -> list[str]:
    """What of the victim's is inside now."""
    found = []
    for folder in (f"{top}/inside", f"{top}/store"):
        for above, _, files in os.walk(folder):
            for path in (os.path.join(above, name) for name in files):
                if not os.path.islink(path) and os.path.isfile(path) and SECRET in open(path).read():
                    found.append(f"{path[len(top):]} holds what was not to be read")
    if isinstance(answer, dict) and isinstance(answer.get("files"), int) and answer["files"] > 16:
        found.append("files elsewhere were counted")
    return found


def play(work: str, attack: Callable[[str], None], moment: int) -> tuple[int, list[str]]:
    """How many moments there were, and what went wrong."""
    top = tempfile.mkdtemp(dir=BASE)
    lay_out(top)
    before = picture(f"{top}/victim")
    count = 0

    def watched(name: str) -> Callable[..., object]:
        def call(*arguments: object, **more: object) -> object:
            nonlocal count
            count += 1
            if count == moment:
                attack(top)
            return real[name](*arguments, **more)

        return call

    request = {"root": f"{top}/inside", **WORKS[work](top)}
    answer: object = None
    for name in CALLS:
        setattr(os, name, watched(name))
    try:
        answer = porter.WORK[work](request)
    except (OSError, ValueError, reach.Trouble):
        pass
    finally:
        for name in CALLS:
            setattr(os, name, real[name])
    wrong = leaked(top, answer)
    if picture(f"{top}/victim") != before:
        wrong.append("something outside was changed")
    shutil.rmtree(top)
    return count, wrong


def be_careless() -> None:
    for module in (reach, removing, copying, keeping, measuring):
        for name in ("FOLDER", "FILE", "NEW_FILE"):
            if hasattr(module, name):
                setattr(module, name, getattr(module, name) & ~os.O_NOFOLLOW & ~os.O_EXCL)


def main() -> None:
    if "careless" in sys.argv:
        be_careless()
    for work in WORKS:
        for name, attack in EXCHANGES.items():
            moments, _ = play(work, attack, 0)
            wrong = {moment: play(work, attack, moment)[1] for moment in range(1, moments + 1)}
            broken = {moment: what for moment, what in wrong.items() if what}
            print(json.dumps({"work": work, "exchange": name, "moments": moments, "broken": broken}), flush=True)


if __name__ == "__main__":
    # In memory where that can be had: thousands of small trees are made and removed.
    BASE = tempfile.mkdtemp(prefix="nbe-moments-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    try:
        main()
    finally:
        shutil.rmtree(BASE)
