// Every false record that we know of, against every benchmark's verifier: refused, or worth what it is worth. Then random
// ones: no crash, no hang, nothing left behind, no record out of nothing. NBEVOLVE_FUZZ=1000 judges so many for each benchmark;
// the suite judges a few.
import { afterAll, describe, expect, test } from "vitest";
import { BENCHMARKS } from "../../benchmarks/index.ts";
import { hostileJudge } from "./hostile-judge.ts";

interface Report {
  readonly valid: number;
  readonly refused: number;
  readonly unreadable: number;
  readonly faults: readonly string[];
  readonly left: Readonly<Record<"objects" | "threads" | "files" | "kilobytes", number>>;
}

const count = Number(process.env["NBEVOLVE_FUZZ"] ?? 30);
const seed = Number(process.env["NBEVOLVE_FUZZ_SEED"] ?? 1);
const python = await hostileJudge();
afterAll(() => python.end());

const titles: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  await Promise.all(
    BENCHMARKS.map(async ({ name }) => [
      name,
      await python.evaluate<string[]>(`hostile.titles(${JSON.stringify(name)})`),
    ]),
  ),
);
const faultOf = (name: string, title: string): Promise<string> =>
  python.evaluate(`hostile.attack(${JSON.stringify(name)}, ${JSON.stringify(title)})`);

describe.each(BENCHMARKS)("$name stands against", ({ name }) => {
  test.each(titles[name] ?? [])("%s", async (title) => {
    expect(await faultOf(name, title)).toBe("");
  });
});

test("the maximum of the third autocorrelation inequality is the signed one", async () => {
  // f * f = 9, -12, -20, 16, 16: the greatest size is 20, another constant.
  const verdict = 'hostile.verdict_on_object(hostile.TASKS["autocorrelation-3"], [3.0, -2.0, -4.0])["score"]';
  expect(await python.evaluate(verdict)).toBeCloseTo((6 * 16) / 9, 12);
});

test("a careless verifier does not stand: the attacks can succeed", async () => {
  const careless = `
import numpy as np

def verify(submission):
    x, y, r = np.array(submission, dtype=float).T
    i, j = np.triu_indices(len(r), 1)
    if (np.hypot(x[i] - x[j], y[i] - y[j]) < r[i] + r[j] - 1e-6).any() or (r < 0).any():
        raise ValueError("overlap")
    return {"score": r.sum()}
`;
  await python.run(
    `hostile.TASKS["careless"] = hostile.Task("careless", ${JSON.stringify(careless)}, True, 2.63, hostile.TASKS["circles-square-26"].founder)\n` +
      `hostile.LOCAL["careless"] = hostile.square`,
  );
  const found = await Promise.all(
    ["slack of 9.9e-07", "slack of 3e-08", "nan as the first number", "infinity as the first number"].map(
      (title) => faultOf("careless", title),
    ),
  );
  for (const fault of found) expect(fault).toMatch(/^scored/);
  expect(await faultOf("careless", "a sum of 4")).toBe("");
});

test.each(BENCHMARKS)(
  "$name survives random submissions",
  async ({ name }) => {
    const report: Report = await python.evaluate(`fuzz.fuzz(${JSON.stringify(name)}, ${count}, ${seed})`);
    if (count > 30) console.log(name, JSON.stringify(report));
    expect(report.faults).toEqual([]);
    expect(report.valid + report.refused + report.unreadable).toBe(count);
    // So few as the suite makes may all be of one or two kinds.
    if (count >= 300) expect(Math.min(report.valid, report.refused, report.unreadable)).toBeGreaterThan(0);
    expect(report.left).toMatchObject({ threads: 0, files: 0 });
    expect(report.left.objects).toBeLessThan(1000);
    expect(report.left.kilobytes).toBeLessThan(50_000);
  },
  20_000 + count * 200,
);
