// docs/guides/your-own-task.md against the fixture that it describes, and what it says comes out against what does.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { parseNotebook } from "../../src/core/notebook/load-notebook.ts";
import { findPython } from "../../src/machine/python/find-python.ts";
import type { Notebook, Submission, VerifierSource } from "../../src/contracts/index.ts";
import { DEFAULT_LIMITS } from "../../src/tasks/task-settings.ts";
import { TASK_TAGS } from "../../src/tasks/task-cells.ts";
import { taskFromNotebook } from "../../src/tasks/task-notebook.ts";
import { scoreText } from "../../src/environment/score-text.ts";
import { pythonVerifier } from "../../src/verifiers/python-verifier.ts";
import { testSandbox } from "../support/sandbox.ts";

const file = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
const guide = file("../../docs/guides/your-own-task.md");
const points = parseNotebook(file("../../docs/examples/points.ipynb"), "points.ipynb");
const task = taskFromNotebook(points, { name: "points" });

const blocks = (language: string): readonly string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)\`\`\`$`, "gm"))].map((match) =>
    (match[1] ?? "").trimEnd(),
  );

describe("the guide to a task of one's own", () => {
  it("shows every cell of the example as it is", () => {
    const shown = [...blocks("python"), ...blocks("markdown")];
    expect([...shown].sort()).toEqual(points.cells.map((cell) => cell.source).sort());
  });

  it("shows its settings and all limits as they are", () => {
    expect(JSON.parse(blocks("json")[0] ?? "")).toEqual(points.metadata.nbevolve);
    const rows = [...guide.matchAll(/^\| `(\w+)` +\| (\d+) +\|/gm)].map(([, name, value]) => [
      name,
      Number(value),
    ]);
    expect(Object.fromEntries(rows)).toEqual(DEFAULT_LIMITS);
    for (const tag of TASK_TAGS)
      expect(tag === "injected-parameters" || guide.includes(`| \`${tag}\``)).toBe(true);
  });

  it("shows what a refusal says", () => {
    const cells = points.cells.map((cell) =>
      cell.metadata.tags?.includes("verifier") ? { ...cell, metadata: { tags: ["verifer"] } } : cell,
    );
    const metadata = { ...points.metadata, nbevolve: { ...points.metadata.nbevolve, direction: "minimise" } };
    const wrong: Notebook = { ...points, cells, metadata };
    expect(() => taskFromNotebook(wrong, { name: "points" })).toThrow(
      expect.objectContaining({ message: blocks("text")[2] }),
    );
  });

  describe("its submissions", () => {
    let python = "";
    beforeAll(async () => {
      ({ python } = await findPython());
    });
    const judged = async (source: VerifierSource | null, submission: Submission): Promise<string> => {
      if (source === null) throw new Error("the example has no holdout");
      await using verifier = pythonVerifier({
        python,
        source,
        direction: task.direction,
        timeoutMs: task.limits.verifierTimeoutMs,
        memoryMb: task.limits.verifierMemoryMb,
        sandbox: testSandbox,
      });
      return scoreText(await verifier.verify(submission, { signal: AbortSignal.timeout(60_000) }));
    };

    it("score what it says", async () => {
      const submission: Submission = JSON.parse(blocks("json")[1] ?? "");
      const lines = [
        await judged(task.verifier, submission),
        `holdout ${await judged(task.holdout, submission)}`,
      ];
      expect(lines.join("\n")).toBe(blocks("text")[0]);
    });

    it("are rejected with the words it says", async () => {
      const outside = [[0, 0], [2, 0], ...Array.from({ length: 5 }, () => [0, 1])];
      expect(await judged(task.verifier, outside)).toBe(blocks("text")[1]);
    });
  });
});
