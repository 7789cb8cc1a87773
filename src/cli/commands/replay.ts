// Owns: `nbevolve replay`: a journal replayed and checked, in words or as JSON.
import { auditJournal, type JournalAudit } from "../../run/checks/audit-journal.ts";
import { describeDifference, type ReExecuted } from "../../run/checks/re-execute.ts";
import { reExecuteRun } from "../../run/checks/re-execute.ts";
import { readRunStarted } from "../../run/run-settings.ts";
import { openRunStore } from "../../store/index.ts";
import { EXIT } from "../exit-codes.ts";
import { interruptible } from "../interrupts.ts";
import { journalledStrategy } from "../flags/resume-options.ts";
import { boxing, type SandboxFlags } from "../flags/sandbox-flags.ts";

export interface ReplayFlags extends SandboxFlags {
  readonly execute?: boolean;
  readonly json?: boolean;
}

/** Resolves to the exit code: 1 where anything differs. @throws RunError. */
export async function replay(dir: string, flags: ReplayFlags): Promise<number> {
  await using store = await openRunStore(dir, { mode: "read" });
  const strategy = await journalledStrategy(await readRunStarted(store), dir);
  const replayed = await auditJournal(store.read(0), strategy);
  const code = replayed.difference === null ? EXIT.done : EXIT.failed;
  if (flags.execute !== true) {
    process.stdout.write(
      flags.json === true ? `${JSON.stringify(replayed)}\n` : text(replayed, strategy.name),
    );
    return code;
  }
  if (flags.json !== true) process.stdout.write(text(replayed, strategy.name));
  // Awaited here: the store is read until then.
  return await interruptible(async (signal, say) => {
    const executed = await reExecuteRun(store, { ...boxing(flags), signal, progress: say });
    const both = JSON.stringify({ ...replayed, executed });
    process.stdout.write(flags.json === true ? `${both}\n` : executedText(executed));
    return executed.difference === null ? code : EXIT.failed;
  });
}

function executedText({ episodes, cells, scores, difference }: ReExecuted): string {
  const lines = [
    `${episodes} episodes played again: ${cells.same} of ${cells.all} cells and ${scores.same} of ${scores.all} scores are the same`,
    difference === null ? "no difference" : `the first difference, in ${describeDifference(difference)}`,
  ];
  return `${lines.join("\n")}\n`;
}

function text(replayed: JournalAudit, strategy: string): string {
  const { events, proposals, told, branches, best, population, difference } = replayed;
  const lines = [
    `${events} events, ${proposals} proposals, ${told} told, ${branches} branches; best ${best}`,
    `population of ${strategy}: sha256 ${population}`,
    difference === null
      ? `all ${proposals} decisions are the strategy's`
      : `the first difference, at event ${difference.event}: ${difference.what}`,
  ];
  return `${lines.join("\n")}\n`;
}
