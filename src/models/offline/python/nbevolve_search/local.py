"""What a declared `problem` says, and local search on it. Everything maximises, whatever the task does."""

from __future__ import annotations

import numpy as np
from scipy import optimize, sparse

from .program import box_program


class Local:
    """A vector z in, a better vector out."""

    def __init__(self, problem):
        self.declared = self.problem = problem
        self.evaluations = 0  # of the constraints, so far

    def fit(self, submission):
        """The vector of a submission. Where answers come in many sizes, `problem.fitted` says which problem is this one's."""
        if hasattr(self.declared, "fitted"):
            self.problem = self.declared.fitted(submission)
        return np.asarray(self.problem.variables(submission), dtype=float)

    def value(self, z):
        return self.problem.maximize(z) if hasattr(self.problem, "maximize") else -self.problem.minimize(z)

    def gradient(self, z):
        if not hasattr(self.problem, "gradient"):
            return self.differences(self.value, z)
        slope = np.asarray(self.problem.gradient(z), dtype=float)
        return slope if hasattr(self.problem, "maximize") else -slope

    def slack(self, z):
        self.evaluations += 1
        return np.asarray(self.problem.constraints(z)) if hasattr(self.problem, "constraints") else np.zeros(0)

    def slopes(self, z):
        """Slopes of the constraints, dense, a row each."""
        if hasattr(self.problem, "jacobian"):
            rows = self.problem.jacobian(z)
            return rows.toarray() if sparse.issparse(rows) else np.asarray(rows, dtype=float)
        return self.differences(self.slack, z) if hasattr(self.problem, "constraints") else np.zeros((0, len(z)))

    def pull(self, z, weights):
        """The sum of the constraints' slopes, each times its weight."""
        if hasattr(self.problem, "pull"):
            return np.asarray(self.problem.pull(z, weights), dtype=float)
        some = np.flatnonzero(weights)
        return weights[some] @ self.slopes(z)[some]

    def differences(self, function, z):
        """Slopes by finite differences, one column a variable; steps turn inwards at the upper bound."""
        lower, upper = self.problem.bounds
        step = np.where(z + 1e-7 * (upper - lower) > upper, -1e-7, 1e-7) * (upper - lower)
        here = function(z)
        return np.stack([(function(z + step * unit) - here) / step[k] for k, unit in enumerate(np.eye(len(z)))], axis=-1)

    def balance(self, z):
        """The linear equations that z has to meet: their rows, and what is missing."""
        rows, right = getattr(self.problem, "equalities", (np.zeros((0, len(z))), np.zeros(0)))
        return rows, right - rows @ z

    def lack(self, z):
        """The worst violation."""
        return max(0.0, -self.slack(z).min(initial=0), np.abs(self.balance(z)[1]).max(initial=0))

    def width(self):
        return np.subtract(*self.problem.bounds[::-1])

    def inside(self, z):
        return np.clip(z, *self.problem.bounds)

    def climb(self, z, reach=0.03, steps=60, goal=-np.inf):
        """Sequential linear programming: steps of at most `reach` of the bounds' width, smaller where they fail.

        A violation costs a little more than it can gain, so the start need not be feasible. At a vertex of the constraints
        it converges like Newton's method. It gives up when `goal` is out of sight.
        """
        price, mark = 4.0, -np.inf
        value, lack, slack = self.value(z), self.lack(z), self.slack(z)
        for k in range(steps):
            if k % 8 == 7:
                merit = value - price * lack
                if merit + 3 * max(merit - mark, 0) < goal and mark > -np.inf:
                    break
                mark = merit
            d, left, need = self.linear_step(z, slack, reach, price)
            while left > 1e-9 and left > 0.1 * lack and price < 1e5:
                price *= 5
                d, left, need = self.linear_step(z, slack, reach, price)
            if left < 1e-9:
                price = max(1.5 * need, 0.3 * price)
            hoped = self.gradient(z) @ d + price * (lack - left)
            if not hoped > 1e-13:
                break
            there = self.inside(z + d)
            new_value, new_lack = self.value(there), self.lack(there)
            gain = new_value - value - price * (new_lack - lack)
            size = np.max(np.abs(d) / self.width())
            if gain > 0:
                z, value, lack, slack = there, new_value, new_lack, self.slack(there)
            if not gain > 0.25 * hoped:
                reach = 0.4 * min(reach, size)
            elif gain > 0.75 * hoped and size > 0.9 * reach:
                reach = min(2.5 * reach, 0.3)
            if reach < 1e-13:
                break
        return z

    def linear_step(self, z, slack, reach, price):
        """The best step of the linearised problem within reach, the violation left after it, and the price that leaves none."""
        scale = reach * self.width()
        slopes, (rows, missing) = self.slopes(z) * scale, self.balance(z)
        near = np.flatnonzero(slack < 2 * np.abs(slopes).sum(axis=1))
        low, high = (np.clip((bound - z) / scale, -1, 1) for bound in self.problem.bounds)
        gain = self.gradient(z) * scale
        p, left, need = box_program(gain, slopes[near], slack[near], low, high, price, rows * scale, missing)
        return p * scale, left, need

    def polish(self, submission):
        """The submission at the last bits of the optimum it is near; itself where that is no better.

        Sequential linear programming, then Newton's method on what is active there, in extended precision.
        """
        best = own = self.fit(submission)
        near = self.climb(own, reach=1e-3)
        for z in (near, self.newton(near)) if len(own) <= 300 else (near,):
            new = self.repaired(z)
            if self.lack(new) < 1e-9 and self.value(new) > self.value(best):
                best = new
        return submission if best is own else self.problem.submission(best)

    def newton(self, z, steps=6):
        """Solves the conditions of an optimum: active constraints and bounds at zero, the gradient a sum of their slopes.

        Residuals are taken in the longest floats that numpy has, where the task's functions keep them.
        """
        long = z.astype(np.longdouble)
        prices, active = self.prices(z)
        for _ in range(steps):
            missing, rows = self.active(long, active)
            near = long.astype(float)
            bend = self.bend(near, active, prices)
            count = len(rows)
            matrix = np.block([[bend, rows.T], [rows, np.zeros((count, count))]])
            right = np.concatenate([-self.gradient(near), -missing.astype(float)])
            answer = np.linalg.lstsq(matrix, right, rcond=1e-13)[0]
            if not np.abs(answer[: len(z)] / self.width()).max() < 1e-3:
                break
            long, prices = long + answer[: len(z)], answer[len(z) :]
        return self.inside(long.astype(float))

    def prices(self, z, near=1e-6):
        """What active constraints and bounds are worth, at least zero each, and which are worth something."""
        lower, upper = self.problem.bounds
        slack = self.slack(z)
        active = [("row", k) for k in np.flatnonzero(slack < near)]
        active += [("low", k) for k in np.flatnonzero(z - lower < near * self.width())]
        active += [("high", k) for k in np.flatnonzero(upper - z < near * self.width())]
        rows = self.active(z, active)[1]
        equal = self.balance(z)[0]
        both = np.vstack([rows, equal, -equal])
        found = optimize.lsq_linear(both.T, -self.gradient(z), bounds=(0, np.inf)).x if len(both) else np.zeros(0)
        kept = [k for k in range(len(active)) if found[k] > 1e-10]
        return np.concatenate([found[kept], np.zeros(len(equal))]), [active[k] for k in kept]

    def active(self, z, active):
        """Values and slopes of the named constraints and bounds, then of the equations."""
        (lower, upper), unit = self.problem.bounds, np.eye(len(z))
        slack, slopes, (equal, missing) = self.slack(z), self.slopes(z.astype(float)), self.balance(z)
        pick = {"row": lambda k: (slack[k], slopes[k]), "low": lambda k: (z[k] - lower[k], unit[k]), "high": lambda k: (upper[k] - z[k], -unit[k])}
        pairs = [pick[kind](k) for kind, k in active]
        values = np.array([value for value, _ in pairs] + list(-missing), dtype=np.longdouble)
        return values, np.array([row for _, row in pairs] + list(equal), dtype=float).reshape(-1, len(z))

    def bend(self, z, active, prices):
        """The curvature of value + prices @ constraints, by differences of slopes."""
        numbers, worth = [k for kind, k in active if kind == "row"], [p for (kind, _), p in zip(active, prices) if kind == "row"]

        def pull(z):
            return self.gradient(z) + (np.array(worth) @ self.slopes(z)[numbers] if numbers else 0.0)

        step = 1e-6 * self.width()
        bend = np.stack([(pull(z + step * unit) - pull(z - step * unit)) / (2 * step[k]) for k, unit in enumerate(np.eye(len(z)))])
        return (bend + bend.T) / 2

    def repaired(self, z):
        """The vector of what the verifier would get; not a number where the task can make nothing of z."""
        try:
            return np.asarray(self.problem.variables(self.problem.submission(z)), dtype=float)
        except ValueError:
            return np.full(len(z), np.nan)
