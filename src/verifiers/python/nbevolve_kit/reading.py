"""Owns: turning what was submitted into exact numbers, read once. Calls no method that a value's own class could
define, and refuses whatever is not plainly a finite number of the range asked for.
"""

import sys
from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from typing import Any

Number = int | float


def read_rows(
    submission: object, count: int, names: Sequence[str], low: Number, high: Number, thing: str = "row"
) -> tuple[tuple[Fraction, ...], ...]:
    """`count` rows of numbers between `low` and `high`, exactly as they were submitted.

    `names` are the numbers of a row, `thing` what a row is: "r of circle 3 is nan". @raises ValueError with the reason.
    """
    form = f"{count} rows [{', '.join(names)}] or a {count} x {len(names)} array"
    rows = plain_list(submission, "the submission", form)
    if len(rows) != count:
        raise ValueError(f"{len(rows)} rows; {count} {thing}s [{', '.join(names)}] are asked for")
    return tuple(_read_row(row, k, names, low, high, thing) for k, row in enumerate(rows))


def _read_row(
    row: object, k: int, names: Sequence[str], low: Number, high: Number, thing: str
) -> tuple[Fraction, ...]:
    numbers = plain_list(row, f"row {k}", f"[{', '.join(names)}]")
    if len(numbers) != len(names):
        raise ValueError(f"row {k} has {len(numbers)} numbers, not the {len(names)} of a {thing}: {', '.join(names)}")
    where = [f"{name} of {thing} {k}" for name in names]
    return tuple(read_number(value, at, low, high) for value, at in zip(numbers, where))


def read_vector(
    submission: object, shortest: int, longest: int, low: Number, high: Number, thing: str = "number"
) -> tuple[Fraction, ...]:
    """Between `shortest` and `longest` numbers from `low` to `high`. @raises ValueError with the reason."""
    numbers = plain_list(submission, "the submission", f"a list of {thing}s")
    if not shortest <= len(numbers) <= longest:
        asked = str(shortest) if shortest == longest else f"{shortest} to {longest}"
        raise ValueError(f"{len(numbers)} {thing}s; {asked} are asked for")
    return tuple(read_number(value, f"{thing} {k}", low, high) for k, value in enumerate(numbers))


def read_integers(
    submission: object, most: int, width: int, largest: int, thing: str = "vector"
) -> tuple[tuple[int, ...], ...]:
    """At least one and at most `most` rows of `width` integers, none beyond `largest` in size.

    @raises ValueError with the reason; a float is no integer, even where it is integral.
    """
    rows = plain_list(submission, "the submission", f"a list of rows of {width} integers")
    if not 1 <= len(rows) <= most:
        raise ValueError(f"{len(rows)} {thing}s; at least 1 and at most {most} are possible")
    return tuple(_read_integer_row(row, k, width, largest, thing) for k, row in enumerate(rows))


def _read_integer_row(row: object, k: int, width: int, largest: int, thing: str) -> tuple[int, ...]:
    numbers = plain_list(row, f"{thing} {k}", f"a list of {width} integers")
    if len(numbers) != width:
        raise ValueError(f"{thing} {k} has {len(numbers)} numbers, not {width}")
    for value in numbers:
        if type(value) is not int:
            raise ValueError(f"{thing} {k} contains a {type_name(value)}, not an int")
        if not -largest <= value <= largest:
            raise ValueError(f"{thing} {k} contains an integer of {value.bit_length()} bits, beyond {largest}")
    return tuple(numbers)


def read_field(submission: object, name: str) -> object:
    """What a dict has under `name`. @raises ValueError when it is no dict or has none."""
    if type(submission) is not dict:
        raise ValueError(f'the submission is a {type_name(submission)}; a dict with "{name}" is asked for')
    if name not in submission:
        raise ValueError(f'the submission has no "{name}"')
    return submission[name]


def read_number(value: object, what: str, low: Number, high: Number) -> Fraction:
    """A float or int from `low` to `high`, exactly. @raises ValueError for anything else: nan, True, text, a subclass."""
    number: Any = _numpy_scalar(value)
    if type(number) is not float and type(number) is not int:  # bool is a subclass of int
        raise ValueError(f"{what} is a {type_name(value)}, not a float")
    if type(number) is float and not isfinite(number):
        raise ValueError(f"{what} is {number}, not a finite number")
    if not low <= number <= high:
        shown = f"an integer of {number.bit_length()} bits" if type(number) is int else number
        raise ValueError(f"{what} is {shown}, far outside: {low:g} to {high:g} is possible")
    return Fraction(number)


def plain_list(value: object, what: str, form: str) -> list[Any]:
    """The items of a list, tuple or array, taken at one moment. @raises ValueError for anything else."""
    np: Any = sys.modules.get("numpy")
    array: Any = value
    if np is not None and type(value) is np.ndarray and array.ndim > 0:
        value = array.tolist()
    if type(value) is not list and type(value) is not tuple:
        raise ValueError(f"{what} is a {type_name(value)}; {form} is asked for")
    return list(value)


def type_name(value: object) -> str:
    """The class's own name, even where a metaclass says something else."""
    name: str = type.__dict__["__name__"].__get__(type(value))
    return name[:60]


def _numpy_scalar(value: object) -> object:
    """numpy's own real scalars as Python's; everything else as it is."""
    np: Any = sys.modules.get("numpy")
    if np is None or type(value) not in _real_scalars(np):
        return value
    scalar: Any = value
    return scalar.item()


def _real_scalars(np: Any) -> set[type]:
    return {np.float16, np.float32, np.float64, *(np.dtype(code).type for code in "bhilqBHILQ")}
