"""Owns: one judgement, from the input on stdin to the verdict on descriptor 3, in a process that does nothing else.
Never lets what the verifier prints, returns or raises be taken for the verdict.

Input: a line of JSON `{"source": ..., "lines": ..., "memoryMb": ...}`, then the submission's text to the end of file. Output on
descriptor 3: the line `ready` before the verifier's first instruction, then one line of JSON, a `Verdict`.
"""

import json
import os
import resource
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from nbevolve_guard.submission import decode
from nbevolve_verifier.verdict import FILENAME, PARTS, Verdict, converted, invalid, judged, raised

VERDICT_FD = 3
HEADROOM_MB = 1024  # address space beyond the memory limit: mapped libraries, thread stacks, arenas
MAX_FILE_MB = 1024


def main() -> None:
    me = os.getpid()
    sys.path = [folder for folder in sys.path if folder]
    header, submission = read_input()
    limit(resource.RLIMIT_AS, header["memoryMb"] + HEADROOM_MB)
    limit(resource.RLIMIT_FSIZE, MAX_FILE_MB)
    os.set_inheritable(VERDICT_FD, False)
    os.dup2(1, 2)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    os.write(VERDICT_FD, b"ready\n")
    verdict = judgement(header["source"], submission, header["lines"])
    if os.getpid() == me:  # a fork that came back from verify() has no say
        flush()
        send(verdict)
    os._exit(0)


def read_input() -> tuple[dict[str, Any], str]:
    """Reads stdin to its end, and leaves an empty one to the verifier."""
    header, _, submission = sys.stdin.buffer.read().partition(b"\n")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return json.loads(header), submission.decode()


def limit(which: int, megabytes: int) -> None:
    try:
        resource.setrlimit(which, (megabytes << 20, megabytes << 20))
    except (ValueError, OSError):
        pass  # a lower limit holds already, or the system has no such limit: the guard watches all the same


def judgement(source: str, submission: str, lines: Iterable[dict[str, Any]] = ()) -> Verdict:
    try:
        value = decode(submission)
    except (ValueError, ImportError, MemoryError) as problem:
        return invalid(f"the submission cannot be read: {problem or type(problem).__name__}")
    remark = converted(value)  # before the verifier may change it
    try:
        verify = load(source, lines).get("verify")
        if not callable(verify):
            return invalid("the verifier defines no function verify(submission)")
        return judged(verify(value))
    except BaseException as problem:  # SystemExit and KeyboardInterrupt reject as any other
        return raised(problem, remark)


def load(source: str, lines: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
    """Runs the verifier's source as a module that can be looked up, as dataclasses and pickle want."""
    PARTS[:] = lines
    sys.meta_path.insert(0, ModuleFile(source))
    module = ModuleType("verifier")
    sys.modules["verifier"] = module
    exec(compile(source, FILENAME, "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


class ModuleFile:
    """The verifier's module as a file, made when a process is first started that begins anew: it looks the module up by its
    file. Without one each of them would end at once, and a pool of them would wait for ever.
    """

    STARTERS = ("popen_spawn_posix", "popen_spawn_win32", "popen_forkserver", "popen_loky_posix")

    def __init__(self, source: str) -> None:
        self.source = source
        self.folder = os.path.abspath("module")

    def find_spec(self, name: str, *_: Any) -> None:
        if not name.endswith(self.STARTERS) or self.folder in sys.path:
            return
        os.makedirs(self.folder, 0o700, exist_ok=True)
        with open(os.path.join(self.folder, "verifier.py"), "w", encoding="utf-8", newline="") as file:
            file.write(self.source)
        sys.path.append(self.folder)


def flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # the verifier closed it: what it printed is information only


def send(verdict: Verdict) -> None:
    left = json.dumps(verdict, allow_nan=False).encode() + b"\n"
    while left:
        left = left[os.write(VERDICT_FD, left) :]
