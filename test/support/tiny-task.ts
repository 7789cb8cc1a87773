// A task for fake kernels: make `x` large. Its verifier is a function, so that a test needs no process.
import { codeCell, emptyNotebook, markdownCell } from "../../src/core/notebook/notebook.ts";
import type { Score, Task, Verifier } from "../../src/contracts/index.ts";

export const tinyTask: Task = {
  name: "tiny",
  statement: "Make `x` large.",
  direction: "maximize",
  submission: "x",
  founder: {
    ...emptyNotebook(),
    cells: [
      markdownCell("c1", "Make `x` large.", { role: "task", round: 0 }),
      codeCell("c2", "x = 1", { role: "code", round: 0 }),
    ],
  },
  verifier: { source: "def verify(submission): return submission", cell: "c3" },
  holdout: null,
  limits: {
    turnsPerRound: 6,
    callsPerRound: 8,
    cellTimeoutMs: 200,
    roundTimeoutMs: 60_000,
    tokensPerEpisode: 1_000_000,
    verifierTimeoutMs: 1000,
    verifierMemoryMb: 256,
    contextTokens: 4000,
  },
  descriptors: [],
  target: null,
  parameters: {},
};

/** Scores numbers by their value; anything else is invalid. */
export function numberVerifier(): Verifier & { readonly judged: readonly unknown[] } {
  const judged: unknown[] = [];
  return {
    judged,
    async verify(submission): Promise<Score> {
      judged.push(submission);
      if (typeof submission !== "number") {
        return { valid: false, fitness: null, metrics: {}, message: "not a number" };
      }
      return { valid: true, fitness: submission, metrics: { score: submission }, message: "" };
    },
    async [Symbol.asyncDispose]() {},
  };
}
