"""Owns: the form in which a value leaves a kernel as data, and how it becomes a value again in the judge.
Never calls a method that a value's own class defines, and never unpickles.

JSON that Node can parse and write again without changing a bit, with tagged objects for what would not survive:

    {"$float": "nan" | "inf" | "-inf" | "1.0"}   also floats with an integral value: JSON would make them integers,
                                                  and -0.0, 1e+22
    {"$int": "9007199254740993" | "-0x1f..."}     beyond 2**53; hexadecimal from 2048 bits on
    {"$complex": [re, im]}
    {"$array": {"dtype": "<f8", "shape": [2, 3], "npy": base64 of a .npy file}}

A key of a dict that begins with "$" is written with one more: {"$x": 1} is {"$$x": 1}. Tuples become lists; numpy's
scalars become Python's; subclasses become their base type.
"""

import base64
import io
import json
import re
import sys
from typing import Any

MAX_BYTES = 64 << 20
MAX_DEPTH = 100
EXACT_INT = 2**53
DECIMAL_BITS = 2048  # 617 digits: below every limit that Python can set on int <-> str

Path = tuple["Path", object] | str
"""Where a value is: its container's path and the key or index in it; only turned into words for an error."""


def encode(value: object, name: str = "submission", max_bytes: int = MAX_BYTES) -> str:
    """ASCII JSON for a value.

    @raises TypeError for what is not data, naming the path and the type; ValueError when it is too large, too deep,
    contains itself, or changes while it is read.
    """
    writer = _Writer(name, max_bytes)
    text = json.dumps(writer.write(value, name), allow_nan=False, separators=(",", ":"))
    writer.spend(len(text) - writer.spent)
    return text


