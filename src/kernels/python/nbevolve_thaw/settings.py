"""Owns: the part of a state that belongs to the process and not to a variable: random generators, the environment, the search
path, settings of numpy and matplotlib. Only of modules that are loaded. Never fails: what cannot be had is left out.
"""

import os
import random
import sys
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple


class Setting(NamedTuple):
    module: str
    take: Callable[[Any], Any]
    put: Callable[[Any, Any], None]


def put_environment(_: Any, wanted: dict[str, str]) -> None:
    changed, removed = wanted["changed"], wanted["removed"]
    os.environ.update(changed)  # type: ignore[arg-type]
    for name in removed:
        os.environ.pop(name, None)


def take_environment(_: Any) -> Any:
    now = dict(os.environ)
    changed = {name: value for name, value in now.items() if AT_START.get(name) != value and name != "PWD"}
    return {"changed": changed, "removed": [name for name in AT_START if name not in now]}


def put_path(_: Any, path: list[str]) -> None:
    sys.path[:] = path


def put_filters(_: Any, filters: list[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]


def put_parameters(matplotlib: Any, parameters: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dict.update(matplotlib.rcParams, parameters)


def take_parameters(matplotlib: Any) -> dict[str, Any]:
    # The backend belongs to the kernel.
    return {name: value for name, value in dict.items(matplotlib.rcParams) if not name.startswith("backend")}


def put_numpy(numpy: Any, settings: tuple[Any, Any]) -> None:
    numpy.set_printoptions(**settings[0])
    numpy.seterr(**settings[1])


# The environment of the kernel before user code ran; this module is loaded with it.
AT_START = dict(os.environ)

SETTINGS = {
    "environment": Setting("os", take_environment, put_environment),
    "search path": Setting("sys", lambda _: list(sys.path), put_path),
    "recursion limit": Setting("sys", lambda _: sys.getrecursionlimit(), lambda _, limit: sys.setrecursionlimit(limit)),
    "warnings": Setting("warnings", lambda _: list(warnings.filters), put_filters),
    "numpy": Setting("numpy", lambda numpy: (numpy.get_printoptions(), numpy.geterr()), put_numpy),
    "matplotlib": Setting("matplotlib", take_parameters, put_parameters),
    "torch.random": Setting("torch", lambda torch: torch.get_rng_state(), lambda torch, state: torch.set_rng_state(state)),
    "numpy.random": Setting(
        "numpy.random",
        lambda generator: generator.get_state(legacy=False),
        lambda generator, state: generator.set_state(state),
    ),
    "random": Setting("random", lambda _: random.getstate(), lambda _, state: random.setstate(state)),
}


def take() -> dict[str, Any]:
    return {
        name: setting.take(sys.modules[setting.module])
        for name, setting in SETTINGS.items()
        if setting.module in sys.modules
    }


def put(settings: dict[str, Any]) -> list[str]:
    """Sets them, the random generators last; the names of those that could not be set."""
    failed = []
    for name, setting in SETTINGS.items():
        if name not in settings:
            continue
        try:
            __import__(setting.module)
            setting.put(sys.modules[setting.module], settings[name])
        except Exception:
            failed.append(name)
    return failed
