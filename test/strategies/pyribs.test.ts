// The archives against pyribs: its results as committed (by pyribs/reference.py), and pyribs itself where it is there.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import {
  addElite,
  coverageOf,
  emptyArchive,
  qdScoreOf,
  type Acceptance,
} from "../../strategies/parts/archive.ts";
import { nearestCentroid, type Point, gridNiche, gridSize } from "../../strategies/parts/niches.ts";
import { sampleBranch } from "../../src/testing/conformance/strategy.ts";

const script = fileURLToPath(new URL("pyribs/reference.py", import.meta.url));
const expected: unknown = JSON.parse(readFileSync(new URL("pyribs/expected.json", import.meta.url), "utf8"));

const AXES = [
  { metric: "x", min: -1, max: 1, bins: 150 },
  { metric: "y", min: 0, max: 3, bins: 7 },
];

/** The generator of reference.py. */
function numbers(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = (state * 1103515245n + 12345n) % 2n ** 31n;
    return Number(state >> 8n);
  };
}

const additions = (() => {
  const draw = numbers(7);
  return Array.from({ length: 10_000 }, (_, number) => {
    const fitness = ((draw() % 400) - 200) / 8;
    const point = AXES.map(({ min, max }) => min + ((max - min) * ((draw() % 161) - 16)) / 128);
    return { branch: sampleBranch(number, fitness), point };
  });
})();

const centroids: readonly Point[] = (() => {
  const draw = numbers(11);
  return Array.from({ length: 50 }, () =>
    AXES.map(({ min, max }) => min + ((max - min) * (draw() % 33)) / 32),
  );
})();

function filled(nicheOf: (point: Point) => number, niches: number, rule?: Acceptance) {
  const archive = additions.reduce(
    (next, { branch, point }) => addElite(next, nicheOf(point), branch, rule),
    emptyArchive,
  );
  const rows = [...archive.elites].toSorted(([a], [b]) => a - b);
  const bytes = (value: number): string => {
    const buffer = Buffer.alloc(8);
    buffer.writeDoubleBE(value);
    return buffer.toString("hex");
  };
  const lines = rows.map(
    ([niche, { branch, threshold }]) => `${niche} ${branch.number} ${bytes(threshold)}\n`,
  );
  return {
    elites: rows.length,
    sha256: createHash("sha256").update(lines.join("")).digest("hex"),
    first: rows.slice(0, 8).map(([niche, { branch, threshold }]) => [niche, branch.number, threshold]),
    coverage: coverageOf(archive, niches),
    qdScore: qdScoreOf(archive, -25),
  };
}

const soft = { learningRate: 0.25, thresholdMin: -10 };
const grid = (rule?: Acceptance) => filled((point) => gridNiche(AXES, point), gridSize(AXES), rule);
const cvt = (rule?: Acceptance) =>
  filled((point) => nearestCentroid(centroids, point), centroids.length, rule);

/** Without thresholds that move, one after the other is what a batch gives. */
const ours = () => ({
  grid: grid(),
  gridBatch: grid(),
  gridSoft: grid(soft),
  cvt: cvt(),
  cvtBatch: cvt(),
  cvtSoft: cvt(soft),
});

const python = process.env["NBEVOLVE_RIBS_PYTHON"] ?? "python3";
const hasRibs = (() => {
  try {
    execFileSync(python, ["-c", "import ribs"], { stdio: "ignore" });
    return true;
  } catch {
    return false; // no Python of that name, or no ribs in it: the committed results stand for it
  }
})();

describe("archives as pyribs has them: 10,000 additions with ties and values out of range", () => {
  test("elites, thresholds, coverage and QD score are those that pyribs gave", () => {
    expect({ ribs: "0.12.0", ...ours() }).toEqual(expected);
  });

  test.skipIf(!hasRibs)(
    "and those that pyribs gives now (needs `ribs`: NBEVOLVE_RIBS_PYTHON names a Python that has it)",
    async () => {
      const { stdout } = await promisify(execFile)(python, [script]);
      expect(JSON.parse(stdout)).toMatchObject(ours());
    },
  );
});
