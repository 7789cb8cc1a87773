"""Owns: how a value becomes a pickle and back, so that it means in another kernel what it meant in this one. Beyond
cloudpickle: functions of the notebook see the notebook's names and share their closures, arrays own their memory, views
stay views of the same array, and large buffers are files of their own. Never decides what is kept.
"""

import functools
import io
import pickle
import sys
import types
from collections.abc import Callable
from typing import Any

import cloudpickle

from nbevolve_thaw.blobs import NewBlobs, StoredBlobs, Writer
from nbevolve_thaw.immutable import NEVER_CHANGE, is_immutable

PROTOCOL = 5
# cloudpickle would make a text in memory of them.
FILES = (io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO)
# Smaller buffers are part of the pickle.
LARGE = 1 << 16


class Present:
    """What is being thawed: reconstructing functions are called by the unpickler and take no other arguments."""

    names: dict[str, Any] = {}
    blobs: StoredBlobs


class StatePickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Pickles values of one kernel into one file. `meet` is called with every object that could be shared."""

    def __init__(self, file: Writer, names: dict[str, Any], blobs: NewBlobs, meet: Callable[[object], None]) -> None:
        super().__init__(file, protocol=PROTOCOL, buffer_callback=self.take_buffer)
        self.names, self.blobs, self.meet = names, blobs, meet
        # In the order in which the unpickler asks for them.
        self.buffers: list[str] = []
        # Named inside of the pickle.
        self.arrays: list[str] = []

    def take_buffer(self, buffer: pickle.PickleBuffer) -> bool:
        """True: in the pickle itself."""
        with buffer.raw() as raw:
            if raw.nbytes < LARGE:
                return True
            self.buffers.append(self.blobs.put(raw))
            return False

    def persistent_id(self, value: Any) -> str | None:
        # Called for every object: what is most frequent comes first.
        if type(value) not in NEVER_CHANGE:
            if value is self.names:
                return "names"
            if not is_immutable(value):
                self.meet(value)
        return None

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        if kind is types.FunctionType and value.__globals__ is self.names:
            return reduce_function(value)
        if kind is types.CellType:
            return reduce_cell(value)
        if kind in FILES:
            raise pickle.PicklingError("a file that is open cannot be kept")
        if kind is CACHED and value.__module__ == "__main__":
            return make_cached, (value.__wrapped__, value.cache_parameters())
        numpy = sys.modules.get("numpy")
        if numpy is not None and kind is numpy.ndarray and not value.dtype.hasobject:
            return self.reduce_array(value)
        return super().reducer_override(value)

    def reduce_array(self, value: Any) -> Any:
        numpy = sys.modules["numpy"]
        root = value
        while type(root.base) is numpy.ndarray:
            root = root.base
        if root is not value and (root.flags.c_contiguous or root.flags.f_contiguous) and not root.dtype.hasobject:
            offset = address(value) - address(root)
            shape = (value.dtype, value.shape, value.strides, value.flags.writeable)
            return view_of, (root, offset, *shape)
        order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
        whole = value if order == "F" else numpy.ascontiguousarray(value)
        data: bytes | str = whole.tobytes(order) if whole.nbytes < LARGE or whole.size == 0 else self.store_array(whole)
        return array_of, (data, value.dtype, value.shape, order, value.flags.writeable)

    def store_array(self, array: Any) -> str:
        name = self.blobs.put(memoryview(raw_bytes(array)))
        self.arrays.append(name)
        return name


class StateUnpickler(pickle.Unpickler):
    def persistent_load(self, what: Any) -> Any:
        if what == "names":
            return Present.names
        raise pickle.UnpicklingError(f"unknown reference {what!r}")


def address(array: Any) -> int:
    where: int = array.__array_interface__["data"][0]
    return where


def raw_bytes(array: Any) -> Any:
    """The memory of a contiguous array as bytes, not copied."""
    return array.ravel(order="K").view(sys.modules["numpy"].uint8)


def reduce_cell(cell: types.CellType) -> Any:
    try:
        return types.CellType, (), (cell.cell_contents,), None, None, fill_cell
    except ValueError:
        return types.CellType, ()


def fill_cell(cell: types.CellType, contents: tuple[Any]) -> None:
    cell.cell_contents = contents[0]


SAVED = ("__defaults__", "__kwdefaults__", "__qualname__", "__module__", "__doc__", "__annotations__", "__type_params__")


def reduce_function(function: types.FunctionType) -> Any:
    state = tuple((name, getattr(function, name)) for name in SAVED if hasattr(function, name))
    made = (function.__code__, function.__name__, function.__closure__)
    return make_function, made, (function.__dict__, state), None, None, finish_function


def make_function(code: types.CodeType, name: str, closure: tuple[types.CellType, ...] | None) -> types.FunctionType:
    return types.FunctionType(code, Present.names, name, None, closure)


def finish_function(function: types.FunctionType, state: tuple[dict[str, Any], tuple[Any, ...]]) -> None:
    own, saved = state
    function.__dict__.update(own)
    for name, value in saved:
        setattr(function, name, value)


CACHED = type(functools.lru_cache(lambda: None))


def make_cached(function: Any, parameters: dict[str, Any]) -> Any:
    """What it remembered is made again when it is asked for."""
    return functools.lru_cache(**parameters)(function)


def array_of(data: bytes | str, dtype: Any, shape: tuple[int, ...], order: str, writeable: bool) -> Any:
    import numpy

    made = numpy.empty(shape, dtype, order)
    if made.nbytes > 0 and made.size > 0:
        into = memoryview(raw_bytes(made))
        if isinstance(data, str):
            Present.blobs.read_into(data, into)
        else:
            into[:] = data
    made.flags.writeable = writeable
    return made


def view_of(root: Any, offset: int, dtype: Any, shape: Any, strides: Any, writeable: bool) -> Any:
    import numpy

    made: Any = numpy.ndarray(shape, dtype, raw_bytes(root), offset, strides)
    if not writeable:
        made.flags.writeable = False
    return made
