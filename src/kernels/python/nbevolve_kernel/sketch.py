"""Owns: what a namespace holds and where its last exception came from, in a few words for a model. Calls nothing that a
user's class defines, and changes nothing: types and shapes, and values only where they are plain and short.
"""

import linecache
import re
import sys
import types
from typing import Any

from nbevolve_fork.description import HIDDEN, type_name

MOST_NAMES = 300
MOST_VALUES = 6
MOST_CHARACTERS = 60
# Their types say their shape without running code of the user's.
LIBRARIES = {"numpy", "pandas", "polars", "scipy", "torch", "jax", "jaxlib", "tensorflow", "xarray"}
NUMBERS = (bool, int, float, complex)

Names = dict[str, Any]


def sketch(names: Names) -> dict[str, Any]:
    """`names`: pairs of a name and its words, the last 300 of the user's; `fault`: of the last exception."""
    own = [name for name in list(names) if type(name) is str and name[:1] != "_" and name not in HIDDEN]
    pairs = [[name, describe(name, names[name])] for name in own[-MOST_NAMES:] if name in names]
    return {"names": pairs, "fault": last_fault(names)}


def describe(name: str, value: Any) -> str:
    """`f(x, y)`, `class A`, `np: module`, `w: ndarray (40,)`, `xs: list of 3`."""
    if type(value) is types.FunctionType:
        code = value.__code__
        return f"{name}({', '.join(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])})"
    return f"class {name}" if issubclass(type(value), type) else f"{name}: {kind_of(value)}"


def kind_of(value: Any) -> str:
    kind = type(value)
    module, _, name = type_name(value).rpartition(".")
    if kind in (list, tuple, dict, set, frozenset):
        return f"{name} of {len(value)}"
    if module.partition(".")[0] in LIBRARIES:
        return f"{name} {shape_of(value)}".rstrip()
    return name


def shape_of(value: Any) -> str:
    try:
        shape = tuple(value.shape)
    except Exception:
        return ""
    return str(shape) if all(type(size) is int for size in shape) else ""


def short_value(value: Any) -> str | None:
    """A plain value as Python writes it, an array's as a list; None for what is not plain or not short."""
    if type_name(value).startswith("numpy.") and type(getattr(value, "size", None)) is int and value.size <= 8 and value.dtype.kind in "biuf":
        value = value.tolist()
    elif type(value) in (list, tuple) and (len(value) > 8 or any(type(item) not in NUMBERS for item in value)):
        return None
    elif type(value) not in (*NUMBERS, str, list, tuple, type(None)):
        return None
    if type(value) is int and value.bit_length() > 190:
        return None
    text = repr(value[: MOST_CHARACTERS + 1] if type(value) is str else value)
    return text if len(text) <= MOST_CHARACTERS else None


def last_fault(names: Names) -> dict[str, Any] | None:
    """Where the last exception left the user's own code, and what the names in that line held."""
    try:
        place = None
        trace = sys.last_traceback
        while trace is not None:
            place = trace if trace.tb_frame.f_globals is names else place
            trace = trace.tb_next
        if place is None:
            return None
        line = linecache.getline(place.tb_frame.f_code.co_filename, place.tb_lineno).strip()
        return {
            "error": type(sys.last_value).__name__,
            "line": place.tb_lineno,
            "values": values_in(line, {**names, **place.tb_frame.f_locals}),
        }
    except Exception:  # a user's code may have left anything there
        return None


def values_in(line: str, names: Names) -> list[str]:
    bare = re.sub(r"""'[^']*'|"[^"]*"|#.*""", "", line)
    said = []
    for name in dict.fromkeys(re.findall(r"(?<![\w.])[A-Za-z_]\w*", bare)):
        if name not in names or callable(names[name]) or type(names[name]) is types.ModuleType:
            continue
        value, kind = short_value(names[name]), kind_of(names[name])
        words = f"{name}: {kind}" if value is None or " (" in kind else name
        said.append(words if value is None else f"{words} = {value}")
    return said[:MOST_VALUES]
