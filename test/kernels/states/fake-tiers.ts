// Owns: tiers and live kernels without processes, for tests of what is decided between tiers.
import type { Execution, RecipeStep } from "../../../src/contracts/kernel.ts";
import type { ExecutionStatus } from "../../../src/contracts/notebook.ts";
import type { LiveKernel } from "../../../src/kernels/jupyter/contracts.ts";
import type { RestoreParts } from "../../../src/kernels/states/restore.ts";
import { stepTimes } from "../../../src/kernels/states/state-memory.ts";
import type { Tier } from "../../../src/kernels/states/tier.ts";

export type FakeKernel = LiveKernel & { readonly isKilled: () => boolean };

export function fakeKernel(id: string, { hangs = false } = {}): FakeKernel {
  let reason: string | null = null;
  const kill = async (why: string): Promise<void> => {
    reason = why;
  };
  return {
    id,
    area: { folder: "", inside: "" },
    lost: () => reason,
    hung: () => hangs,
    isKilled: () => reason !== null,
    kill,
    request: () => Promise.reject(new Error("no request is expected here")),
    interrupt: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => kill("disposed"),
  };
}

export const recipeStep = (cell: string, source: string, status: ExecutionStatus = "ok"): RecipeStep => ({
  cell,
  source,
  status,
});

export function executionThat(status: ExecutionStatus, ename = ""): Execution {
  const error = { output_type: "error" as const, ename, evalue: "why", traceback: [] };
  return { status, outputs: ename === "" ? [] : [error], durationMs: 0 };
}

export interface FakeTierOptions {
  readonly name: Tier["name"];
  /** How many of the steps its kernels hold; null: it makes no offer. */
  readonly holds?: number | null;
  readonly costMs?: number;
  /** Kernels to give, in order; where there is none left, its offers fail. Default: always another one. */
  readonly kernels?: readonly FakeKernel[];
  readonly refusal?: string;
  /** Whether it takes over kernels that are given back, and answers for kernels that hang. */
  readonly owns?: boolean;
  readonly durationMs?: number;
}

/** A tier that writes down in `log` what it was asked: `fork offer`, `fork take`, ... */
export function fakeTier(log: string[], options: FakeTierOptions): Tier {
  const { name, holds = 0, costMs = 0, owns = false, durationMs } = options;
  const left = options.kernels === undefined ? null : [...options.kernels];
  let made = 0;
  const note = (what: string): void => void log.push(`${name} ${what}`);
  return {
    name,
    async offer(steps) {
      note("offer");
      if (holds === null) return null;
      const held = steps.slice(0, holds);
      const take = async () => {
        note("take");
        const kernel = left === null ? fakeKernel(`${name}${(made += 1)}`) : left.shift();
        return kernel === undefined ? null : { kernel, holds: held };
      };
      const timed = held.map((one) => (durationMs === undefined ? one : { ...one, durationMs }));
      return { tier: name, holds: held.length, costMs, timed, take };
    },
    keep: async (_, steps, { after }) => note(`keep ${steps.length} after ${after}`),
    async takeOver() {
      note("take over");
      return owns;
    },
    refusal: () => options.refusal ?? null,
    distrust() {
      note("distrust");
      return owns;
    },
  };
}

/** Parts that end each source as `ends` says, and record what ran. */
export function fakeParts(
  tiers: readonly Tier[],
  ends: Readonly<Record<string, Execution>> = {},
): RestoreParts & { readonly ran: readonly string[] } {
  const ran: string[] = [];
  return {
    tiers,
    times: stepTimes(),
    ran,
    async run(_, source) {
      ran.push(source);
      return ends[source] ?? executionThat("ok");
    },
  };
}
