// A real task without numpy: a list of two numbers with a large product on the unit circle.
import { defineTask } from "../../src/tasks/define-task.ts";
import type { Task } from "../../src/contracts/index.ts";

export function numbersTask(): Task {
  return defineTask({
    name: "numbers",
    statement: "Find `submission = [a, b]` with a*a + b*b <= 1 and a large product a*b.",
    setup: "import random",
    founder: ["submission = [0.1, 0.1]"],
    verifier: [
      "def verify(submission):",
      "    a, b = submission",
      "    if a * a + b * b > 1:",
      "        raise ValueError(f'outside the circle by {a * a + b * b - 1:.3g}')",
      "    return {'score': a * b, 'sum': a + b}",
    ].join("\n"),
    holdout: "def verify(submission):\n    return sum(submission)",
  });
}
