"""Owns: the part of a state that is in no name: settings of the process and of the interpreter, of numpy, pandas, matplotlib and
torch, and the random generators that belong to modules. One list, of which each entry is taken, put and described. Only of
modules that are loaded. Never fails for what a user's code can cause: what cannot be had is left out.
"""

import contextvars
import decimal
import gc
import locale
import os
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from nbevolve_fork.description import Description, content, type_name
from nbevolve_kernel import generators, place

with suppress(ImportError):
    import resource  # noqa: F401  (not on Windows)

# A cell's time is limited by it.
OURS = "RLIMIT_CPU"
# Set by the kernel itself, or by Jupyter for each kernel.
KERNELS_VARIABLES = {"parent_header", "shell_parent", "shell_parent_ident", "iopub_parent_header"}
KERNELS_NAMES = {"PWD", "OLDPWD", "JPY_SESSION_NAME", "JPY_PARENT_PID", "JPY_INTERRUPT_EVENT"}
# Described and put by themselves.
KNOWN_VARIABLES = {"decimal_context", "numpy.ufunc.extobj", "format_options"}
# The kernel takes it for itself while a cell runs.
KERNELS_SIGNALS = {signal.SIGINT, getattr(signal, "SIGXCPU", signal.SIGINT)}
LOCALES = [name for name in dir(locale) if name.startswith("LC_") and name != "LC_ALL"]


class Start:
    """What was there before any code of the user's ran."""

    environment: dict[str, str] | None = None
    path: list[Any] = []
    handlers: dict[int, Any] = {}


def remember_start() -> None:
    """Once, before any code of the user's runs."""
    if Start.environment is None:
        Start.environment, Start.path, Start.handlers = dict(os.environ), list(sys.path), handlers()
        generators.remember()


def take_environment(_: Any) -> Any:
    now = {name: value for name, value in os.environ.items() if name not in KERNELS_NAMES}
    before = Start.environment or {}
    changed = {name: place.relative(value) for name, value in now.items() if before.get(name) != value}
    removed = [name for name in before if name not in now and name not in KERNELS_NAMES]
    return {"changed": dict(sorted(changed.items())), "removed": sorted(removed)}


def put_environment(_: Any, wanted: Any) -> None:
    os.environ.update({name: place.absolute(value) for name, value in wanted["changed"].items()})
    for name in wanted["removed"]:
        os.environ.pop(name, None)


def take_path(_: Any) -> list[Any]:
    """What was there from the start is named by its number: it may be elsewhere in another kernel."""
    return [Start.path.index(path) if path in Start.path else place.relative(path) for path in sys.path]


def put_path(_: Any, wanted: list[Any]) -> None:
    sys.path[:] = [Start.path[path] if type(path) is int else place.absolute(path) for path in wanted]


def handlers() -> dict[int, Any]:
    return {number: signal.getsignal(number) for number in signal.valid_signals() - KERNELS_SIGNALS}


def take_signals(_: Any) -> Any:
    changed = {int(number): how for number, how in handlers().items() if how is not Start.handlers.get(number)}
    return {"handlers": changed, "blocked": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, [])))}


def put_signals(_: Any, wanted: Any) -> None:
    for number, handler in wanted["handlers"].items():
        signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, wanted["blocked"])


def describe_signals(taken: Any) -> Any:
    return {**taken, "handlers": {number: name_callable(one) for number, one in taken["handlers"].items()}}


def name_callable(value: Any) -> Any:
    """Whatever a user's code may have put there is not called, and not asked."""
    if value is None or isinstance(value, int):
        return value if value is None else int(value)
    return [type_name(value), str(value.__dict__.get("__qualname__", "")) if type(value) is type else ""]


def take_mask(_: Any) -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def take_zone(_: Any) -> Any:
    return [list(time.tzname), time.timezone, time.altzone]


def put_zone(_: Any, wanted: Any) -> None:
    # The environment was put before.
    if take_zone(None) != wanted:
        time.tzset()
    if take_zone(None) != wanted:
        raise ValueError("the time zone is not what TZ says")


def take_interpreter(_: Any) -> Any:
    stack = threading.stack_size()
    threading.stack_size(stack)  # asking sets it back
    return {
        "recursion": sys.getrecursionlimit(),
        "digits": getattr(sys, "get_int_max_str_digits", lambda: 0)(),
        "switch": round(sys.getswitchinterval() * 1e6),
        "stack": stack,
        "collections": [gc.isenabled(), *gc.get_threshold(), gc.get_debug()],
    }


