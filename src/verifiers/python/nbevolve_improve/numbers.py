"""Owns: the search over floats: Nelder-Mead, CMA-ES from the package cma, BFGS, and pattern moves at the end.

Sources: Nelder and Mead 1965 in scipy's adaptive form; Hansen and Ostermeier 2001; Hooke and Jeeves 1961.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
from scipy import optimize

from .asked import Asked
from .repairs import Vector, learn, typical_scale

MOST_FULL = 100
"""Numbers from which CMA-ES learns no correlations: they would take more tries than there are."""


class Numbers:
    """The floats of the best submission as a vector; all else stays as it is there."""

    def __init__(self, asked: Asked, rng: np.random.Generator) -> None:
        self.asked, self.rng = asked, rng
        self.places = asked.form.floats
        self.genes = list(asked.best)
        self.start = self.now()
        numbers = {place: k for k, place in enumerate(self.places)}
        groups = [[numbers[place] for place in group] for group in asked.form.groups]
        self.scale = typical_scale([self.genes[place] for place in self.places], groups)
        self.kept, self.repair = learn(self.start, self.scale, groups, self.raw, rng)

    def now(self) -> Vector:
        return np.array([self.asked.best[place] for place in self.places], dtype=float)

    def raw(self, x: Vector) -> float:
        if not np.isfinite(x).all():
            return math.inf
        for place, value in zip(self.places, x.tolist(), strict=True):
            self.genes[place] = value
        return self.asked.cost(self.genes)

    def cost(self, x: Vector) -> float:
        return self.raw(self.repair(np.asarray(x, dtype=float)))

    def search(self, tries: int) -> list[str]:
        """Spends that many tries; gives what gained."""
        asked, gained = self.asked, []
        stop = asked.tries + tries
        ways = [("Nelder-Mead", lambda: self.simplex(0.1, asked.tries + (stop - asked.tries) // 8))]
        if len(self.start) > 1:
            ways.append(("CMA-ES", lambda: self.evolve(asked.tries + 3 * (stop - asked.tries) // 4)))
        ways.append(("a quasi-Newton method", lambda: self.slopes(asked.tries + (stop - asked.tries) // 2)))
        ways.append(("Nelder-Mead", lambda: self.simplex(1e-3, asked.tries + (stop - asked.tries) // 2)))
        ways.append(("pattern moves", lambda: self.pattern(stop)))
        for name, way in ways:
            before = asked.best_cost
            way()
            if asked.best_cost < before and name not in gained:
                gained.append(name)
        return gained

    def simplex(self, size: float, until: int) -> None:
        """Nelder-Mead from the best, again and again while it gains."""
        asked = self.asked
        while asked.tries < until:
            before, x = asked.best_cost, self.now()
            corners = np.vstack([x, x + size * np.diag(self.scale)])
            options = {"initial_simplex": corners, "maxfev": until - asked.tries, "xatol": 0.0, "fatol": 0.0, "adaptive": len(x) > 4}
            options["maxiter"] = 200 * len(x)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # infinite costs are subtracted from each other
                optimize.minimize(self.cost, x, method="Nelder-Mead", options=options)
            if not asked.best_cost < before - 1e-13 * abs(before):
                break
            size = max(size / 10, 1e-7)

    def slopes(self, until: int) -> None:
        """BFGS on slopes by central differences, again from the best while it gains: for what is smooth and badly scaled."""
        asked, most = self.asked, 1e6 * (1 + abs(self.asked.best_cost))
        while asked.tries < until:
            before, x = asked.best_cost, self.now()

            def scaled(u: Vector, x: Vector = x) -> float:
                if asked.tries >= until:
                    return most
                return min(self.cost(x + self.scale * u), most)

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                options = {"gtol": 0.0, "maxiter": max(1, (until - asked.tries) // (2 * len(x) + 1))}
                optimize.minimize(scaled, np.zeros(len(x)), method="BFGS", jac="3-point", options=options)
            if not asked.best_cost < before - 1e-13 * abs(before):
                break

    def evolve(self, until: int) -> None:
        """CMA-ES from the best, then from elsewhere with more and more tries a generation."""
        import cma

        asked, size, more = self.asked, 0.3, 1
        while asked.tries < until:
            x = self.now() if more == 1 else self.repair(self.start + self.scale * self.rng.normal(size=len(self.start)))
            seed = int(self.rng.integers(1, 2**31))
            options = {"seed": seed, "verbose": -9, "CMA_stds": self.scale, "maxfevals": until - asked.tries}
            options |= {"popsize": more * (4 + int(3 * np.log(len(x)))), "CMA_diagonal": len(x) > MOST_FULL, "tolfun": 1e-14}
            before = asked.tries
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                strategy = cma.CMAEvolutionStrategy(x, size, options)
                while not strategy.stop() and asked.tries < until:
                    found = strategy.ask()
                    strategy.tell(found, self.ranked(found, x))
            more = min(2 * more, 16)
            if asked.tries == before:
                break

    def ranked(self, found: list[Vector], middle: Vector) -> list[float]:
        """The costs; what is refused costs more than all that is not, the more the farther away it is."""
        costs = [self.cost(x) for x in found]
        worst = max([cost for cost in costs if cost < math.inf], default=0.0)
        far = [float(np.linalg.norm((x - middle) / self.scale)) for x in found]
        return [cost if cost < math.inf else worst + (1 + abs(worst)) * (1 + way) for cost, way in zip(costs, far, strict=True)]

    def pattern(self, until: int) -> None:
        """One number up or down, then one up and another down; steps halve where nothing gains."""
        asked, size = self.asked, 0.1
        count = len(self.start)
        while asked.tries < until and size > 1e-12:
            before = asked.best_cost
            for k in range(2 * count + min(count * (count - 1), 60)):
                if asked.tries >= until:
                    return
                x = self.now()
                if k < 2 * count:
                    x[k // 2] += size * self.scale[k // 2] * (1 if k % 2 else -1)
                else:
                    i, j = self.rng.choice(count, 2, replace=False)
                    shift = size * min(self.scale[i], self.scale[j])
                    x[i], x[j] = x[i] + shift, x[j] - shift
                self.cost(x)
            if not asked.best_cost < before:
                size /= 4
