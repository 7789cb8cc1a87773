"""Owns: what a verifier's answer, or its exception, means. Never runs the verifier, and never quotes its source:
the model may read every message.
"""

import math
import sys
from types import TracebackType
from typing import Any, TypedDict

FILENAME = "<verifier>"
MAX_MESSAGE = 4000
MAX_METRICS = 200
PARTS: list[dict[str, Any]] = []
"""Which lines of the verifier that this process judges with are of which cell, in order: from its line `from` on they
are of the cell `of`, from that cell's own `line` on. Empty: all are the verifier's."""


class Verdict(TypedDict):
    valid: bool
    score: float | None
    """In the task's own direction; None exactly when invalid."""
    metrics: dict[str, float]
    message: str


def invalid(message: str, metrics: dict[str, float] | None = None) -> Verdict:
    return {"valid": False, "score": None, "metrics": metrics or {}, "message": message}


def judged(result: Any) -> Verdict:
    """The verdict in what `verify` returned: a number, or a dict with `score`, `valid`, `message` and metrics."""
    if not issubclass(type(result), dict):
        return scored(result, {}, "")
    answer = dict(dict.items(result))
    valid, said = answer.pop("valid", True), answer.pop("message", "")
    absent = "score" not in answer
    score = answer.pop("score", None)
    metrics, remarks = measured(answer)
    if not issubclass(type(said), str):
        remarks.append(f'its "message" is {described(said)}, not a str: left out')
        said = ""
    message = "\n".join([clipped(str.__str__(said)), *remarks]).strip("\n")
    if type(valid).__name__ not in ("bool", "bool_"):
        return invalid(f'verify() returned {described(valid)} as "valid": it has to be True or False', metrics)
    if not valid:
        return invalid(message or "the verifier rejects the submission", metrics)
    if absent:
        return invalid('verify() returned a dict without "score"', metrics)
    return scored(score, metrics, message)


def scored(score: Any, metrics: dict[str, float], message: str) -> Verdict:
    value = number(score)
    if value is None:
        problem = f"verify() returned {described(score)} as the score: it has to be a finite number"
        return invalid("\n".join(filter(None, [problem, message])), metrics)
    return {"valid": True, "score": value, "metrics": {**metrics, "score": value}, "message": message}


def measured(answer: dict[Any, Any]) -> tuple[dict[str, float], list[str]]:
    """The metrics that are finite numbers, and a remark on each that is not."""
    nested: Any = answer.get("metrics")
    if issubclass(type(nested), dict):
        answer = {**{key: value for key, value in answer.items() if key != "metrics"}, **dict(dict.items(nested))}
    metrics: dict[str, float] = {}
    remarks: list[str] = []
    for name, value in answer.items():
        plain = number(value)
        if not issubclass(type(name), str):
            remarks.append(f"a metric's name is {described(name)}, not a str: left out")
        elif plain is None:
            remarks.append(f'the metric "{str.__str__(name)[:60]}" is {described(value)}, not a finite number: left out')
        elif len(metrics) < MAX_METRICS:
            metrics[str.__str__(name)[:60]] = plain
    if len(answer) > MAX_METRICS:
        remarks.append(f"only the first {MAX_METRICS} metrics are kept")
    metrics.pop("score", None)
    return metrics, remarks[:20]


def number(value: Any) -> float | None:
    """A finite number as exactly a float; None for anything else, booleans included."""
    kind = type(value)
    if kind is bool:
        return None
    try:
        if issubclass(kind, float):
            plain = float.__float__(value)
        elif issubclass(kind, int):
            plain = float(int.__int__(value))
        elif is_numpy_real(kind):
            plain = float(value)
        else:
            return None
    except OverflowError:
        return None
    return plain if math.isfinite(plain) else None


def is_numpy_real(kind: type) -> bool:
    np = sys.modules.get("numpy")
    return np is not None and issubclass(kind, (np.floating, np.integer)) and not issubclass(kind, np.timedelta64)


def described(value: Any) -> str:
    """What a value is, in a few words that never take long to make."""
    kind = type(value)
    if value is None:
        return "None"
    if kind in (bool, float, complex):
        return f"{value!r} (a {kind.__name__})"
    if kind is str:
        return f"{value[:40]!r} (a str)"
    if kind is int:
        return f"{value} (an int)" if value.bit_length() <= 64 else f"an int of {value.bit_length()} bits"
    if is_array(value):
        return f"an array of shape {value.shape}"
    return f"{value} (a {kind.__name__})" if is_numpy_real(kind) else f"a {kind.__name__}"


def raised(problem: BaseException, remark: str = "") -> Verdict:
    """The exception's name, its own words, and the line within its cell; then the remark."""
    name, line = type(problem).__name__, line_of(problem)
    said = problem.msg if isinstance(problem, SyntaxError) else words(problem)
    where = " (line {} of the {})".format(*place_of(line)) if line else ""
    return invalid(clipped(f"{name}: {said}" if said else name) + where + remark)


def converted(submission: Any) -> str:
    """What makes lists of an array where a verifier may want those: the commonest reason why a right answer is rejected.
    Empty where there is no array, in the submission or among its first items."""
    if is_array(submission):
        return f"; the submission is {described(submission)}: `.tolist()` makes a list of it"
    items = submission[:100] if type(submission) is list else []
    for at, item in enumerate(items):
        if is_array(item):
            return f"; item {at} is {described(item)}: `.tolist()` makes a list of it"
    return ""


def is_array(value: Any) -> bool:
    kind = type(value)
    return bool(kind.__module__ == "numpy" and kind.__name__ == "ndarray")


def words(problem: BaseException) -> str:
    try:
        return str(problem)
    except BaseException as another:
        return f"(its message cannot be had: {type(another).__name__})"


def line_of(problem: BaseException) -> int | None:
    """The innermost line of the verifier's own source that was running."""
    line = problem.lineno if isinstance(problem, SyntaxError) and problem.filename == FILENAME else None
    step: TracebackType | None = problem.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == FILENAME:
            line = step.tb_lineno
        step = step.tb_next
    return line


def place_of(line: int) -> tuple[int, str]:
    """The line as its cell counts it, and what the cell is called."""
    for part in reversed(PARTS):
        if part["from"] <= line:
            return line - part["from"] + part["line"], part["of"]
    return line, "verifier"


def clipped(message: str) -> str:
    more = len(message) - MAX_MESSAGE
    return message if more <= 0 else f"{message[:MAX_MESSAGE]}... ({more} more characters)"
