"""Local search with soft constraints: what is violated costs, and parts can pass through each other."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from .local import Local


class Soft(Local):
    """A vector z in, a vector that violates little out; the harder the constraints, the less."""

    def settle(self, z, rng, goal=-np.inf):
        """A local optimum near z: first with soft constraints, so that parts can pass through each other, then exactly."""
        return self.climb(self.soften(z, 10 ** rng.uniform(0.5, 2)), goal=goal)

    def soften(self, z, weight):
        """Maximises value - weight * (sum of squared violations), by L-BFGS-B."""
        return self.descend(lambda z: self.loss(z, self.slack(z), weight), z, {"maxiter": 300, "maxcor": 20})

    def harden(self, z, weight):
        """Soft constraints that become hard: from `weight` to a hundred thousand, about threefold at each step.

        While they are soft, a corner where many constraints meet is a round hill, and one that has only a narrow way out is
        none at all. So it ends in better places than a search that is exact from the beginning. Source: penalty and
        continuation methods, Nocedal and Wright 2006, chapter 17.
        """
        levels = self.levels(z)
        for weight in np.geomspace(weight, 1e5, 1 + round(2 * np.log10(1e5 / weight))):

            def loss(z, weight=weight):
                z, slack = self.levelled(z, levels, weight)
                return self.loss(z, slack, weight)

            z = self.descend(loss, z, {"maxiter": 500, "maxcor": 20})
            z = self.levelled(z, levels, weight)[0]
        return z

    def descend(self, loss, z, options):
        return optimize.minimize(loss, z, jac=True, method="L-BFGS-B", bounds=optimize.Bounds(*self.problem.bounds), options=options).x

    def loss(self, z, slack, weight):
        """What is minimised, and its slopes. An equation is violated by the distance from where it holds."""
        if not np.isfinite(slack).all():  # z is invalid: a loss so large that the line search comes back
            return 1e10, np.zeros(len(z))
        rows, missing = self.balance(z)
        size = (rows**2).sum(axis=1)
        broken = np.minimum(slack, 0)
        pull = 2 * weight * (self.pull(z, broken) - rows.T @ (missing / size))
        return weight * (broken @ broken + missing @ (missing / size)) - self.value(z), pull - self.gradient(z)

    def levels(self, z):
        """The variable that alone is the objective and that every constraint has as a plain summand, such as the t of an
        epigraph form: its number, its slope in the objective, and in all constraints. None where there is no such variable.
        """
        gradient = self.gradient(z)
        (alone,) = np.nonzero(gradient)
        if len(alone) != 1:
            return None
        k, step = alone[0], np.zeros(len(z))
        step[k] = 0.1 * self.width()[k]
        low, here, high = (self.slack(z + side * step) for side in (-1, 0, 1))
        slopes = (high - low) / (2 * step[k])
        plain = len(here) and np.allclose(high - here, here - low, atol=1e-9) and np.ptp(slopes) < 1e-9 and slopes[0] * gradient[k] < 0
        return (k, gradient[k], slopes[0]) if plain else None

    def levelled(self, z, levels, weight):
        """The same vector with the best level for soft constraints of this weight, and its slack.

        Left to L-BFGS, the one variable that every constraint has makes all others wait.
        """
        slack = self.slack(z)
        if levels is None or not np.isfinite(slack).all():
            return z, slack
        k, gain, slope = levels
        worst = np.sort(slack)
        need = np.cumsum(worst) + abs(gain / slope) / (2 * weight)  # where the first j are broken, and their prices sum to the gain
        shift = -need / np.arange(1, len(worst) + 1)
        count = max(np.count_nonzero(worst + shift < 0) - 1, 0)  # they are broken in this order
        z = z.copy()
        z[k] += shift[count] / slope
        return z, slack + shift[count]
