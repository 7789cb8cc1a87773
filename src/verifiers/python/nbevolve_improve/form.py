"""Owns: a submission as genes that can be changed, and a submission again. Never changes what it was made from.

A gene is a number, or a sequence: a list of whole numbers, of booleans or of texts. Everything else stays as it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

EXACT_INT = 2**53

Genes = list[Any]


class Form:
    """`genes` of the submission that it was made from; `build(genes)` gives a submission of the same form, new each time."""

    def __init__(self, submission: Any) -> None:
        self.genes: Genes = []
        self.floats: list[int] = []  # places of genes that are floats
        self.wholes: list[int] = []  # of whole numbers and booleans by themselves
        self.sequences: list[int] = []
        self.kinds: dict[int, type] = {}  # of their members
        self.fixed: set[int] = set()  # sequences whose length is given by an array's shape
        self.groups: list[list[int]] = []  # floats that stand in one list
        self.template = self.read(submission)

    def read(self, value: Any) -> Any:
        kind = type(value)
        if kind is bool or (kind is int and abs(value) <= EXACT_INT):
            return self.gene(value, self.wholes)
        if kind is float and np.isfinite(value):
            return self.gene(value, self.floats)
        if kind is np.ndarray and value.dtype.kind in "biuf" and value.ndim > 0 and np.isfinite(value).all():
            before = len(self.sequences)
            parts = self.read(value.tolist())
            self.fixed.update(self.sequences[before:])
            return ("array", value.dtype, value.shape, parts)
        if kind is list:
            return self.read_list(value)
        if kind is dict:
            return ("dict", {key: self.read(item) for key, item in value.items()})
        return ("constant", value)

    def read_list(self, value: list[Any]) -> Any:
        kinds = {type(item) for item in value}
        exact = all(abs(item) <= EXACT_INT for item in value) if kinds == {int} else True
        if len(value) >= 2 and kinds in ({int}, {bool}, {str}) and exact:
            self.kinds[len(self.genes)] = type(value[0])
            return self.gene(list(value), self.sequences)
        parts = [self.read(item) for item in value]
        places = [part for part in parts if type(part) is int and type(self.genes[part]) is float]
        if len(places) >= 2:
            self.groups.append(places)
        return ("list", parts)

    def gene(self, value: Any, places: list[int]) -> int:
        places.append(len(self.genes))
        self.genes.append(value)
        return len(self.genes) - 1

    def build(self, genes: Genes) -> Any:
        return self.fill(self.template, genes)

    def fill(self, part: Any, genes: Genes) -> Any:
        if type(part) is int:
            gene = genes[part]
            return list(gene) if type(gene) is list else gene
        kind = part[0]
        if kind == "list":
            return [self.fill(item, genes) for item in part[1]]
        if kind == "dict":
            return {key: self.fill(item, genes) for key, item in part[1].items()}
        if kind == "array":
            return np.array(self.fill(part[3], genes), dtype=part[1]).reshape(part[2])
        return part[1]
