"""Tries moves many times and says which tries helped, so that these alone can be repeated."""

from __future__ import annotations

import numpy as np

from .moves import Moves


class Search(Moves):
    """`explore` changes nothing and reports; `retrace` repeats what helped. Try k of a seed always does the same."""

    def walk(self, submission, move, seed, tries, aloud=False):
        """Tries a move again and again, from the best vector so far: the vector in the end, and the tries that helped.

        Each of those is printed as it comes where the walk is `aloud`.
        `restart` takes try 0 as it is, goes on with mixed moves, and has to overtake the submission in the end; so does `anneal`,
        which begins three times, maybe with more variables, and goes on with `reheat`. `refine` goes on from the finer form of
        the submission, shaken a little.
        """
        own, size = self.fit(submission), self.problem
        z, anew = own, move in (self.restart, self.anneal)
        if move == self.restart:
            self.problem = self.declared
        if move == self.anneal:
            self.resize(submission, seed)
        if move == self.refine:
            z = self.finer(submission)
            if z is None:
                return own, []
        helped = []
        for k in tries:
            new = self.attempt(z, move, k, np.random.default_rng([seed, k]))
            if (anew and k == 0) or self.better(new, z):
                z = new
                helped.append(k)
                if aloud:
                    print(f"offline: try={k} best={self.shown(z)}", flush=True)
        z = self.repaired(z)
        if move == self.restart:
            z = self.grown(z, len(own), seed)
        if len(z) != len(own):
            kept = helped and self.lack(z) < 1e-9 and self.value(z) > self.among(size, own) + 1e-10
        else:
            kept = self.better(z, own)
        if kept:
            return z, helped
        self.problem = size
        return own, []

    def attempt(self, z, move, k, rng):
        """Try number k of a move."""
        if move == self.restart and k == 0:
            return self.settle(self.restart(z, rng), rng)
        if move == self.anneal:
            move = self.anneal if k < 3 else self.reheat
        if move in (self.anneal, self.reheat):
            return self.repaired(self.climb(move(z, rng), reach=1e-3, steps=10))
        goal = self.value(z) if self.lack(z) < 1e-9 else -np.inf
        if move == self.refine:
            new = self.climb(self.refine(z, rng), steps=40, goal=goal)
        else:
            new = self.settle((self.mixed if move == self.restart else move)(z, rng), rng, goal)
        return self.repaired(new) if self.lack(new) < 1e-6 and self.value(new) > goal else new

    def resize(self, submission, seed):
        """Takes up the submission's size, or a finer one; gives a vector of that size."""
        z = self.fit(submission)
        for _ in range(np.random.default_rng([seed]).integers(4)):
            here, finer = self.problem, self.finer(submission)
            if finer is None:
                self.problem = here
                break
            z, submission = finer, self.problem.submission(finer)
        return z

    def finer(self, submission):
        """Takes up the finer form of a submission; None where there is none."""
        try:
            return self.fit(self.problem.finer(submission))
        except (AttributeError, ValueError):
            return None

    def grown(self, z, size, seed):
        """What was found with few variables, refined until it has as many as the submission."""
        while len(z) < size and not np.isnan(z).any():
            problem = self.problem
            finer = self.finer(problem.submission(z))
            if finer is None:
                self.problem = problem
                break
            trials = [self.attempt(finer, self.refine, k, np.random.default_rng([seed, len(finer), k])) for k in range(2)]
            z = self.repaired(max(trials, key=self.merit))
        return z

    def among(self, problem, z):
        """The value of a vector of another size."""
        here, self.problem = self.problem, problem
        value, self.problem = self.value(z), here
        return value

    def better(self, new, old):
        """Whether a vector is feasible, as far as repairs reach, and better by more than rounding explains."""
        if not self.lack(new) < 1e-9:
            return False
        value = self.value(old) if self.lack(old) < 1e-9 else -np.inf
        return self.value(new) > value + 1e-10 * max(1, min(abs(value), abs(self.value(new))))

    def explore(self, submission, move, seed, tries=None):
        """Tries a move that many times (a few seconds' work unless given) and reports; changes nothing."""
        start = self.shown(self.fit(submission))
        tries = tries or self.tries(submission, move, seed)
        before = self.evaluations
        z, helped = self.walk(submission, move, seed, range(tries), aloud=True)
        end = self.shown(z) if helped else start
        spent = f"evals={self.evaluations - before}"
        return f"offline: move={move.__name__} seed={seed} tries={tries} start={start} end={end} helped={self.listed(helped)} {spent}"

    def retrace(self, submission, move, seed, tries):
        """The submission after the tries of these numbers, those that `explore` found to help."""
        z, helped = self.walk(submission, move, seed, tries)
        if not helped:
            return submission
        print(f"offline: kept steps={self.listed(helped)} value={self.shown(z)}")
        submission = self.problem.submission(z)
        if hasattr(self.problem, "draw"):
            self.problem.draw(submission)
        return submission

    def shown(self, z):
        """The value as the task counts it, in full."""
        value = float(self.value(np.asarray(z, dtype=float)))
        return repr(value if hasattr(self.problem, "maximize") else -value)

    def listed(self, numbers):
        return ",".join(map(str, numbers)) or "none"

    def tries(self, submission, move=None, seed=0):
        """A few seconds' work: a guess from the sizes of the problem alone, so that it is the same on every machine."""
        z = self.resize(submission, seed) if move == self.anneal else self.fit(submission)
        blind = not hasattr(self.problem, "gradient"), hasattr(self.problem, "constraints") and not hasattr(self.problem, "jacobian")
        slopes = np.count_nonzero(self.slopes(z))
        if move in (self.anneal, self.reheat):
            each = 0.1 + slopes * (1e-6 if hasattr(self.problem, "pull") else 1e-5) + len(z) * sum(blind) / 100
            return int(np.clip((12000 if move == self.anneal else 6000) / (2000 * each), 4, 60))
        work = 30 + 2e-4 * slopes * len(z) + 5 * len(z) * sum(blind)  # milliseconds, about
        return int(np.clip(4000 / work, 2, 60)) * (2 if move == self.restart else 1)

    def polished(self, submission):
        """The submission after `polish`, and a word on what that gave."""
        start = self.shown(self.fit(submission))
        submission = self.polish(submission)
        end = self.shown(self.fit(submission))
        print(f"offline: polished {start} -> {end}" if end != start else f"offline: nothing to polish, {start} stays")
        return submission

    def facts(self, submission):
        z = self.fit(submission)
        moves = ["kick", "relocate", "scatter", "swap", "jitter", "restart", "evolve"]
        moves += ["anneal", "reheat"] if hasattr(self.problem, "constraints") else []
        moves += ["symmetrise"] if getattr(self.problem, "symmetries", None) else []
        moves += ["refine"] if hasattr(self.problem, "finer") else []
        sizes = f"variables={len(z)} constraints={len(self.slack(z))} elements={len(self.parts())}"
        return f"offline: problem {sizes} tries={self.tries(submission)} value={self.shown(z)} moves={','.join(moves)}"
