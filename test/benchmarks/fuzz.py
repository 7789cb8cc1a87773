"""Owns: random submissions, by the thousand, through the judge's own code in one process: every verdict is well formed,
in time, and no record; nothing is left behind.
"""

import gc
import json
import math
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import hostile
import numpy as np
from hostile import Task, copied, leaves, mapped, plain

HANG_S = 30.0
"""Wall clock: nothing takes a second of processor time, and the machine may be busy."""

Change = Callable[[Any, random.Random], Any]

ODD: list[Any] = [
    *(value for _, value in hostile.LEAVES),
    *(1e-161, 5e-324, 1e-300, 1e300, 1.7e308, -0.0, 0.0, 1.0, -1.0, 1e-9, 2**53 + 1, 2**64, 2**199, -1, 0, 1, 0.1, math.pi),
    *("", [], {}, (), [[]], [1, 2, 3], "nan", {"$float": "nan"}, object(), lambda: 0, np.zeros(3), np.float32(0.1)),
]


def fuzz(name: str, count: int, seed: int) -> dict[str, Any]:
    """What came of `count` submissions. `faults` is empty when all is well."""
    task, rng = hostile.TASKS[name], random.Random(f"{name} {seed}")
    report: dict[str, Any] = {"valid": 0, "refused": 0, "unreadable": 0, "slowest": 0.0, "faults": []}
    for _ in range(min(count, 10)):  # what is loaded once is loaded before anything is measured
        judge_one(task, rng, report)
    before = resources()
    for _ in range(count - min(count, 10)):
        judge_one(task, rng, report)
    after = resources()
    report["left"] = {what: after[what] - before[what] for what in before}
    return report


def judge_one(task: Task, rng: random.Random, report: dict[str, Any]) -> None:
    submission = made(task, rng)
    text, way = None, rng.random()
    if way < 0.8:
        try:
            text = corrupted(hostile.encode(submission), rng)
        except (TypeError, ValueError):
            pass
    started = time.process_time()
    signal.setitimer(signal.ITIMER_REAL, HANG_S)
    try:
        verdict = hostile.judgement(task.source, text) if text is not None else hostile.verdict_on_object(task, submission)
    except BaseException as problem:
        report["faults"].append(f"{type(problem).__name__} came out of the judge: {problem}")
        return
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    report["slowest"] = max(report["slowest"], time.process_time() - started)
    problem = malformed(task, verdict)
    if problem:
        report["faults"].append(f"{problem}; of {str(text or submission)[:200]}")
    kind = "valid" if verdict["valid"] else "unreadable" if "cannot be read" in verdict["message"] else "refused"
    report[kind] += 1


def malformed(task: Task, verdict: hostile.Verdict) -> str:
    try:
        json.dumps(verdict, allow_nan=False)
    except (ValueError, TypeError) as problem:
        return f"not JSON: {problem}"
    score = verdict["score"]
    if verdict["valid"] != (score is not None):
        return "valid without a score, or the other way round"
    if "TimeoutError" in verdict["message"]:
        return "a hang"
    if re_internal(verdict["message"]):
        return f"no reason but an error of the verifier's own: {verdict['message']}"
    return f"a record out of nothing: {score!r}" if score is not None and task.better(score, task.best_known) else ""


def re_internal(message: str) -> bool:
    """A refusal is a ValueError with words; other exceptions are accidents."""
    accidents = ("TypeError", "AttributeError", "IndexError", "KeyError", "ZeroDivisionError", "OverflowError", "RecursionError", "MemoryError", "AssertionError")
    return message.startswith(accidents)


def made(task: Task, rng: random.Random) -> Any:
    """The founder after one to four changes."""
    submission = copied(task.founder)
    for _ in range(rng.randrange(1, 5)):
        try:
            submission = rng.choice(CHANGES)(submission, rng)
        except Exception:
            continue  # no change of this kind can be made any more
    return submission


def replaced(value: Any, rng: random.Random) -> Any:
    *way, last = rng.choice(list(leaves(value)))
    at = value
    for key in way:
        at = at[key]
    at[last] = rng.choice(ODD)
    return value


def nudged(value: Any, rng: random.Random) -> Any:
    rate = rng.choice([0.02, 0.5, 1.0])
    step = rng.choice([1e-16, 1e-12, 1e-9, 1e-7, 1e-3, 1.0])
    return mapped(value, lambda x: x + rng.gauss(0, step) if type(x) is float and rng.random() < rate else x)


def integers_nudged(value: Any, rng: random.Random) -> Any:
    return mapped(value, lambda x: x + rng.choice([-1, 1, 2**60]) if type(x) is int and rng.random() < 0.02 else x)


def scaled(value: Any, rng: random.Random) -> Any:
    factor = rng.choice([0.5, 2.0, 0.999999999, 1.000000001, 1e-161, 1e-300, 1e150, -1.0, 10.0, math.nan])
    return mapped(value, lambda x: x * factor)


def rows(value: Any, rng: random.Random) -> Any:
    i, j = rng.randrange(len(value)), rng.randrange(len(value))
    way = rng.randrange(5)
    if way == 0:
        value[i] = value[j]
    elif way == 1:
        del value[i]
    elif way == 2:
        value.insert(i, value[j])
    elif way == 3:
        rng.shuffle(value)
    else:
        value[i], value[j] = value[j], value[i]
    return value


def shaped(value: Any, rng: random.Random) -> Any:
    odd: list[Change] = [
        lambda v, _: np.array(plain(v)),
        lambda v, _: np.array(plain(v)).T,
        lambda v, _: np.array(plain(v), dtype=rng.choice(["f4", "f2", "c16", "i8", "?", ">f8", "O", "U9", "u1"])),
        lambda v, _: np.array(plain(v)).ravel(),
        lambda v, _: [v],
        lambda v, _: v[0],
        lambda v, _: {"submission": v, "score": 1e9},
        lambda v, _: tuple(map(tuple, v)),
        lambda v, _: [v[0]] * rng.choice([0, 1, 1000, 100_000]),
        lambda v, _: rng.choice(ODD),
        lambda v, _: deep(rng.choice([50, 99, 500])),
        lambda v, _: str(v),
        lambda v, _: hostile.SlyList(v),
        lambda v, _: hostile.Shifting(v),
    ]
    return rng.choice(odd)(value, rng)


def deep(depth: int) -> Any:
    value: Any = 0.5
    for _ in range(depth):
        value = [value]
    return value


CHANGES: list[Change] = [replaced, nudged, nudged, integers_nudged, scaled, rows, rows, shaped]


def corrupted(text: str, rng: random.Random) -> str:
    """The text as it is, or with something in it that no encoder writes."""
    if rng.random() < 0.85:
        return text
    at = rng.randrange(len(text) + 1)
    piece = rng.choice(["", "NaN", "]", "[", '"', ",", "1e999", "-", "\\u0000", "{", '{"$array":{}}', '{"$int":"9"}', "9" * 400, "\ud800"])
    return text[:at] + piece + text[at + rng.randrange(4) :]


def resources() -> dict[str, int]:
    gc.collect()
    return {"objects": len(gc.get_objects()), "threads": threading.active_count(), "files": files(), "kilobytes": memory()}


def files() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def memory() -> int:
    if not os.path.exists("/proc/self/statm"):
        return 0
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def alarm(*_: object) -> None:
    raise TimeoutError("a hang")


signal.signal(signal.SIGALRM, alarm)
sys.setrecursionlimit(1000)
