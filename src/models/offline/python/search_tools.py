# Offline search tools: classical optimisers for whatever the task declares as `problem`. They never look at what it is about.
import numpy as np
from scipy import optimize, sparse


class search:
    """Moves, a local search, and `explore` / `retrace`, which try a move many times. All seeds are arguments."""

    evaluations = 0  # of the constraints, so far

    # What `problem` says; everything below maximises, whatever the task does.

    def value(z):
        return float(problem.maximize(z)) if hasattr(problem, "maximize") else -float(problem.minimize(z))

    def gradient(z):
        if not hasattr(problem, "gradient"):
            return search.differences(search.value, z)
        slope = np.asarray(problem.gradient(z), dtype=float)
        return slope if hasattr(problem, "maximize") else -slope

    def slack(z):
        search.evaluations += 1
        return np.asarray(problem.constraints(z), dtype=float) if hasattr(problem, "constraints") else np.zeros(0)

    def slopes(z):
        if hasattr(problem, "jacobian"):
            return problem.jacobian(z)
        return search.differences(search.slack, z) if hasattr(problem, "constraints") else np.zeros((0, len(z)))

    def differences(function, z):
        """Slopes by finite differences, one column a variable; steps turn inwards at the upper bound."""
        lower, upper = problem.bounds
        step = np.where(z + 1e-7 * (upper - lower) > upper, -1e-7, 1e-7) * (upper - lower)
        here = function(z)
        return np.stack([(function(z + step * unit) - here) / step[k] for k, unit in enumerate(np.eye(len(z)))], axis=-1)

    def parts():
        """Index arrays of what can be moved on its own; single variables when the task names none."""
        return list(getattr(problem, "elements", None) or [np.array([k]) for k in range(len(problem.bounds[0]))])

    # Local search.

    def settle(z, rng):
        """A local optimum near z: first with soft constraints, so that parts can pass through each other, then exactly."""
        return search.climb(search.soften(z, 10 ** rng.uniform(0.5, 2)))

    def soften(z, weight):
        """Maximises value - weight * (sum of squared violations), by L-BFGS-B."""

        def loss(z):
            slack = search.slack(z)
            broken = np.flatnonzero(slack < 0)
            pull = 2 * weight * (search.slopes(z)[broken].T @ slack[broken])
            return weight * (slack[broken] @ slack[broken]) - search.value(z), pull - search.gradient(z)

        options = {"maxiter": 300, "maxcor": 20}
        return optimize.minimize(loss, z, jac=True, method="L-BFGS-B", bounds=optimize.Bounds(*problem.bounds), options=options).x

    def climb(z, reach=0.03, price=100.0, steps=60):
        """Sequential linear programming: steps of at most `reach` of the bounds' width, smaller where they fail.

        One unit of the worst violation costs `price`, so the start need not be feasible. At a vertex of the constraints
        it converges like Newton's method.
        """
        width = np.subtract(*problem.bounds[::-1])
        value, slack = search.value(z), search.slack(z)
        for _ in range(steps):
            d, hoped = search.linear_step(z, slack, reach, price)
            if not hoped > 1e-12:
                break
            there = search.inside(z + d)
            new_value, new_slack = search.value(there), search.slack(there)
            gain = new_value - value - price * (search.worst(new_slack) - search.worst(slack))
            size = np.max(np.abs(d) / width)
            if gain > 0:
                z, value, slack = there, new_value, new_slack
            if not gain > 0.25 * hoped:
                reach = 0.4 * min(reach, size)
            elif gain > 0.75 * hoped and size > 0.99 * reach:
                reach = min(2 * reach, 0.3)
            if reach < 1e-13:
                break
        return z

    def linear_step(z, slack, reach, price):
        """The best step of the linearised problem within reach, and what it should gain."""
        lower, upper = problem.bounds
        width = upper - lower
        slope, slopes = search.gradient(z), sparse.csr_array(search.slopes(z))
        near = np.flatnonzero(slack < 2 * reach * (abs(slopes) @ width))
        rows = sparse.hstack([-slopes[near], -np.ones((len(near), 1))]) if len(near) else None
        box = np.stack([np.maximum(lower - z, -reach * width), np.minimum(upper - z, reach * width)], axis=1)
        program = optimize.linprog(
            np.append(-slope, price),
            A_ub=rows,
            b_ub=slack[near] if len(near) else None,
            bounds=np.vstack([box, [0, np.inf]]),
            method="highs-ds",
            options={"presolve": False},
        )
        if program.x is None:
            return np.zeros(len(z)), 0.0
        d, violation = program.x[:-1], program.x[-1]
        return d, slope @ d + price * (search.worst(slack) - violation)

    def worst(slack):
        return max(0.0, -slack.min(initial=0))

    def inside(z):
        return np.clip(z, *problem.bounds)

    # Moves: another vector to settle from.

    def restart(z, rng):
        """Begins anew, to go on with mixed moves."""
        return search.inside(problem.start(rng))

    def jitter(z, rng):
        """Shakes all variables a little."""
        width = np.subtract(*problem.bounds[::-1])
        return search.inside(z + 10 ** rng.uniform(-2.5, -1) * width * rng.normal(size=len(z)))

    def kick(z, rng):
        """Shakes some parts hard."""
        z, width = z.copy(), np.subtract(*problem.bounds[::-1])
        size = 10 ** rng.uniform(-1.7, -0.3)
        for part in search.some(rng, max(2, len(search.parts()) // 4)):
            z[part] += size * width[part] * rng.normal(size=len(part))
        return search.inside(z)

    def scatter(z, rng):
        """Puts up to three parts anywhere."""
        z, (lower, upper) = z.copy(), problem.bounds
        for part in search.some(rng, 3):
            z[part] = rng.uniform(lower[part], upper[part])
        return z

    def relocate(z, rng):
        """Puts one or two parts where they do best among a hundred places, the others staying."""
        lower, upper = problem.bounds
        for part in search.some(rng, 2):
            places = [z.copy() for _ in range(100)]
            for place in places:
                place[part] = rng.uniform(lower[part], upper[part])
            z = max(places, key=lambda place: search.value(place) + 10 * np.minimum(search.slack(place), 0).sum())
        return z

    def swap(z, rng):
        """Exchanges one variable (a size, a coordinate) between two parts, up to three times."""
        z, parts = z.copy(), search.parts()
        for _ in range(rng.integers(1, 4)):
            a, b = (parts[k] for k in rng.choice(len(parts), 2, replace=len(parts) < 2))
            k = rng.integers(min(len(a), len(b)))
            z[a[k]], z[b[k]] = z[b[k]], z[a[k]]
        return search.inside(z)

    def some(rng, most):
        parts = search.parts()
        return [parts[k] for k in rng.permutation(len(parts))[: rng.integers(1, most + 1)]]

    def mixed(z, rng):
        """Any one of the moves that take parts elsewhere."""
        return [search.kick, search.relocate, search.scatter, search.swap][rng.integers(4)](z, rng)

    # Trying moves. Try k of a seed always does the same to the same vector.

    def walk(submission, move, seed, tries):
        """Tries a move again and again, from the best vector so far: the vector in the end, and the tries that helped.

        `restart` takes try 0 as it is, goes on with mixed moves, and has to overtake the submission in the end.
        """
        own = z = np.asarray(problem.variables(submission), dtype=float)
        helped = []
        for k in tries:
            rng = np.random.default_rng([seed, k])
            step = search.mixed if move is search.restart and k > 0 else move
            new = search.settle(step(z, rng), rng)
            if step is search.restart or search.better(new, z):
                z = new
                helped.append(k)
        z = search.repaired(z)
        return (z, helped) if search.better(z, own) else (own, [])

    def better(new, old):
        """Whether a vector is feasible, as far as repairs reach, and better by more than rounding explains."""
        if not search.worst(search.slack(new)) < 1e-9:
            return False
        value = search.value(old) if search.worst(search.slack(old)) < 1e-9 else -np.inf
        return search.value(new) > value + 1e-10 * max(1, min(abs(value), abs(search.value(new))))

    def repaired(z):
        """The vector of what the verifier would get; not a number where the task can make nothing of z."""
        try:
            return np.asarray(problem.variables(problem.submission(z)), dtype=float)
        except ValueError:
            return np.full(len(z), np.nan)

    def explore(submission, move, seed, tries=None):
        """Tries a move that many times (a few seconds' work unless given) and reports; changes nothing."""
        tries = tries or search.tries(submission) * (2 if move is search.restart else 1)
        before = search.evaluations
        z, helped = search.walk(submission, move, seed, range(tries))
        start, end = search.shown(problem.variables(submission)), search.shown(z)
        spent = f"evals={search.evaluations - before}"
        return f"offline: move={move.__name__} seed={seed} tries={tries} start={start} end={end} helped={search.listed(helped)} {spent}"

    def retrace(submission, move, seed, tries):
        """The submission after the tries of these numbers, those that `explore` found to help."""
        z, helped = search.walk(submission, move, seed, tries)
        if not helped:
            return submission
        print(f"offline: kept steps={search.listed(helped)} value={search.shown(z)}")
        submission = problem.submission(z)
        if hasattr(problem, "draw"):
            problem.draw(submission)
        return submission

    def shown(z):
        """The value as the task counts it, in full."""
        value = search.value(np.asarray(z, dtype=float))
        return repr(value if hasattr(problem, "maximize") else -value)

    def listed(numbers):
        return ",".join(map(str, numbers)) or "none"

    def tries(submission):
        """A few seconds' work: a guess from the sizes of the problem alone, so that it is the same on every machine."""
        z = np.asarray(problem.variables(submission), dtype=float)
        blind = not hasattr(problem, "gradient"), hasattr(problem, "constraints") and not hasattr(problem, "jacobian")
        work = 8 + 0.009 * sparse.csr_array(search.slopes(z)).nnz + 1.5 * len(z) * sum(blind)  # finite differences cost
        return int(np.clip(1100 / work, 1, 60))

    def facts(submission):
        z = np.asarray(problem.variables(submission), dtype=float)
        sizes = f"variables={len(z)} constraints={len(search.slack(z))} elements={len(search.parts())}"
        return f"offline: problem {sizes} tries={search.tries(submission)} value={search.shown(z)}"


try:
    problem
except NameError:
    print("offline:", "no problem declared")
else:
    print(search.facts(submission))
