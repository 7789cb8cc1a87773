// The end of a session in words: nothing twice, nothing that contradicts itself.
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { bestTexts, type GoOn, nextTexts, noneValidTexts } from "../../src/cli/session-end.ts";
import type { Score } from "../../src/contracts/index.ts";
import { tinyTask } from "../support/tiny-task.ts";

const metrics = { score: 2.635983084917597, on_edge: 16 };
const best = { branch: "b2", score: metrics.score, metrics, reproduced: true };
const task = { ...tinyTask, bestKnown: 2.6359830849176 };
const same: Score = { valid: true, fitness: 2.6, metrics, message: "" };
const invalid: Score = { valid: false, fitness: null, metrics: {}, message: "FileNotFoundError: data.csv" };
const founder = { id: "b0", score: { ...same, metrics: { score: 2.0799999999999996 } } };
const BEGIN =
  "best b2: score 2.63598308, equals the best known 2.6359830849176; the first notebook had 2.08000000";

describe("the best", () => {
  test.each<[string, Parameters<typeof bestTexts>[0], Score | null, string]>([
    ["reproduced, and judged the same in the end", best, same, "; reproduced"],
    ["not judged again", best, null, "; reproduced"],
    ["not reproduced yet", { ...best, reproduced: null }, same, "; not reproduced yet"],
    [
      "reproduced, and invalid in the end",
      best,
      invalid,
      "; it was reproduced in the run, but judged once more in the end it is invalid: FileNotFoundError: data.csv",
    ],
    [
      "another score in the end",
      { ...best, reproduced: null },
      { ...same, metrics: { score: 2.5 } },
      "; judged once more in the end it has score: 2.5",
    ],
  ])("%s", (_, of, verdict, end) => {
    const lines = bestTexts(of, { task, founder, verdict });
    expect(lines).toEqual([`${BEGIN}${end}`, "  on_edge 16"]);
  });

  test("what the verifier has to say is said once", () => {
    const lines = bestTexts(best, { task, founder, verdict: { ...same, message: "a hair off the edge" } });
    expect(lines.slice(1)).toEqual(["  on_edge 16", "  the verifier says: a hair off the edge"]);
  });

  test("is the first notebook where nothing was better", () => {
    const [line] = bestTexts({ ...best, branch: "b0" }, { task: null, founder, verdict: same });
    expect(line).toBe("best b0: score 2.63598308; no improvement on the first notebook; reproduced");
  });
});

describe("where no proposal was valid", () => {
  test.each<[readonly (string | null)[], readonly string[]]>([
    [[], []],
    [[null, "weights sum to 1.2"], []],
    [["weights sum to 1.2"], ["0 of 1 proposals were valid: weights sum to 1.2"]],
    [
      ["the kernel died", "weights sum to 1.2\nand more", "weights sum to 0.97"],
      ["0 of 3 proposals were valid: weights sum to 1.2 (2 times)"],
    ],
  ])("%j", (failures, lines) => {
    expect(noneValidTexts(failures)).toEqual(lines);
  });
});

describe("what can be done with the run now", () => {
  const goOn: GoOn = (dir, { proposals } = {}) =>
    `resume ${dir}${proposals ? ` --proposals ${proposals}` : ""}`;
  test.each([
    ["target", 4, 20, "to continue beyond the target:  resume runs/g1 --target none"],
    ["budget", 4, 20, "to continue, up to its 20 proposals:  resume runs/g1"],
    ["budget", 5, 4, "to continue, up to 8 proposals in all:  resume runs/g1 --proposals 8"],
  ] as const)("stopped by its %s after %i proposals of %i", (stopped, proposals, total, last) => {
    const injected = Math.max(0, proposals - total);
    expect(nextTexts({ dir: resolve("runs/g1"), stopped, proposals, injected }, total, goOn)).toEqual([
      "best notebook, for JupyterLab or any other viewer:  runs/g1/best.ipynb",
      "as files of yours:  npx nbevolve export runs/g1 --best submission.json --best script.py",
      last,
    ]);
  });
});
