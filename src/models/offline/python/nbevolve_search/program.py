"""Linear programs in a box: the work horse of the local search. Dense, without a solver from outside; knows no task."""

from __future__ import annotations

import numpy as np
from scipy import linalg


def box_program(gain, rows, slack, low, high, price, equal, missing):
    """Maximises gain @ p - price * v where slack + rows @ p + v >= 0, equal @ p = missing, low <= p <= high and v >= 0.

    Gives p, v and the sum of the rows' prices. An interior point method, after Mehrotra 1992: few iterations whatever the
    number of rows, and the middle of the best face where several p are best.
    """
    n, m = len(gain), len(rows)
    unit = np.abs(gain).max(initial=0) or 1.0
    size = max(np.abs(rows).max(initial=0), np.abs(slack).max(initial=0)) or 1.0
    cost, rows, slack = np.append(-gain, price * size) / unit, rows / size, slack / size
    room = 1e-9 * np.maximum(high - low, 1e-3)
    low, high = low - room, high + room
    equal = np.hstack([equal, np.zeros((len(equal), 1))])
    total = 2 * n + m + 1

    def up(x):
        return np.concatenate([rows @ x[:n] + x[n], x[:n], -x[:n], x[n:]])

    def down(y):
        return np.append(y[:m] @ rows + y[m : m + n] - y[m + n : m + 2 * n], y[:m].sum() + y[-1])

    x = np.append((low + high) / 2, 0.0)
    x[n] = 1 + max(0, -(slack + rows @ x[:n]).min(initial=0))
    w = up(x) + np.concatenate([slack, -low, high, [0.0]])
    y, q = np.maximum(0.1, cost[n] / total) / np.maximum(w, 1e-3), np.zeros(len(equal))
    for _ in range(50):
        dual, lost, mean = cost - down(y) - equal.T @ q, missing - equal @ x, w @ y / total
        if mean * total < 1e-10 * (1 + abs(cost @ x)) and np.abs(dual).max() < 1e-9 * (1 + np.abs(cost).max()):
            break
        if min(w.min(), y.min()) < 1e-200:
            break
        ratio = y / w
        solve = normal_equations(rows, ratio, n, m)
        across = solve(equal.T)

        def direction(aim):
            dx, dq = solve(down(aim / w - y) - dual), np.zeros(0)
            if len(equal):
                dq = np.linalg.solve(equal @ across, lost - equal @ dx)
                dx = dx + across @ dq
            dw = up(dx)
            return dx, dw, aim / w - y - ratio * dw, dq

        _, dw, dy, _ = direction(0.0)
        ahead = (w + reachable(w, dw) * dw) @ (y + reachable(y, dy) * dy) / total
        dx, dw, dy, dq = direction((ahead / mean) ** 3 * mean - dw * dy)
        a, b = reachable(w, dw), reachable(y, dy)
        x, w, y, q = x + a * dx, w + a * dw, y + b * dy, q + b * dq
    return np.clip(x[:n], low, high), max(x[n], 0.0) * size, y[:m].sum() * unit / size


def normal_equations(rows, ratio, n, m):
    """A solver of the equations for a step, which are positive definite."""
    matrix = np.empty((n + 1, n + 1))
    matrix[:n, :n] = (rows.T * ratio[:m]) @ rows
    matrix[np.arange(n), np.arange(n)] += ratio[m : m + n] + ratio[m + n : m + 2 * n]
    matrix[:n, n] = matrix[n, :n] = ratio[:m] @ rows
    matrix[n, n] = ratio[:m].sum() + ratio[-1]
    for little in (0.0, 1e-14, 1e-10, 1e-6):
        try:
            factor = linalg.cho_factor(matrix + little * np.diag(matrix.diagonal()), check_finite=False)
            break
        except linalg.LinAlgError:
            continue
    else:
        return lambda right: np.zeros_like(right)
    return lambda right: linalg.cho_solve(factor, right, check_finite=False)


def reachable(v, dv):
    """How far v can go along dv, at most 1, and stay positive."""
    shrinking = dv < 0
    return min(1.0, 0.995 * np.min(-v[shrinking] / dv[shrinking], initial=np.inf))
