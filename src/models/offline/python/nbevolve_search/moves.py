"""Moves: from one vector to another, to settle from. A move's only source of chance is the generator it is given."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from .soft import Soft


class Moves(Soft):
    """Each takes (z, rng) and gives a vector inside the bounds; it need not meet the constraints."""

    def restart(self, z, rng):
        """Starts again from a random point, to continue with mixed moves."""
        return self.inside(np.asarray(self.problem.start(rng), dtype=float))

    def jitter(self, z, rng):
        """Shakes all variables a little."""
        return self.inside(z + 10 ** rng.uniform(-2.5, -1) * self.width() * rng.normal(size=len(z)))

    def kick(self, z, rng):
        """Shakes some parts hard."""
        z, width = z.copy(), self.width()
        size = 10 ** rng.uniform(-1.7, -0.3)
        for part in self.some(rng, max(2, len(self.parts()) // 4)):
            z[part] += size * width[part] * rng.normal(size=len(part))
        return self.inside(z)

    def scatter(self, z, rng):
        """Puts up to three parts anywhere."""
        z, (lower, upper) = z.copy(), self.problem.bounds
        for part in self.some(rng, 3):
            z[part] = rng.uniform(lower[part], upper[part])
        return z

    def relocate(self, z, rng):
        """Puts one or two parts where they do best among a hundred places, the others staying."""
        lower, upper = self.problem.bounds
        for part in self.some(rng, 2):
            places = [z.copy() for _ in range(100)]
            for place in places:
                place[part] = rng.uniform(lower[part], upper[part])
            z = max(places, key=lambda place: self.value(place) + 10 * np.minimum(self.slack(place), 0).sum())
        return z

    def swap(self, z, rng):
        """Exchanges one variable (a size, a coordinate) between two parts, up to three times."""
        z, parts = z.copy(), self.parts()
        for _ in range(rng.integers(1, 4)):
            a, b = (parts[k] for k in rng.choice(len(parts), 2, replace=len(parts) < 2))
            k = rng.integers(min(len(a), len(b)))
            z[a[k]], z[b[k]] = z[b[k]], z[a[k]]
        return self.inside(z)

    def symmetrise(self, z, rng):
        """Goes halfway or all the way to the middle of z and its image in one of the task's symmetries."""
        symmetries = getattr(self.problem, "symmetries", [])
        if not symmetries:
            return self.jitter(z, rng)
        image = np.asarray(symmetries[rng.integers(len(symmetries))](z), dtype=float)
        return self.inside(z + rng.choice([0.25, 0.5]) * (self.matched(image, z) - z))

    def matched(self, image, z):
        """The image with its parts in the order in which they are nearest to those of z."""
        parts = getattr(self.problem, "elements", None) or []
        if len({len(part) for part in parts}) != 1:
            return image
        there, here = np.array([image[part] for part in parts]), np.array([z[part] for part in parts])
        _, order = optimize.linear_sum_assignment(((here[:, None] - there[None]) ** 2).sum(axis=2))
        image = image.copy()
        for part, k in zip(parts, order):
            image[part] = there[k]
        return image

    def evolve(self, z, rng):
        """The best of forty generations of CMA-ES around z (Hansen 2016), of all variables or of a few parts."""
        free = np.unique(np.concatenate(self.some(rng, len(self.parts()))))[:60]
        width, mean, size = self.width()[free], z[free], 10 ** rng.uniform(-2.5, -0.7)
        n = len(free)
        count = 4 + int(3 * np.log(n))
        weights = np.log(count / 2 + 0.5) - np.log(np.arange(1, count // 2 + 1))
        weights /= weights.sum()
        mass = 1 / (weights**2).sum()
        rank_one, rank_mu = 2 / ((n + 1.3) ** 2 + mass), min(0.5, 2 * (mass - 2 + 1 / mass) / ((n + 2) ** 2 + mass))
        slow, damp = (mass + 2) / (n + mass + 5), 1 + (mass + 2) / (n + mass + 5)
        cover, path, length = np.eye(n), np.zeros(n), np.zeros(n)
        best = z
        for _ in range(40):
            spread, axes = np.linalg.eigh(cover)
            spread = np.sqrt(np.maximum(spread, 1e-20))
            steps = rng.normal(size=(count, n)) * spread @ axes.T
            trials = [self.inside(self.put(z, free, mean + size * width * step)) for step in steps]
            order = np.argsort([-self.merit(trial) for trial in trials], kind="stable")
            best = max(best, trials[order[0]], key=self.merit)
            top = steps[order[: len(weights)]]
            step = weights @ top
            mean = mean + size * width * step
            length = (1 - slow) * length + np.sqrt(slow * (2 - slow) * mass) * (axes / spread) @ (axes.T @ step)
            path = (1 - 4 / (n + 4)) * path + np.sqrt(4 / (n + 4) * (2 - 4 / (n + 4)) * mass) * step
            cover = (1 - rank_one - rank_mu) * cover + rank_one * np.outer(path, path) + rank_mu * (top.T * weights) @ top
            size *= np.exp(min(1, slow / damp * (np.linalg.norm(length) / np.sqrt(n) - 1)))
        return best

    def refine(self, z, rng):
        """Shakes what was made finer by very little: cut in equal halves, it lies on a ridge."""
        return self.inside(z + 10 ** rng.uniform(-4, -1.5) * self.width() * rng.normal(size=len(z)))

    def anneal(self, z, rng):
        """Starts again, with soft constraints that become hard step by step."""
        return self.harden(self.restart(z, rng), 10 ** rng.uniform(-2.5, 1))

    def reheat(self, z, rng):
        """Takes parts elsewhere, shakes all or nothing, and lets the constraints become soft and hard again."""
        shake = [self.mixed, self.mixed, self.mixed, self.jitter, self.ripple, lambda z, _: z][rng.integers(6)]
        return self.harden(shake(z, rng), 10 ** rng.uniform(-1, 2.5))

    def ripple(self, z, rng):
        """Makes every variable a little greater or smaller, in proportion: what is at zero stays there."""
        return self.inside(z * (1 + 10 ** rng.uniform(-3, -0.5) * rng.normal(size=len(z))))

    def mixed(self, z, rng):
        """Any one of the moves that take parts elsewhere."""
        return [self.kick, self.relocate, self.scatter, self.swap][rng.integers(4)](z, rng)

    def parts(self):
        """Index arrays of what can be moved on its own; single variables when the task names none."""
        return list(getattr(self.problem, "elements", None) or [np.array([k]) for k in range(len(self.problem.bounds[0]))])

    def some(self, rng, most):
        parts = self.parts()
        return [parts[k] for k in rng.permutation(len(parts))[: rng.integers(1, most + 1)]]

    def put(self, z, where, values):
        z = z.copy()
        z[where] = values
        return z

    def merit(self, z):
        return self.value(z) - 10 * self.lack(z)
