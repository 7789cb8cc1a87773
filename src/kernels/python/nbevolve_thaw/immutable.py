"""Owns: which objects cannot change, so that two variables that hold the same one share nothing. In doubt they can."""

import datetime
import decimal
import fractions
import pathlib
import re
import sys
import types
import uuid
from typing import Any

NEVER_CHANGE = frozenset({
    int, float, complex, bool, str, bytes, tuple, frozenset, range, slice, type(None), type(...), type(NotImplemented),
    types.ModuleType, types.BuiltinFunctionType, types.CodeType, types.MethodDescriptorType, types.WrapperDescriptorType,
    datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone, decimal.Decimal,
    fractions.Fraction, uuid.UUID, re.Pattern, pathlib.PosixPath, pathlib.PurePosixPath,
})  # fmt: skip


def is_immutable(value: Any) -> bool:
    kind = type(value)
    if kind in NEVER_CHANGE:
        return True
    if isinstance(value, type) or kind is types.FunctionType:
        # What comes with a module is the module's.
        return value.__module__ != "__main__"
    numpy = sys.modules.get("numpy")
    return numpy is not None and issubclass(kind, (numpy.generic, numpy.dtype, numpy.ufunc))