def put_interpreter(_: Any, wanted: Any) -> None:
    sys.setrecursionlimit(wanted["recursion"])
    getattr(sys, "set_int_max_str_digits", lambda _: None)(wanted["digits"])
    sys.setswitchinterval((wanted["switch"] + 0.5) / 1e6)  # cut off to microseconds
    threading.stack_size(wanted["stack"])
    enabled, *thresholds, debug = wanted["collections"]
    gc.set_threshold(*thresholds)
    gc.set_debug(debug)
    (gc.enable if enabled else gc.disable)()


def take_limits(resource: Any) -> dict[str, Any]:
    names = [name for name in dir(resource) if name.startswith("RLIMIT_") and name != OURS]
    return {name: list(resource.getrlimit(getattr(resource, name))) for name in names}


def put_limits(resource: Any, wanted: dict[str, Any]) -> None:
    for name, limits in wanted.items():
        if list(resource.getrlimit(getattr(resource, name))) != limits:
            resource.setrlimit(getattr(resource, name), tuple(limits))


def take_decimal(_: Any) -> Any:
    now = decimal.getcontext()
    named = [[kind.__name__ for kind, is_set in sorted(one.items(), key=lambda pair: pair[0].__name__) if is_set]
             for one in (now.flags, now.traps)]  # fmt: skip
    return [[now.prec, now.rounding, now.Emin, now.Emax, now.capitals, now.clamp], *named]


def put_decimal(_: Any, wanted: Any) -> None:
    numbers, *named = wanted
    flags, traps = ([getattr(decimal, name) for name in names] for names in named)
    decimal.setcontext(decimal.Context(*numbers, flags=flags, traps=traps))


def users_variables() -> list[tuple[Any, Any]]:
    """Those of the present context that are not the kernel's own."""
    return [pair for pair in contextvars.copy_context().items() if pair[0].name not in KERNELS_VARIABLES]


def take_variables(_: Any) -> Any:
    users = [pair for pair in users_variables() if pair[0].name not in KNOWN_VARIABLES]
    return sorted([variable.name, type_name(value), content(value)] for variable, value in users)


def take_filters(_: Any) -> list[Any]:
    return list(warnings.filters)


