// Owns: the small tasks of `nbevolve bench harness`: one of a kind each, with an optimum that a program finds in seconds.
import { defineTask } from "../../src/tasks/define-task.ts";
import type { Task } from "../../src/contracts/index.ts";

export interface SmallTask {
  readonly task: Task;
  /** The best score that there is, in the task's own direction, to as many digits as the tasks are compared by. */
  readonly optimum: number;
}

const READ =
  "def number(value):\n    return value is not True and value is not False and isinstance(value, (int, float))\n";

const peak = defineTask({
  name: "peak",
  statement:
    "Find the highest point of `f(x, y)` on the square -3 <= x <= 3, -3 <= y <= 3. `submission` is the point, a list `[x, y]`. " +
    "The score is f(x, y); higher is better. The function has several peaks.",
  setup:
    "import math\n\ndef f(x, y):\n    return (2.5 * math.exp(-((x - 1.7) ** 2 + (y + 1.1) ** 2) / 0.3)\n" +
    "            + 1.2 * math.exp(-((x + 1.5) ** 2 + (y - 1.0) ** 2) / 2.0) + 0.3 * math.cos(2 * x) * math.sin(3 * y))",
  founder: "submission = [-1.0, 1.0]",
  verifier: `${READ}
import math

def verify(submission):
    assert isinstance(submission, list) and len(submission) == 2, "give a list [x, y] of two numbers"
    x, y = submission
    assert number(x) and number(y), "x and y must be numbers"
    assert -3 <= x <= 3 and -3 <= y <= 3, "x and y must be from -3 to 3"
    return (2.5 * math.exp(-((x - 1.7) ** 2 + (y + 1.1) ** 2) / 0.3)
            + 1.2 * math.exp(-((x + 1.5) ** 2 + (y - 1.0) ** 2) / 2.0) + 0.3 * math.cos(2 * x) * math.sin(3 * y))
`,
});

const POINTS = `t = [i / 10 for i in range(40)]
y = [2.7 * math.exp(-1.3 * s) * math.cos(4.1 * s) + 0.6 for s in t]`;

const fit = defineTask({
  name: "fit",
  statement:
    "Fit the curve `a * exp(-b * t) * cos(w * t) + c` to the points `t`, `y`. `submission` is the list `[a, b, w, c]`. " +
    "The score is the root of the mean squared error; lower is better, 0 is perfect.",
  setup: `import math\n\n${POINTS}`,
  founder: "submission = [1.0, 1.0, 1.0, 0.0]",
  direction: "minimize",
  verifier: `${READ}
import math

${POINTS}

def verify(submission):
    assert isinstance(submission, list) and len(submission) == 4, "give a list [a, b, w, c] of four numbers"
    assert all(number(value) and abs(value) < 1e6 for value in submission), "a, b, w and c must be numbers below 1e6"
    a, b, w, c = submission
    errors = [a * math.exp(max(-700, min(700, -b * s))) * math.cos(w * s) + c - v for s, v in zip(t, y)]
    return math.sqrt(sum(e * e for e in errors) / len(errors))
`,
});

const ITEMS = `weights = [41, 50, 49, 59, 45, 47, 42, 44, 53, 37, 62, 29, 33, 71, 26, 38, 55, 64, 31, 48]
values = [442, 525, 511, 593, 546, 564, 617, 517, 601, 389, 662, 301, 340, 729, 271, 402, 583, 655, 330, 501]
capacity = 300`;

const sack = defineTask({
  name: "sack",
  statement:
    "Fill a knapsack: choose items so that the sum of their `values` is as large as possible and the sum of their `weights` is at most " +
    "`capacity`. `submission` is the list of the chosen items' indices, from 0, each once. The score is the sum of the values.",
  setup: ITEMS,
  founder: "submission = [0, 1, 2]",
  verifier: `${ITEMS}

def verify(submission):
    assert isinstance(submission, list) and all(type(i) is int for i in submission), "give a list of whole numbers"
    assert all(0 <= i < len(weights) for i in submission), f"an index must be from 0 to {len(weights) - 1}"
    assert len(set(submission)) == len(submission), "an item may be chosen once"
    weight = sum(weights[i] for i in submission)
    assert weight <= capacity, f"the weight is {weight}; it must be at most {capacity}"
    return sum(values[i] for i in submission)
`,
});

const pack = defineTask({
  name: "pack",
  statement:
    "Place 5 circles in the unit square so that none overlaps another or leaves the square, and the sum of their radii is as large as " +
    "possible. `submission` is a list of 5 lists `[x, y, r]`: centre and radius. The score is the sum of the radii.",
  founder: "submission = [[0.2 + 0.15 * i, 0.5, 0.07] for i in range(5)]",
  verifier: `${READ}
import math

def verify(submission):
    assert isinstance(submission, list) and len(submission) == 5, "give a list of 5 circles [x, y, r]"
    for i, circle in enumerate(submission):
        assert isinstance(circle, list) and len(circle) == 3 and all(number(v) for v in circle), f"circle {i} must be [x, y, r]"
        x, y, r = circle
        assert r > 0, f"the radius of circle {i} must be above 0"
        assert min(x, y, 1 - x, 1 - y) >= r - 1e-9, f"circle {i} leaves the square"
    for i in range(5):
        for j in range(i):
            (a, b, r), (c, d, s) = submission[i], submission[j]
            assert math.hypot(a - c, b - d) >= r + s - 1e-9, f"circles {j} and {i} overlap"
    return sum(r for _, _, r in submission)
`,
});

/** In the order of the report. */
export const SMALL_TASKS: readonly SmallTask[] = [
  { task: peak, optimum: 2.47776 },
  { task: fit, optimum: 0 },
  { task: sack, optimum: 3577 },
  { task: pack, optimum: 1.10355 },
];
