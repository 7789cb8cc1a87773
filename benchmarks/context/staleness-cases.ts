// Owns: notebooks with edits of one cell each, the inputs for measuring staleness. They state no expectations: what an edit
// changes is found by running the cells. The last four do what names alone cannot show.

export interface StalenessCase {
  readonly name: string;
  readonly cells: readonly string[];
  /** Each on the notebook as it stands above: the index of a cell and its new source. */
  readonly edits: readonly (readonly [at: number, source: string])[];
}

export const STALENESS_CASES: readonly StalenessCase[] = [
  {
    name: "pipeline",
    cells: [
      "import numpy as np",
      "rng = np.random.default_rng(0)\nX = rng.normal(size=(40, 3))\ny = X @ [1.0, -2.0, 0.5]",
      "train, test = X[:30], X[30:]\ny_train, y_test = y[:30], y[30:]",
      "w = np.linalg.lstsq(train, y_train, rcond=None)[0]\nprint(w.round(3))",
      "rmse = float(np.sqrt(((test @ w - y_test) ** 2).mean()))\nprint(f'rmse {rmse:.4f}')",
      "labels = ['a', 'b', 'c']\nprint(labels)",
      "print(dict(zip(labels, w.round(3).tolist())))",
    ],
    edits: [
      [1, "rng = np.random.default_rng(1)\nX = rng.normal(size=(40, 3))\ny = X @ [1.0, -2.0, 0.7]"],
      [2, "train, test = X[:20], X[20:]\ny_train, y_test = y[:20], y[20:]"],
      [3, "w = train.T @ y_train / 30\nprint(w.round(3))"],
      [5, "labels = ['x', 'y', 'z']\nprint(labels)"],
      [0, "import numpy as np  # the same"],
    ],
  },
  {
    name: "functions",
    cells: [
      "scale = 2.0",
      "def area(r):\n    return scale * r * r",
      "def total(rs):\n    return sum(area(r) for r in rs)",
      "radii = [1.0, 2.0, 3.0]",
      "print(total(radii))",
      "print(len(radii))",
      "scaled = [scale * r for r in radii]",
    ],
    edits: [
      [0, "scale = 3.0"],
      [1, "def area(r):\n    return scale * r"],
      [3, "radii = [1.0, 2.0, 4.0]"],
      [3, "radii = [1.0, 2.0, 4.0, 8.0]"],
    ],
  },
  {
    name: "rebinding",
    cells: [
      "x = 1",
      "a = x + 1",
      "x = 10",
      "b = x + 1",
      "for i in range(3):\n    last = i * x",
      "print(a, b)",
      "total = a\ntotal += 5",
      "print(total, last)",
    ],
    edits: [
      [0, "x = 2"],
      [2, "x = 20"],
      [1, "a = x + 2"],
      [4, "for i in range(4):\n    last = i * x"],
    ],
  },
  {
    name: "methods",
    cells: [
      "xs = []",
      "xs.append(3)\nxs.append(1)",
      "xs.sort()",
      "print(xs[0])",
      "best = {'score': None}",
      "best['score'] = max(xs)",
      "print(best)",
      "other = {'n': 1}",
    ],
    edits: [
      [1, "xs.append(3)\nxs.append(7)"],
      [0, "xs = [9]"],
      [5, "best['score'] = min(xs)"],
      [7, "other = {'n': 2}"],
    ],
  },
  {
    name: "classes",
    cells: [
      "rate = 0.5",
      "class Model:\n    def __init__(self):\n        self.w = 0.0\n    def step(self, g):\n        self.w -= rate * g",
      "m = Model()",
      "for g in [1.0, 2.0]:\n    m.step(g)",
      "w = m.w\nprint(w)",
      "spare = [1, 2]\nprint(spare)",
    ],
    edits: [
      [0, "rate = 0.25"],
      [3, "for g in [1.0, 3.0]:\n    m.step(g)"],
      [5, "spare = [1]\nprint(spare)"],
    ],
  },
  {
    name: "search",
    cells: [
      "import math, random",
      "def energy(p):\n    return sum((v - 0.3) ** 2 for v in p)",
      "seed = 7\nsteps = 50",
      "random.seed(seed)\np = [random.random() for _ in range(4)]\nstart = energy(p)",
      "for _ in range(steps):\n    q = [v + random.uniform(-0.1, 0.1) for v in p]\n    if energy(q) < energy(p):\n        p = q",
      "print(f'{start:.3f} -> {energy(p):.3f}')",
      "submission = {'point': p}",
    ],
    edits: [
      [2, "seed = 8\nsteps = 50"],
      [2, "seed = 7\nsteps = 80"],
      [1, "def energy(p):\n    return sum((v - 0.6) ** 2 for v in p)"],
      [5, "print(f'from {start:.3f} to {energy(p):.3f}')"],
    ],
  },
  {
    name: "shadows",
    cells: [
      "n = 3\nname = 'sum'",
      "squares = [n * n for n in range(5)]",
      "def f(n):\n    return n + 1",
      "print(f(4))",
      "g = lambda k: k * n",
      "print(g(2))",
      "print(f'{name}: {sum(squares)}')",
      "try:\n    bad = 1 / 0\nexcept ZeroDivisionError as name_of_error:\n    print('caught')",
    ],
    edits: [
      [0, "n = 4\nname = 'sum'"],
      [0, "n = 3\nname = 'total'"],
      [2, "def f(n):\n    return n + 2"],
      [1, "squares = [n * n for n in range(6)]"],
    ],
  },
  {
    name: "no-change",
    cells: [
      "data = [4, 8, 15, 16, 23, 42]",
      "top = max(data)",
      "print(top)",
      "half = [d for d in data if d < 20]",
      "print(half)",
    ],
    edits: [
      [0, "data = [4, 8, 15, 16, 23, 42]  # sorted"],
      [0, "data = [4, 8, 15, 16, 24, 42]"],
      [1, "top = sorted(data)[-1]"],
      [3, "half = [d for d in data if d < 16]"],
    ],
  },
  {
    name: "magics",
    cells: ["k = 2", "%%time\nv = k * 21", "%matplotlib inline", "u = 5\nprint(u)", "print(v)"],
    edits: [
      [0, "k = 3"],
      [3, "u = 6\nprint(u)"],
    ],
  },
  {
    name: "aliases",
    cells: ["a = [1, 2]", "b = a", "b.append(3)", "print(a)", "print(len(b))"],
    edits: [
      [2, "b.append(4)\nb.append(5)"],
      [0, "a = [1, 2, 7]"],
    ],
  },
  {
    name: "arguments",
    cells: [
      "def fill(target, value):\n    target['v'] = value",
      "state = {}",
      "fill(state, 1)",
      "print(state)",
      "import heapq\nheap = [5, 4]\nheapq.heapify(heap)",
      "heapq.heappush(heap, 3)",
      "print(heap[0])",
    ],
    edits: [
      [2, "fill(state, 2)"],
      [5, "heapq.heappush(heap, 1)"],
    ],
  },
  {
    name: "modules",
    cells: [
      "import random",
      "random.seed(1)",
      "r = random.random()",
      "print(round(r, 3))",
      "import numpy as np\nnp.set_printoptions(precision=3)",
      "print(np.array([1 / 3]))",
    ],
    edits: [
      [1, "random.seed(2)"],
      [4, "import numpy as np\nnp.set_printoptions(precision=5)"],
    ],
  },
  {
    name: "opaque",
    cells: [
      "expression = 'p * 2'",
      "p = 4",
      "q = eval(expression)",
      "print(q)",
      "exec('z = p + 1')",
      "print(z)",
      "still = 'here'",
      "print(still)",
    ],
    edits: [
      [1, "p = 5"],
      [0, "expression = 'p * 3'"],
      [4, "exec('z = p + 2')"],
    ],
  },
];
