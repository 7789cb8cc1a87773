// Owns: the contract of `Verifier` as tests. Never knows how a verifier judges.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Score, Submission, Verifier } from "../../contracts/index.ts";

/** Makes a verifier; the suite disposes of it. */
export type MakeVerifier = () => Verifier | Promise<Verifier>;

/** Submissions in the form that the verifier judges. */
export interface VerifierSamples {
  /** Two valid submissions, the first the better one. */
  readonly better: Submission;
  readonly worse: Submission;
  /** Has the right shape and breaks the rules. */
  readonly rejected: Submission;
  /** One whose judgement takes seconds, where there is one: it is aborted. */
  readonly slow?: Submission;
}

/** Declares the tests that every verifier passes. */
export function describeVerifier(name: string, make: MakeVerifier, samples: VerifierSamples): void {
  describe(`${name} keeps the contract of a verifier`, () => {
    let verifier: Verifier;
    beforeAll(async () => {
      verifier = await make();
    });
    afterAll(() => verifier[Symbol.asyncDispose]());
    const judge = (submission: Submission, signal = never()) => verifier.verify(submission, { signal });
    describeScores(judge, samples);
    describeRubbish(judge);
    describeAborts(judge, samples);
    it("is disposed of more than once without harm", async () => {
      const another = await make();
      await another[Symbol.asyncDispose]();
      await expect(another[Symbol.asyncDispose]()).resolves.toBeUndefined();
    });
  });
}

type Judge = (submission: Submission, signal?: AbortSignal) => Promise<Score>;

const never = (): AbortSignal => new AbortController().signal;

function describeScores(judge: Judge, { better, worse, rejected }: VerifierSamples): void {
  it("gives the better submission the higher fitness", async () => {
    const [high, low] = [await judge(better), await judge(worse)];
    expect(faultsOf(high)).toEqual([]);
    expect(faultsOf(low)).toEqual([]);
    expect(high.valid && low.valid && high.fitness > low.fitness).toBe(true);
  });

  it("says why a submission is rejected", async () => {
    const score = await judge(rejected);
    expect(faultsOf(score)).toEqual([]);
    expect(score).toMatchObject({ valid: false, fitness: null });
  });

  it("judges alike whatever it judges before or meanwhile", async () => {
    const alone = await judge(better);
    const together = await Promise.all([worse, better, rejected, better].map((it) => judge(it)));
    expect([together[1], together[3], await judge(better)]).toStrictEqual([alone, alone, alone]);
  });

  it("leaves the submission as it is", async () => {
    const submission = freezeCopy(better);
    const before = JSON.stringify(submission);
    await judge(submission);
    expect(JSON.stringify(submission)).toBe(before);
  });
}

function describeRubbish(judge: Judge): void {
  it.each<[string, Submission]>([
    ["null", null],
    ["true", true],
    ["a word", "best"],
    ["an empty list", []],
    ["an empty object", {}],
    ["not a number", { $float: "nan" }],
    ["infinity", [{ $float: "inf" }]],
    ["a huge integer", { $int: `1${"0".repeat(400)}` }],
    ["an unknown tag", { $import: "os" }],
    ["20 000 lists in each other", nestDeeply(20_000)],
  ])("gives %s a score, and rejects nothing by an error", async (_, submission) => {
    expect(faultsOf(await judge(submission))).toEqual([]);
  });
}

function describeAborts(judge: Judge, { better, slow }: VerifierSamples): void {
  it("rejects with the reason of a signal that was aborted before", async () => {
    const reason = new Error("stop");
    await expect(judge(better, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it.skipIf(slow === undefined)("rejects with the reason of a signal that is aborted meanwhile", async () => {
    const signal = AbortSignal.timeout(200);
    await expect(judge(slow ?? null, signal)).rejects.toMatchObject({ name: "TimeoutError" });
  });
}

/** What the contract of `Score` forbids, in words. */
function faultsOf(score: Score): string[] {
  const faults = Object.entries(score.metrics)
    .filter(([, value]) => !Number.isFinite(value))
    .map(([name]) => `the metric ${name} is not finite`);
  if (!score.valid) {
    if (score.fitness !== null) faults.push("an invalid score has a fitness");
    if (score.message === "") faults.push("an invalid score has no message");
    return faults;
  }
  if (!Number.isFinite(score.fitness)) faults.push("the fitness is not finite");
  const own = score.metrics["score"];
  if (own === undefined || Math.abs(own) !== Math.abs(score.fitness))
    faults.push("metrics.score is not the fitness");
  return faults;
}

function nestDeeply(depth: number): Submission {
  let value: Submission = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

function freezeCopy(submission: Submission): Submission {
  const copy = structuredClone(submission);
  const freeze = (value: unknown): void => {
    if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  };
  freeze(copy);
  return copy;
}
