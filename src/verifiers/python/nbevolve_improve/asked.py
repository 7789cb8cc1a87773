"""Owns: the verifier as a function of genes: what a try costs, the best so far, what was refused and why."""

from __future__ import annotations

import math
import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from nbevolve_verifier.verdict import converted, judged, raised

from .form import Form, Genes

MOST_REASONS = 200


class Spent(Exception):
    """No more tries are left."""


class Asked:
    """Costs are scores signed so that less is better; a refused try costs infinitely much."""

    def __init__(self, verify: Callable[[Any], Any], submission: Any, sign: int, tries: int, seconds: float) -> None:
        self.verify, self.sign, self.most = verify, sign, tries
        self.end = time.monotonic() + seconds
        self.process = os.getpid()
        self.form = Form(submission)
        self.tries = self.valid = 0
        self.seconds = 0.0  # of a processor that the verifier took, which a busy machine does not change
        self.reasons: Counter[str] = Counter()
        self.lists = False
        self.best: Genes = list(self.form.genes)
        verdict = self.verdict(submission)
        if not verdict["valid"] and converted(submission):
            self.lists = True  # as the environment does: the same numbers in lists
            verdict = self.verdict(self.form.build(self.best))
        self.start: float | None = verdict["score"]
        self.best_cost = self.start_cost = math.inf if self.start is None else sign * self.start

    def cost(self, genes: Genes) -> float:
        """@raises Spent when the tries or the time are used up."""
        if self.tries >= self.most or time.monotonic() > self.end:
            raise Spent
        self.tries += 1
        if genes == self.form.genes:  # no change, and so no try of one
            return self.start_cost
        verdict = self.verdict(self.form.build(genes))
        score = verdict["score"]
        if score is None:
            reason = verdict["message"]
            if reason in self.reasons or len(self.reasons) < MOST_REASONS:
                self.reasons[reason] += 1
            return math.inf
        self.valid += 1
        cost = self.sign * float(score)
        if cost < self.best_cost:
            self.best_cost, self.best = cost, [list(gene) if type(gene) is list else gene for gene in genes]
        return cost

    def verdict(self, submission: Any) -> Any:
        began = time.process_time()
        try:
            return judged(self.verify(plain(submission) if self.lists else submission))
        except BaseException as problem:
            return raised(problem)
        finally:
            self.seconds += time.process_time() - began
            if os.getpid() != self.process:
                os._exit(0)  # a fork that came back from verify() does not search as well

    @property
    def left(self) -> int:
        return self.most - self.tries


def plain(value: Any) -> Any:
    """The same numbers without arrays, where the verifier wants lists: the submission itself, or the items of its list."""
    if type(value) is list:
        return [item.tolist() if hasattr(item, "tolist") else item for item in value]
    return value.tolist() if hasattr(value, "tolist") else value
