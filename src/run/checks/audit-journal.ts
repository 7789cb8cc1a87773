// Owns: auditing a run's journal: every decision of its strategy is asked for again and compared.
// Writes nothing, and needs neither kernels nor models.
import { createHash } from "node:crypto";
import { compareDecision } from "../../core/run/decide.ts";
import { messageOf, RunError } from "../../core/errors.ts";
import { reduce, type Run } from "../../core/run/run.ts";
import type { BranchId, RunEvent, Strategy } from "../../contracts/index.ts";

export interface JournalAudit {
  readonly events: number;
  readonly proposals: number;
  /** Those that people made: no decisions of the strategy. */
  readonly injected: number;
  readonly told: number;
  readonly branches: number;
  readonly best: BranchId;
  /** SHA-256 of the population as JSON: the same for the same journal and strategy, on any machine. */
  readonly population: string;
  /** The first decision that the strategy does not make now, or an outcome that it cannot take; null when there is none. */
  readonly difference: { readonly event: number; readonly what: string } | null;
}

/** Stops at the first difference. @throws RunError `run-missing` | `run-corrupt`. */
export async function auditJournal(
  events: AsyncIterable<RunEvent>,
  strategy: Strategy,
): Promise<JournalAudit> {
  let run: Run | null = null;
  let count = 0;
  let difference: JournalAudit["difference"] = null;
  for await (const event of events) {
    const step = advanceRun(strategy, run, event);
    if (typeof step === "string") {
      difference = { event: count, what: step };
      break;
    }
    run = step;
    count += 1;
  }
  if (run === null) throw new RunError("run-missing", "the journal is empty: there is no run to audit");
  return {
    events: count,
    proposals: run.proposals,
    injected: run.injected,
    told: run.told,
    branches: run.branches.size,
    best: run.best.id,
    population: createHash("sha256").update(JSON.stringify(run.population)).digest("hex"),
    difference,
  };
}

/** The run after the event, or how the event differs from what the strategy does. */
function advanceRun(strategy: Strategy, run: Run | null, event: RunEvent): Run | string {
  if (event.type === "proposal-made" && run !== null) {
    try {
      const what = compareDecision(strategy, run, event.proposal);
      if (what !== null) return what;
    } catch (error) {
      if (error instanceof RunError && error.code === "strategy-failed") return messageOf(error);
      throw error;
    }
  }
  return reduce(strategy, run, event);
}
