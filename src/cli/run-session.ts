// Owns: `nbevolve run` and `nbevolve resume`: one session, shown while it goes on and summed up at its end.
import { stdin } from "node:process";
import type { History } from "../core/run/history.ts";
import { ownCommand } from "../core/shell-words.ts";
import type { RunHandle, RunOptions } from "../run/run-options.ts";
import { besideBestKnown, ownScore, showNumber } from "../history/index.ts";
import { startRun } from "../run/start-run.ts";
import { holdsRun } from "../store/index.ts";
import { judgeBest } from "../run/checks/verdicts.ts";
import type { Approval } from "./flags/approve.ts";
import { askPersonOn, requireTerminal } from "./terminal/ask-person.ts";
import { EXIT } from "./exit-codes.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { budgetTexts } from "./flags/run-limits.ts";
import { liveView, type LiveView } from "./terminal/live-view.ts";
import type { NoticeBoard } from "./terminal/notice-board.ts";
import {
  explainEnd,
  type GoOn,
  missedTarget,
  nothingWorked,
  report,
  shownPath,
  whyStopped,
} from "./session-end.ts";
import { describeMove, followEvent, noProgress, totalsText, type RunProgress } from "./terminal/progress.ts";
import { errorStream } from "./terminal/screen.ts";

/** How a session is shown, who is asked, and how another one goes on as it did. */
interface SessionWays {
  readonly json: boolean;
  readonly board: NoticeBoard;
  readonly approval: Approval | null;
  readonly goOn: GoOn;
}

/** Runs to the end of the session. Resolves to the exit code; errors of the run are printed, not thrown. */
export async function runSession(
  options: Omit<RunOptions, "signal" | "progress">,
  { json, board, approval, goOn }: SessionWays,
): Promise<number> {
  const terminal = { input: stdin, output: errorStream };
  if (approval?.asks === true) requireTerminal(terminal);
  const began = performance.now();
  let progress: RunProgress = noProgress;
  let handle: RunHandle | null = null;
  const view: LiveView = liveView(() => {
    const trouble = board.status(performance.now());
    const lines = statusLines(handle, progress, (performance.now() - began) / 1000);
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
        const next = followEvent(progress, event, performance.now());
        progress = next.progress;
        if (seen > (started.before?.events ?? 0) && next.line !== null) view.line(next.line);
      }
    })();
    const [result] = await Promise.all([started.done, following]);
    const why = whyStopped(started);
    const verdicts = result.best === null ? null : await judgeBest(started.dir, options);
    view.close();
    report(result, verdicts, json, {
      why,
      total: started.budget?.proposals ?? result.proposals,
      goOn,
      task: started.task,
    });
    if (nothingWorked(result)) return EXIT.failed;
    return missedTarget(result, started.budget) ? EXIT.targetMissed : EXIT.done;
  } catch (error) {
    view.close();
    return await explainEnd(
      error,
      stop.cause(),
      handle !== null && holdsRun(handle.dir) ? handle.dir : null,
      goOn,
    );
  } finally {
    stop.release();
  }
}

function statusLines(handle: RunHandle | null, progress: RunProgress, seconds: number): readonly string[] {
  const run = handle === null ? null : shownRun(handle, progress);
  if (handle === null || run === null) return ["starting ..."];
  const now = performance.now();
  const episodes = [...progress.activities.values()].map(({ proposal, doing, since }) => {
    const lasted = Math.round((now - since) / 1000);
    return `  ${proposal.id} ${describeMove(proposal)}: ${doing}, ${lasted} s`;
  });
  const score = ownScore(run.best.score);
  const { before, budget, budgetSeconds, task } = handle;
  const best = `best ${run.best.id}: ${showNumber(score)}${besideBestKnown(task, score)}`;
  const used = budgetTexts(run, budget, budgetSeconds);
  const paused = run.paused ? [`  paused; go on with: ${ownCommand("unpause", shownPath(handle.dir))}`] : [];
  const lines = [`${best} · ${totalsText(run, { before, asked: budget?.proposals ?? 0, seconds })}`];
  return [...lines, ...(used.length > 0 ? [`  budget: ${used.join(" · ")}`] : []), ...paused, ...episodes];
}

/** The run as far as the lines above tell it; what earlier sessions left is not told again. */
function shownRun({ before }: RunHandle, { history }: RunProgress): History | null {
  return before !== null && (history === null || history.events < before.events) ? before : history;
}
