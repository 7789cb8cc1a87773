// Owns: `nbevolve run` and `nbevolve resume`: one session, shown while it goes on and summed up at its end.
import { relative } from "node:path";
import { stdin } from "node:process";
import { messageOf, RunError } from "../core/errors.ts";
import type { RunHandle, RunOptions } from "../run/run-options.ts";
import { startRun } from "../run/start-run.ts";
import { judgeBest, type BestVerdicts } from "../run/checks/verdicts.ts";
import type { RunResult } from "../run/result.ts";
import type { Usage } from "../contracts/index.ts";
import { scoreText } from "../environment/score-text.ts";
import type { Approval } from "./flags/approve.ts";
import { askPersonOn, requireTerminal } from "./terminal/ask-person.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { budgetTexts } from "./flags/run-limits.ts";
import { liveView, type LiveView } from "./terminal/live-view.ts";
import type { NoticeBoard } from "./terminal/notice-board.ts";
import { noticesText, usageText } from "./terminal/run-facts.ts";
import { describeMove, followEvent, noProgress, totalsText, type RunProgress } from "./terminal/progress.ts";
import { errorStream, print, printError, printJson } from "./terminal/screen.ts";

/** Runs to the end of the session. Resolves to the exit code; errors of the run are printed, not thrown. */
export async function runSession(
  options: Omit<RunOptions, "signal" | "progress">,
  json: boolean,
  board: NoticeBoard,
  approval: Approval | null = null,
): Promise<number> {
  const terminal = { input: stdin, output: errorStream };
  if (approval?.asks === true) requireTerminal(terminal);
  const began = Date.now();
  let progress: RunProgress = noProgress;
  let handle: RunHandle | null = null;
  let toldBefore = 0;
  const view: LiveView = liveView(() => {
    const trouble = board.status(Date.now());
    const lines = statusLines(handle, progress, options, began, toldBefore);
    return trouble === null ? lines : [...lines, `  ${trouble}`];
  });
  board.showOn((line) => view.line(line));
  const stop = listenForInterrupts((line) => view.line(line));
  try {
    handle = startRun({
      ...options,
      policy: approval?.policy,
      askPerson: approval ? askPersonOn(terminal, { hold: view.hold, quit: stop.stop }) : undefined,
      signal: stop.signal,
      progress: (line) => view.line(line),
    });
    const started = handle;
    const following = (async () => {
      let seen = 0;
      for await (const event of started.events()) {
        if (event.type === "run-started")
          view.line(`run directory: ${shownPath(started.dir)} (seed ${event.seed})`);
        seen += 1;
        const next = followEvent(progress, event, Date.now());
        progress = next.progress;
        if (seen <= started.past) toldBefore = progress.history?.told ?? 0;
        else if (next.line !== null) view.line(next.line);
      }
    })();
    const [result] = await Promise.all([started.done, following]);
    const verdicts = result.best === null ? null : await judgeBest(started.dir, options);
    view.close();
    const why = whyStopped(started, options.proposals, (Date.now() - began) / 1000);
    report(result, verdicts, json, { why, total: started.budget?.proposals ?? result.proposals });
    if (nothingWorked(result)) return EXIT.failed;
    return missedTarget(result, verdicts) ? EXIT.targetMissed : EXIT.done;
  } catch (error) {
    view.close();
    return explain(error, stop.exitCode(), handle?.state == null ? null : handle.dir);
  } finally {
    stop.release();
  }
}

function statusLines(
  handle: RunHandle | null,
  progress: RunProgress,
  options: { readonly proposals?: number | undefined },
  began: number,
  toldBefore: number,
): readonly string[] {
  const run = handle?.state ?? null;
  const now = Date.now();
  if (run === null) return ["starting ..."];
  const proposals = options.proposals ?? Number(run.settings["proposals"]);
  const episodes = [...progress.activities.values()].map(({ proposal, doing, since }) => {
    const seconds = Math.round((now - since) / 1000);
    return `  ${proposal.id} ${describeMove(proposal)}: ${doing}, ${seconds} s`;
  });
  const best = `best ${run.best.id}: ${run.best.score.metrics["score"] ?? run.best.score.fitness}`;
  const seconds = (now - began) / 1000;
  const used = budgetTexts(run, handle?.budget ?? null, seconds);
  const paused = run.paused ? ["  paused; nbevolve unpause goes on"] : [];
  const lines = [`${best} · ${totalsText(run, proposals, seconds, run.told - toldBefore)}`];
  return [...lines, ...(used.length > 0 ? [`  budget: ${used.join(" · ")}`] : []), ...paused, ...episodes];
}