def put_filters(_: Any, filters: list[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]


def describe_filters(taken: list[Any]) -> Any:
    def text(one: Any) -> Any:
        return getattr(one, "pattern", one.__name__ if isinstance(one, type) else one)

    return [[text(part) for part in one] for one in taken]


def take_numpy(numpy: Any) -> Any:
    return {"print": numpy.get_printoptions(), "errors": numpy.geterr(), "call": numpy.geterrcall(), "buffer": numpy.getbufsize()}


def put_numpy(numpy: Any, wanted: Any) -> None:
    numpy.set_printoptions(**wanted["print"])
    numpy.seterr(**wanted["errors"])
    numpy.seterrcall(wanted["call"])
    numpy.setbufsize(wanted["buffer"])


def describe_numpy(taken: Any) -> Any:
    formatters = {name: name_callable(one) for name, one in (taken["print"]["formatter"] or {}).items()}
    plain = {**taken, "print": {**taken["print"], "formatter": formatters}, "call": name_callable(taken["call"])}
    usual = {**contextvars.Context().run(take_numpy, sys.modules["numpy"]), "call": None}
    usual["print"] = {**usual["print"], "formatter": {}}
    return {name: value for name, value in plain.items() if value != usual[name]} or None


def take_pandas(pandas: Any) -> Any:
    """Those that are not as pandas sets them."""
    registered = pandas._config.config._registered_options
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        now = {name: pandas.get_option(name) for name in sorted(registered)}
    return {name: value for name, value in now.items() if value != registered[name].defval}


def put_pandas(pandas: Any, wanted: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in wanted.items():
            pandas.set_option(name, value)


def take_parameters(matplotlib: Any) -> dict[str, Any]:
    """Those that are not as matplotlib sets them. The backend belongs to the kernel."""
    usual = matplotlib.rcParamsDefault
    own = {name: value for name, value in dict.items(matplotlib.rcParams) if not name.startswith("backend")}
    return {name: value for name, value in own.items() if value != dict.get(usual, name)}


def put_parameters(matplotlib: Any, parameters: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dict.update(matplotlib.rcParams, parameters)


def describe_parameters(taken: dict[str, Any]) -> Any:
    def plain(value: Any) -> Any:
        return value.by_key() if type_name(value) == "cycler.Cycler" else value

    return {name: [type_name(value), content(plain(value))] for name, value in taken.items()} or None


def describe_torch(state: Any) -> Any:
    usual = sys.modules["torch"].Generator().get_state()
    return None if state.equal(usual) else state.numpy().tobytes()


def take_files(_: Any) -> Any:
    """Those of the workspace. A fork opens them again; otherwise only the cells can."""
    from nbevolve_fork import files

    found = [(place.relative(file.path), file.flags & (os.O_ACCMODE | os.O_APPEND), file.offset) for file in files.open_files(set())]
    return sorted(one for one in found if one[0].startswith(place.HERE))


class Setting(NamedTuple):
    """`module`: it is taken where that is loaded. `put`: None where only the cells that made it can. `describe`: as plain data,
    the same where the module is not loaded as where nothing of it was set.
    """

    module: str
    take: Callable[[Any], Any]
    put: Callable[[Any, Any], None] | None = None
    describe: Callable[[Any], Any] = lambda taken: taken


def put_locale(module: Any, wanted: dict[str, str]) -> None:
    for name, text in wanted.items():
        module.setlocale(getattr(module, name), text)


def put_mask(module: Any, mask: int) -> None:
    module.umask(mask)


# In the order in which they are put. A name reads in a sentence: "the umask differs now".
SETTINGS = {
    "the environment": Setting("os", take_environment, put_environment),
    "the search path": Setting("sys", take_path, put_path),
    "the working directory": Setting("os", lambda _: place.working_directory(), lambda os, folder: os.chdir(place.absolute(folder))),
    "the list of open files": Setting("os", take_files),
    "the umask": Setting("os", take_mask, put_mask),
    "the locale": Setting("locale", lambda module: {name: module.setlocale(getattr(module, name)) for name in LOCALES}, put_locale),
    "the time zone": Setting("time", take_zone, put_zone),
    "the handling of signals": Setting("signal", take_signals, put_signals, describe_signals),
    "the list of limits": Setting("resource", take_limits, put_limits),
    "the time-out of sockets": Setting("socket", lambda socket: socket.getdefaulttimeout(), lambda socket, s: socket.setdefaulttimeout(s)),
    "the list of warnings' filters": Setting("warnings", take_filters, put_filters, describe_filters),
    "the decimal context": Setting("decimal", take_decimal, put_decimal),
    "the list of context variables": Setting("contextvars", take_variables),
    "the configuration of numpy": Setting("numpy", take_numpy, put_numpy, describe_numpy),
    "the configuration of pandas": Setting("pandas", take_pandas, put_pandas, describe_parameters),
    "the configuration of matplotlib": Setting("matplotlib", take_parameters, put_parameters, describe_parameters),
    "the generator of torch": Setting("torch", lambda torch: torch.get_rng_state(), lambda torch, state: torch.set_rng_state(state), describe_torch),
    "the generator of numpy.random": Setting("numpy.random", generators.take_numpy, generators.put_numpy, generators.describe),
    "the generator of random": Setting("random", generators.take_random, generators.put_random, generators.describe),
    "the configuration of the interpreter": Setting("sys", take_interpreter, put_interpreter),
}  # fmt: skip


def take() -> dict[str, Any]:
    """Of every module that is loaded."""
    taken = {}
    for name, setting in SETTINGS.items():
        if setting.module in sys.modules:
            with suppress(Exception):
                taken[name] = setting.take(sys.modules[setting.module])
    return taken


def put(settings: dict[str, Any]) -> list[str]:
    """Sets them; the names of those that could not be set."""
    failed = []
    for name, setting in SETTINGS.items():
        if name not in settings or setting.put is None:
            continue
        try:
            __import__(setting.module)
            setting.put(sys.modules[setting.module], settings[name])
        except Exception:
            failed.append(name)
    return failed


def describe() -> Description:
    """Each setting as a state's description has a name."""
    taken = take()
    described: Description = {}
    for name, setting in SETTINGS.items():
        value = None
        if name in taken:
            with suppress(Exception):
                value = setting.describe(taken[name])
        described[name] = ["setting", content(value)]
    return described


def troubles() -> list[str]:
    """Why another process cannot have these settings, in words."""
    found = []
    try:
        os.getcwd()
    except OSError:
        found.append("the working directory was deleted")
    if any(signal.getitimer(timer)[0] for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)):
        found.append("a timer runs (signal.setitimer or signal.alarm)")
    return found


@contextmanager
def set_aside() -> Iterator[None]:
    """For the time in which the kernel itself is built: settings of the user's under which its own code might not run."""
    mask, depth, seconds = os.umask(0o077), sys.getrecursionlimit(), socket.getdefaulttimeout()
    blocked = signal.pthread_sigmask(signal.SIG_SETMASK, [])
    sys.setrecursionlimit(max(depth, 1_000))
    socket.setdefaulttimeout(None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.umask(mask)
        socket.setdefaulttimeout(seconds)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        sys.setrecursionlimit(depth)
