"""Owns: the search over what is not continuous: whole numbers, choices, orders and texts, by simulated annealing.

Which moves a task allows is learnt: a move whose tries are refused, or never gain, is drawn seldom. Source of the schedule:
Kirkpatrick, Gelatt and Vecchi 1983; of the reversal and the shifted segment: Croes 1958, Or 1976.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from itertools import accumulate
from typing import Any

from .asked import Asked
from .form import Genes

Rng = random.Random
Move = Callable[["Moves", Genes, Rng], bool]
COOLING = 1e-3
REFRESH = 50
"""Draws after which it is reckoned anew what moves are worth."""
MEMORY = 400
"""Draws of a move after which those so far count half."""
WARMTHS = (1.0, 0.3, 0.1)
"""How warm a walk begins, as shares of what a move typically costs."""
MOST_IDLE = 10_000
MOST_VALUES = 10_000


class Moves:
    """Each move changes the genes in place, which are a copy; it gives False where it has nothing to change."""

    def __init__(self, asked: Asked) -> None:
        self.form = asked.form
        self.pools = {at: pool(asked.best[at]) for at in self.form.sequences}
        self.scale = statistics.pstdev([asked.best[at] for at in self.form.floats] or [0.0]) or 1.0
        moves: list[Move] = []
        if self.form.sequences:
            moves += [exchange, rotate, reverse, shift, put, swap_values]
            if any(at not in self.form.fixed for at in self.form.sequences):
                moves += [insert, remove]
            if len(self.form.sequences) > 1:
                moves += [exchange_rows, across, over]
        if self.form.wholes:
            moves += [step, leap]
        if self.form.floats:
            moves += [nudge]
        self.all = moves
        self.drawn, self.gains, self.idle, self.bests = ([0.0] * len(moves) for _ in range(4))
        self.odds: list[float] = []
        self.asks = 0

    def draw(self, rng: Rng) -> int:
        """The number of a move, the likelier the more often it gained lately; seldom one that is refused or changes nothing."""
        if self.asks % REFRESH == 0:
            worth = [(1 + gains) / (4 + drawn) for gains, drawn in zip(self.gains, self.drawn, strict=True)]
            least = 0.1 * max(worth)
            useless = [drawn >= 20 and idle > 0.97 * drawn for idle, drawn in zip(self.idle, self.drawn, strict=True)]
            self.odds = list(accumulate(max(one, least) * (0.02 if bad else 1) for one, bad in zip(worth, useless, strict=True)))
        self.asks += 1
        return rng.choices(range(len(self.all)), cum_weights=self.odds)[0]

    def change(self, genes: Genes, rng: Rng) -> int | None:
        """Makes a move, sometimes two or three; the number of the last, None where nothing changed."""
        done = None
        for _ in range(rng.choices((1, 2, 3), cum_weights=(75, 94, 100))[0]):
            k = self.draw(rng)
            done = k if self.all[k](self, genes, rng) else done
        return done

    def cost(self, asked: Asked, k: int, genes: Genes, old: float) -> float:
        best = asked.best_cost
        new = asked.cost(genes)
        self.bests[k] += asked.best_cost < best
        self.note(k, genes, new, old)
        return new

    def note(self, k: int, genes: Genes, new: float, old: float) -> None:
        """What a move came to. Old news counts less and less: what gains while all is hot is not what gains in the end."""
        self.drawn[k] += 1
        self.idle[k] += new in (math.inf, old)
        self.gains[k] += new < old
        if self.drawn[k] >= MEMORY:
            for counts in (self.drawn, self.idle, self.gains):
                counts[k] /= 2
        if new < math.inf and self.all[k] in (put, insert):
            for at in self.form.sequences:
                values, known = genes[at], self.pools[at]
                if values and type(values[0]) is int and (max(values) >= known[-1] or min(values) < known[0]):
                    self.pools[at] = pool([*known[:1], *values, known[-1]])

    def two_alike(self, genes: Genes, rng: Rng) -> list[int]:
        """The places of two sequences of the same kind of members; one twice where there is no other."""
        a = rng.choice(self.form.sequences)
        alike = [at for at in self.form.sequences if at != a and self.form.kinds[at] is self.form.kinds[a]]
        return [a, rng.choice(alike) if alike else a]

    def sequence(self, genes: Genes, rng: Rng, least: int = 2) -> tuple[int, list[Any]] | None:
        at = rng.choice(self.form.sequences)
        if len(genes[at]) < least:
            return None
        genes[at] = list(genes[at])
        return at, genes[at]


def pool(values: list[Any]) -> list[Any]:
    """Values that a sequence may take: those that it has, and whole numbers around them; more once those pass."""
    kinds = {type(value) for value in values}
    if kinds != {int}:
        return sorted(set(values)) if kinds == {str} else [False, True]
    low, high = min(values), max(values)
    if high - low > MOST_VALUES:
        return sorted(set(values))
    return list(range(min(low, 0) if low <= 1 else low - 1, high + 2 + (high - low) // 2))


def others(pool: list[Any], values: list[Any]) -> list[Any]:
    """What of the pool may come to the values: where all differ, what is not there yet."""
    there = set(values)
    return [value for value in pool if value not in there] if len(there) == len(values) else pool


def exchange(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """Two members change places."""
    found = moves.sequence(genes, rng)
    if found is None:
        return False
    values = found[1]
    i, j = rng.sample(range(len(values)), 2)
    values[i], values[j] = values[j], values[i]
    return bool(values[i] != values[j])


def reverse(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """A part is turned round."""
    found = moves.sequence(genes, rng, 3)
    if found is None:
        return False
    values = found[1]
    i, j = sorted(rng.sample(range(len(values) + 1), 2))
    values[i:j] = values[i:j][::-1]
    return bool(j - i > 1)


def shift(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """Up to three members go elsewhere, maybe turned round."""
    found = moves.sequence(genes, rng, 3)
    if found is None:
        return False
    values = found[1]
    size = rng.randrange(1, min(4, len(values)))
    i = rng.randrange(len(values) - size + 1)
    part = values[i : i + size]
    del values[i : i + size]
    j = rng.randrange(len(values) + 1)
    values[j:j] = part[::-1] if rng.random() < 0.5 else part
    return i != j


def put(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """A member takes another value."""
    found = moves.sequence(genes, rng)
    return found is not None and put_in(moves, found, rng)


def put_in(moves: Moves, found: tuple[int, list[Any]], rng: Rng) -> bool:
    at, values = found
    choice, i = others(moves.pools[at], values), rng.randrange(len(values))
    ordered = type(values[0]) is int and len(values) > 2 and values == sorted(values)
    new = choice[rng.randrange(len(choice))] if choice else values[i]
    if new == values[i]:
        return False
    values[i] = new
    if ordered:
        values.sort()
    return True


def rotate(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """Three members change places in a circle."""
    found = moves.sequence(genes, rng, 3)
    if found is None:
        return False
    values = found[1]
    i, j, k = rng.sample(range(len(values)), 3)
    values[i], values[j], values[k] = values[j], values[k], values[i]
    return bool(values[i] != values[j] or values[j] != values[k])


def swap_values(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """Two values change places wherever they stand."""
    found = moves.sequence(genes, rng)
    if found is None:
        return False
    at, values = found
    a, b = values[rng.randrange(len(values))], moves.pools[at][rng.randrange(len(moves.pools[at]))]
    values[:] = [b if value == a else a if value == b else value for value in values]
    return bool(a != b)


def insert(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """A value more, one that is not there yet where all differ."""
    found = moves.sequence(genes, rng, 1)
    if found is None or found[0] in moves.form.fixed:
        return False
    at, values = found
    choice, ordered = others(moves.pools[at], values), values == sorted(values)
    if not choice:
        return False
    values.insert(rng.randrange(len(values) + 1), choice[rng.randrange(len(choice))])
    if ordered:
        values.sort()
    return True


def remove(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """A value less."""
    found = moves.sequence(genes, rng, 2)
    if found is None or found[0] in moves.form.fixed:
        return False
    del found[1][rng.randrange(len(found[1]))]
    return True


def exchange_rows(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """Two sequences change places."""
    a, b = moves.two_alike(genes, rng)
    if len(genes[a]) != len(genes[b]) and not moves.form.fixed.isdisjoint((a, b)):
        return False
    genes[a], genes[b] = genes[b], genes[a]
    return bool(genes[a] != genes[b])


def across(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """Members of two sequences change places."""
    a, b = moves.two_alike(genes, rng)
    if not genes[a] or not genes[b]:
        return False
    genes[a], genes[b] = list(genes[a]), list(genes[b])
    i, j = rng.randrange(len(genes[a])), rng.randrange(len(genes[b]))
    genes[a][i], genes[b][j] = genes[b][j], genes[a][i]
    return bool(genes[a][i] != genes[b][j])


def over(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """A member goes over to another sequence."""
    a, b = moves.two_alike(genes, rng)
    if not genes[a] or a in moves.form.fixed or b in moves.form.fixed:
        return False
    genes[a], genes[b] = list(genes[a]), list(genes[b])
    value = genes[a].pop(rng.randrange(len(genes[a])))
    genes[b].insert(rng.randrange(len(genes[b]) + 1), value)
    return True


def step(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """A whole number one up or down; a boolean the other way."""
    at = moves.form.wholes[rng.randrange(len(moves.form.wholes))]
    genes[at] = not genes[at] if type(genes[at]) is bool else genes[at] + rng.choice((-1, 1))
    return True


def leap(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """A whole number far up or down."""
    at = moves.form.wholes[rng.randrange(len(moves.form.wholes))]
    if type(genes[at]) is bool:
        return step(moves, genes, rng)
    size = 1 + abs(genes[at])
    genes[at] += rng.randint(-size, size)
    return True


def nudge(moves: Moves, genes: Genes, rng: Rng) -> bool:
    """A float by a thousandth up to the whole of the spread."""
    at = moves.form.floats[rng.randrange(len(moves.form.floats))]
    genes[at] += rng.gauss(0, 1) * moves.scale * 10 ** rng.uniform(-3, 0)
    return True


WORDS: dict[Move, str] = {
    exchange: "exchanges",
    rotate: "exchanges of three",
    reverse: "reversals",
    shift: "shifted parts",
    put: "other values",
    swap_values: "swapped values",
    insert: "members more",
    remove: "members less",
    exchange_rows: "exchanged rows",
    across: "exchanges between lists",
    over: "members of another list",
    step: "steps",
    leap: "leaps",
    nudge: "nudges",
}
"""What the moves are called where people read them."""


def anneal(asked: Asked, rng: Rng, tries: int) -> list[str]:
    """Spends that many tries in one walk that cools down. Gives the moves that found what is best."""
    moves = Moves(asked)
    begin = asked.tries
    heat = typical_loss(asked, moves, rng, min(200, tries // 10))
    walk(asked, moves, rng, begin + tries, heat * rng.choice(WARMTHS))
    ranked = sorted(range(len(moves.all)), key=lambda k: -moves.bests[k])[:3]
    return [WORDS[moves.all[k]] for k in ranked if moves.bests[k] > 0]


def typical_loss(asked: Asked, moves: Moves, rng: Rng, tries: int) -> float:
    """What a move costs, in the middle of those that are not refused, on a way from the best that takes every one of them."""
    losses, here, cost = [], list(asked.best), asked.best_cost
    for _ in range(tries):
        genes = list(here)
        k = moves.change(genes, rng)
        if k is None:
            continue
        new = moves.cost(asked, k, genes, cost)
        if new < math.inf:
            if new != cost:
                losses.append(abs(new - cost))
            here, cost = genes, new
    return statistics.median(losses) if losses else 0.0


def walk(asked: Asked, moves: Moves, rng: Rng, until: int, heat: float) -> None:
    here, cost, begin, idle = list(asked.best), asked.best_cost, asked.tries, 0
    while asked.tries < until and idle < MOST_IDLE:
        done = (asked.tries - begin) / max(1, until - begin)
        warmth = heat * COOLING ** (done / 0.9) if done < 0.9 else 0.0
        genes = list(here)
        k = moves.change(genes, rng)
        if k is None:
            idle += 1
            continue
        idle, new = 0, moves.cost(asked, k, genes, cost)
        if new <= cost or (warmth > 0 and rng.random() < math.exp(min(0.0, (cost - new) / warmth))):
            here, cost = genes, new
        elif done >= 0.9 and cost > asked.best_cost:
            here, cost = list(asked.best), asked.best_cost
