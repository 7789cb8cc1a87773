// Owns: `nbevolve replay`: the journal of a run audited, and its episodes played again, in words or as JSON.
import type { Command } from "commander";
import { auditJournal, type JournalAudit } from "../../run/checks/audit-journal.ts";
import { describeDifference, reExecuteRun, type ReExecuted } from "../../run/checks/re-execute.ts";
import {
  journalledStrategy,
  journalledTools,
  strategyClaims,
  toolClaims,
} from "../../run/parts/journalled-parts.ts";
import { requireTrust } from "../../run/received.ts";
import { chainText, watchChain, watchedJournal } from "../../history/index.ts";
import { openRunStore } from "../../store/index.ts";
import { ownProposals } from "../../core/run/counts.ts";
import { EXIT } from "../exit-codes.ts";
import { runInterruptible } from "../interrupts.ts";
import { addTrustFlag, type TrustFlag } from "../flags/trust-flag.ts";
import { requireStarted } from "../flags/resume-options.ts";
import { addSandboxFlags, sandboxOptionsFrom, type SandboxFlags } from "../flags/sandbox-flags.ts";
import { print, printJson } from "../terminal/screen.ts";

interface ReplayFlags extends SandboxFlags, TrustFlag {
  readonly execute?: boolean;
  readonly json?: boolean;
}

export function defineReplayCommand(command: Command): void {
  command
    .argument("<dir>", "Run directory.")
    .option(
      "--execute",
      "Also play the recorded replies again on fresh kernels, and report the first difference.",
    )
    .option("--json", "Print the result as JSON.")
    .action(async (dir: string, flags: ReplayFlags) => {
      process.exitCode = await replay(dir, flags);
    });
  addSandboxFlags(command, true);
  addTrustFlag(command);
}

/** Resolves to the exit code: 1 where anything differs. @throws RunError. */
async function replay(dir: string, flags: ReplayFlags): Promise<number> {
  await using store = await openRunStore(dir, { mode: "read" });
  const started = await requireStarted(store);
  const { trust = false } = flags;
  const tooling = flags.execute === true ? toolClaims(started) : [];
  requireTrust(store, [...strategyClaims(started), ...tooling], trust);
  const strategy = await journalledStrategy(started);
  const watch = watchChain();
  const audit = await auditJournal(watchedJournal(store, watch).read(0), strategy);
  const chain = watch.facts();
  const code = audit.difference === null && chain.brokenAt === null ? EXIT.done : EXIT.failed;
  const text = `${auditText(audit, strategy.name)}${chainText(chain)}\n`;
  if (flags.execute !== true) {
    if (flags.json === true) printJson({ ...audit, chain });
    else print(text);
    return code;
  }
  if (flags.json !== true) print(text);
  const tools = await journalledTools(started);
  // Awaited here: the store is read until then.
  return await runInterruptible(async (signal, progress) => {
    const executed = await reExecuteRun(store, {
      ...sandboxOptionsFrom(flags),
      tools,
      trust,
      signal,
      progress,
    });
    if (flags.json === true) printJson({ ...audit, chain, executed });
    else print(executedText(executed));
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

function auditText(audit: JournalAudit, strategy: string): string {
  const { events, proposals, told, branches, best, population, difference } = audit;
  const lines = [
    `${events} events, ${proposals} proposals, ${told} told, ${branches} branches; best ${best}`,
    `population of ${strategy}: sha256 ${population}`,
    difference === null
      ? `all ${ownProposals(audit)} decisions are the strategy's`
      : `the first difference, at event ${difference.event}: ${difference.what}`,
  ];
  return `${lines.join("\n")}\n`;
}
