"""Owns: what nbevolve asks of a running kernel, outside the user's namespace. Never prints, never raises for what a
user's code can cause, and leaves namespace, history and random states as they are.

Every function is called by a silent request's user expression; its answer is shown under one private mime type.
"""

import json
import os
import random
from typing import Any

from IPython.core.getipython import get_ipython

from nbevolve_guard import submission
from nbevolve_fork import preload as ahead
from nbevolve_fork.description import Description, describe_names
from nbevolve_kernel import place, settings
from nbevolve_kernel import sketch as sketches

MIME = "application/vnd.nbevolve"

# Taken now: what user code does to these modules later must not break an answer.
dumps = json.dumps
loads = json.loads


class Answer:
    """Shows itself as the JSON text of a value, and as nothing else."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {MIME: self.text, "text/plain": ""}


def enter(directory: str) -> Answer:
    """Makes a directory the kernel's workspace. Files of the one before are open in this one then."""
    settings.remember_start()
    before = place.Place.roots
    opened = open_here() if before and directory not in before else []
    place.move(directory)
    if opened:
        from nbevolve_fork import files

        files.open_again(opened, before[0], directory)
    return Answer(dumps({"pid": os.getpid(), "directory": os.getcwd()}))


def open_here() -> list[Any]:
    """The files of the workspace that are open; none where that cannot be known: on a server that is not ours, or not on Linux."""
    try:
        from nbevolve_fork import files

        return [file for file in files.open_files(set()) if place.HERE in place.relative(file.path)]
    except (ImportError, OSError):
        return []


class Checkpoint:
    """What to do when the present request is over: a fork in the middle of it would inherit its frames."""

    name: str | None = None
    answer: dict[str, Any] = {}


def checkpoint(name: str) -> Answer:
    """Asks for a template of that name, and describes the state. A kernel that cannot be forked answers with this."""
    Checkpoint.name = name
    Checkpoint.answer = {"description": description()}
    return Answer(dumps({"ok": False, "reasons": ["this kernel cannot be forked"], **Checkpoint.answer}))


class Retirement:
    """What to leave behind when the kernel ends: a template, and what the shell's context holds now."""

    name: str | None = None
    variables: list[Any] = []


def retire(name: str) -> Answer:
    """Asks for a template of that name in place of this kernel when it ends, in the state that it has now."""
    Retirement.name = name
    Retirement.variables = settings.users_variables()
    return Answer(dumps({}))


def preload(sources: str) -> Answer:
    """Loads the modules that these cells, a JSON list of sources, import. Names and random states stay as they are."""
    settings.remember_start()
    state = random.getstate()
    shell = get_ipython()
    loaded = ahead.load(shell.transform_cell(source) for source in json.loads(sources))
    random.setstate(state)
    return Answer(dumps(loaded))


def describe(_: str) -> Answer:
    """A description of the present state."""
    return Answer(dumps(description()))


def description() -> Description:
    return {**describe_names(get_ipython().user_ns), **settings.describe()}


def sketch(_: str) -> Answer:
    """What the user's names hold, and where the last exception came from: see sketch.py."""
    return Answer(dumps(sketches.sketch(get_ipython().user_ns)))


def freeze(request: str) -> Answer:
    """Writes the present state into files: see nbevolve_thaw/freeze.py."""
    from nbevolve_thaw import freeze  # with cloudpickle: only where it is needed

    return Answer(dumps(freeze.freeze(loads(request), get_ipython())))


def thaw(request: str) -> Answer:
    """Takes variables from files: see nbevolve_thaw/thaw.py."""
    from nbevolve_thaw import thaw

    return Answer(dumps(thaw.thaw(loads(request), get_ipython())))


def evaluate(expression: str) -> Answer:
    """The value of an expression in the user's namespace, as data."""
    try:
        names = get_ipython().user_ns
        value = eval(compile(expression.strip(), "<submission>", "eval"), names, names)
        # submission.encode gives JSON text: it is put into the answer as it is.
        return Answer('{"ok": true, "value": ' + submission.encode(value) + "}")
    except BaseException as problem:  # SystemExit and KeyboardInterrupt are answers, too
        return Answer(dumps({"ok": False, "name": type(problem).__name__, "message": message_of(problem)}))


def message_of(problem: BaseException) -> str:
    try:
        return str(problem)[:10_000]
    except Exception as another:
        return f"(its message cannot be shown: {type(another).__name__})"
