"""Owns: which variables hold parts that others hold too: they have to be kept together. Never looks into a value."""


class Sharing:
    """Variables are numbers here; `meet` takes each value that the present one holds."""

    def __init__(self) -> None:
        self.present = -1
        self.parents: list[int] = []
        self.holders: dict[int, int] = {}

    def begin(self) -> int:
        self.present = len(self.parents)
        self.parents.append(self.present)
        return self.present

    def meet(self, value: object) -> None:
        holder = self.holders.setdefault(id(value), self.present)
        if holder != self.present:
            self.parents[self.root(holder)] = self.root(self.present)

    def root(self, number: int) -> int:
        while self.parents[number] != number:
            self.parents[number] = self.parents[self.parents[number]]
            number = self.parents[number]
        return number

    def groups(self) -> list[list[int]]:
        found: dict[int, list[int]] = {}
        for number in range(len(self.parents)):
            found.setdefault(self.root(number), []).append(number)
        return list(found.values())