class _Writer:
    """One value being read: what it may still cost, and the containers that are open."""

    def __init__(self, name: str, max_bytes: int) -> None:
        self.name = name
        self.max_bytes = max_bytes
        self.spent = 0
        self.open: set[int] = set()

    def spend(self, characters: int) -> None:
        self.spent += characters
        if self.spent > self.max_bytes:
            raise ValueError(f"{self.name} is larger than {self.max_bytes / (1 << 20):g} MB")

    def write(self, value: Any, path: Path) -> Any:
        """The value as exact base types that `json` writes as they are. `type()` cannot be lied to; isinstance can."""
        kind = type(value)
        self.spend(2)
        if value is None or kind is bool:
            return value
        if issubclass(kind, float):
            return write_float(float.__float__(value))
        if issubclass(kind, int):
            return write_int(int.__int__(value))
        if issubclass(kind, str):
            return self.write_text(value)
        if issubclass(kind, complex):
            return write_complex(complex.__pos__(value))
        if issubclass(kind, (list, tuple, dict)):
            return self.write_container(value, path)
        return self.write_numpy(value, path)

    def write_text(self, value: Any) -> str:
        text = str.__str__(value)
        self.spend(len(text))
        return text

    def write_container(self, value: Any, path: Path) -> Any:
        if id(value) in self.open:
            raise ValueError(f"{words(path)} contains itself")
        if len(self.open) >= MAX_DEPTH:
            raise ValueError(f"{self.name} is nested more than {MAX_DEPTH} deep")
        self.open.add(id(value))
        try:
            if issubclass(type(value), dict):
                return dict(self.write_item(key, item, path) for key, item in items(value, path))
            base = list if issubclass(type(value), list) else tuple
            snapshot = base.__getitem__(value, slice(None))
            return [self.write(item, (path, index)) for index, item in enumerate(snapshot)]
        finally:
            self.open.discard(id(value))

    def write_item(self, key: object, item: object, path: Path) -> tuple[str, Any]:
        if not issubclass(type(key), str):
            raise TypeError(f"{words(path)} has a key that is a {type_name(key)}: keys must be strings")
        text = self.write_text(key)
        return ("$" + text if text.startswith("$") else text), self.write(item, (path, text))

    def write_numpy(self, value: Any, path: Path) -> Any:
        """An array or scalar of numpy; it is not imported for this, since such a value would have done so."""
        np = sys.modules.get("numpy")
        if np is None or not issubclass(type(value), (np.ndarray, np.generic)):
            raise TypeError(
                f"{words(path)} is a {type_name(value)}, not data "
                "(numbers, strings, booleans, None, lists, tuples, dicts and numpy arrays are)"
            )
        masked = sys.modules.get("numpy.ma")
        if masked is not None and issubclass(type(value), masked.MaskedArray):
            raise TypeError(f"{words(path)} is a masked array: give its data and its mask by themselves")
        array = np.array(np.ndarray.view(value, np.ndarray) if issubclass(type(value), np.ndarray) else value, order="C")
        if array.dtype.kind not in "biufc":
            raise TypeError(f"{words(path)} is an array of {array.dtype}, not of numbers or booleans")
        if issubclass(type(value), np.generic):
            scalar = array.item()
            if type(scalar) in (bool, int, float, complex):
                return self.write(scalar, path)
        return self.write_array(np, array)

    def write_array(self, np: Any, array: Any) -> Any:
        self.spend(array.nbytes * 4 // 3)
        file = io.BytesIO()
        np.lib.format.write_array(file, array, allow_pickle=False)
        npy = base64.b64encode(file.getvalue()).decode()
        return {"$array": {"dtype": array.dtype.str, "shape": list(array.shape), "npy": npy}}


def write_float(value: float) -> Any:
    plain = value - value == 0 and not value.is_integer()
    return value if plain else {"$float": float.__repr__(value)}


def write_int(value: int) -> Any:
    if -EXACT_INT <= value <= EXACT_INT:
        return value
    return {"$int": str(value) if value.bit_length() <= DECIMAL_BITS else hex(value)}


def write_complex(value: complex) -> Any:
    return {"$complex": [write_float(value.real), write_float(value.imag)]}


def items(value: Any, path: Path) -> list[tuple[object, object]]:
    try:
        return list(dict.items(value))
    except RuntimeError:
        raise ValueError(f"{words(path)} changes while it is read") from None


def type_name(value: object) -> str:
    """The class's own name, even where a metaclass says something else."""
    name: str = type.__dict__["__name__"].__get__(type(value))
    return name[:60]


def words(path: Path) -> str:
    """`submission["radii"][3]`; long keys and long ways are cut."""
    keys: list[str] = []
    while not isinstance(path, str):
        path, key = path
        keys.append(f"[{json.dumps(key) if len(str(key)) <= 40 else json.dumps(str(key)[:40] + '...')}]")
    shown = keys[::-1] if len(keys) <= 8 else [*keys[:-5:-1], "...", *keys[3::-1]]
    return path + "".join(shown)


def decode(text: str) -> Any:
    """The value again: plain Python, and real arrays.

    @raises ValueError for text that is not a submission.
    """
    try:
        return json.loads(text, object_hook=read_object, parse_constant=refuse, parse_int=read_number)
    except RecursionError:
        raise ValueError("the submission is nested too deep") from None


def refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def read_number(digits: str) -> int | float:
    """JavaScript writes large doubles without a point; an integer of that size would have its tag."""
    value = float(digits)
    if value - value != 0:
        raise ValueError("a number is too large for a double")
    return int(digits) if -EXACT_INT <= value <= EXACT_INT else value


def read_object(value: dict[str, Any]) -> Any:
    tagged = next((key for key in value if key[:1] == "$" and key[:2] != "$$"), None)
    if tagged is None:
        return {(key[1:] if key[:1] == "$" else key): item for key, item in value.items()}
    read = TAGS.get(tagged)
    if read is None or len(value) != 1:
        raise ValueError(f"an object with the keys {sorted(value)[:3]} is not a submission's")
    try:
        return read(value[tagged])
    except Exception as problem:  # numpy's reader of headers has many: SyntaxError, TokenError, EOFError, ...
        raise ValueError(f"malformed {tagged}: {problem}") from None


def read_float(text: Any) -> float:
    value = float(text)
    if float.__repr__(value) != text:
        raise ValueError("not as Python writes it")
    return value


def read_int(text: Any) -> int:
    if not re.fullmatch(r"-?(0x[0-9a-f]+|[1-9][0-9]{0,616})", text):
        raise ValueError("not an integer")
    return int(text, 0)


def read_complex(parts: Any) -> complex:
    real, imaginary = parts
    if not {type(real), type(imaginary)} <= {int, float}:
        raise ValueError("not two numbers")
    return complex(real, imaginary)


def read_array(parts: Any) -> Any:
    import numpy as np

    raw = base64.b64decode(parts["npy"], validate=True)
    array = np.lib.format.read_array(io.BytesIO(raw), allow_pickle=False)
    if array.dtype.kind not in "biufc" or array.dtype.str != parts["dtype"] or list(array.shape) != parts["shape"]:
        raise ValueError("dtype or shape differ from the data's")
    return array


TAGS = {"$float": read_float, "$int": read_int, "$complex": read_complex, "$array": read_array}