/** Why the run stopped, in words: which limit, and how much of it. */
function whyStopped({ state, budget }: RunHandle, asked: number | undefined, seconds: number): string {
  if (state === null || state.stopped === null) return "stopped before its end";
  if (state.stopped === "target") return "the target is reached";
  if (state.stopped === "asked") return "stopped on request";
  if (state.stopped === "exhausted") return "the strategy has nothing more to propose";
  const { proposals } = state;
  if (asked !== undefined && asked < proposals)
    return `${countText(proposals, "proposal")} had been made already, and ${asked} in all were asked for`;
  if (budget === null || proposals >= budget.proposals)
    return proposals === 1 ? "its 1 proposal was used" : `all ${proposals} proposals were used`;
  return `a limit is reached: ${budgetTexts(state, budget, seconds).join(", ")}`;
}

function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** Why a run stopped. `total`: how many proposals the run may make. */
interface WhyStopped {
  readonly why: string;
  readonly total: number;
}

function report(
  result: RunResult,
  verdicts: BestVerdicts | null,
  json: boolean,
  { why, total }: WhyStopped,
): void {
  if (json) {
    const holdout = verdicts?.holdout ?? undefined;
    printJson({ ...result, holdout });
    return;
  }
  const { best, runDir } = result;
  const lines = [
    `${countText(result.episodes, "episode")}, ${result.failures} failed, ${result.seconds.toFixed(0)} s; ${why}`,
    ...(result.withoutCells === 0 ? [] : [withoutCellsText(result)]),
    ...(result.tokens.input > 0 ? [usageText(usageOf(result))] : []),
    ...(Object.keys(result.notices).length === 0 ? [] : [`model: ${noticesText(result.notices)}`]),
    ...(best === null
      ? []
      : [`best ${best.branch}: ${scoreOf(best.metrics)}${REPRODUCED[String(best.reproduced)] ?? ""}`]),
    ...result.refuted.map(({ branch, reason }) => `${branch} scored more, but was not reproduced: ${reason}`),
    ...(verdicts === null
      ? []
      : [`verdict of the verifier on its submission: ${scoreText(verdicts.verdict)}`]),
    ...(verdicts?.holdout ? [`holdout: ${scoreText(verdicts.holdout)}`] : []),
    `best notebook, for JupyterLab or any other viewer:  ${shownPath(runDir)}/best.ipynb`,
    result.proposals < total
      ? `go on, to its ${total} proposals:  npx nbevolve resume ${shownPath(runDir)}`
      : `go on, to twice as many proposals in all:  npx nbevolve resume ${shownPath(runDir)} --proposals ${total * 2}`,
  ];
  print(lines.join("\n"));
}

function withoutCellsText({ withoutCells, episodes }: RunResult): string {
  return `${withoutCells} of ${countText(episodes, "episode")} ran no cell: try npx nbevolve models check, which says what the model lacks`;
}

function usageOf({ tokens, costUsd }: RunResult): Usage {
  const { input, cached, output, cacheWritten, reasoning } = tokens;
  return {
    inputTokens: input,
    cachedTokens: cached,
    outputTokens: output,
    cacheWriteTokens: cacheWritten ?? 0,
    reasoningTokens: reasoning ?? 0,
    costUsd,
  };
}

const REPRODUCED: Readonly<Record<string, string>> = { true: "; reproduced", null: "; not reproduced yet" };

function scoreOf(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

/** Every episode failed, or ran no cell: a script must see that in the exit code. */
function nothingWorked({ episodes, failures, withoutCells }: RunResult): boolean {
  return episodes > 0 && failures + withoutCells === episodes;
}

function missedTarget(result: RunResult, verdicts: BestVerdicts | null): boolean {
  return verdicts?.target !== null && verdicts !== null && result.stopped !== "target";
}

function explain(error: unknown, signalCode: number | null, dir: string | null): number {
  if (signalCode !== null) {
    printError(
      dir === null
        ? "Interrupted before anything was finished; nothing is kept."
        : `Interrupted; everything finished is kept.  Go on with: npx nbevolve resume ${shownPath(dir)}`,
    );
    return signalCode;
  }
  printError(`nbevolve: ${messageOf(error)}`);
  if (dir !== null && error instanceof RunError && error.code.startsWith("model-"))
    printError(`Nothing is lost; go on with: npx nbevolve resume ${shownPath(dir)}`);
  if (process.env["NBEVOLVE_DEBUG"] && error instanceof Error) printError(`${error.stack}`);
  return exitCodeOf(error);
}

function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") || near === "" ? path : near;
}
