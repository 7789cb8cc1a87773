// Owns: `nbevolve run` and `nbevolve resume`: one session, shown while it goes on and summed up at its end.
import { stdin } from "node:process";
import type { RunHandle, RunOptions } from "../run/run-options.ts";
import { startRun } from "../run/start-run.ts";
import { holdsRun } from "../store/index.ts";
import { judgeBest } from "../run/checks/verdicts.ts";
import type { Approval } from "./flags/approve.ts";
import { askPersonOn, requireTerminal } from "./terminal/ask-person.ts";
import { writeReport } from "../exports/report/report.ts";
import { EXIT } from "./exit-codes.ts";
import { listenForInterrupts } from "./interrupts.ts";
import type { NoticeBoard } from "./terminal/notice-board.ts";
import { explainEnd, type GoOn, missedTarget, nothingWorked, report, whyStopped } from "./session-end.ts";
import type { ServedPage } from "../server/serve-runs.ts";
import { openInBrowser } from "./open-browser.ts";
import { openRunView } from "./terminal/run-view.ts";
import { reportText } from "./terminal/report-text.ts";
import { errorStream, printError } from "./terminal/screen.ts";

/** How a session is shown, who is asked, and how another one goes on as it did. */
interface SessionWays {
  readonly json: boolean;
  /** Whether the run's page is served meanwhile. */
  readonly ui: boolean;
  /** Whether the run's page is written as a file at the end. */
  readonly report: boolean;
  readonly board: NoticeBoard;
  readonly approval: Approval | null;
  readonly goOn: GoOn;
}

/** Runs to the end of the session. Resolves to the exit code; errors of the run are printed, not thrown. */
export async function runSession(
  options: Omit<RunOptions, "signal" | "progress">,
  { json, ui, report: writesReport, board, approval, goOn }: SessionWays,
): Promise<number> {
  const terminal = { input: stdin, output: errorStream };
  if (approval?.asks === true) requireTerminal(terminal);
  let handle: RunHandle | null = null;
  let served: ServedPage | null = null;
  const view = openRunView(board);
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
    if (ui) {
      served = await started.ui();
      view.line(`the run's page: ${served.url}`);
      openInBrowser(served.url);
    }
    const [result] = await Promise.all([started.done, view.follow(started)]);
    const why = whyStopped(started);
    view.sayAfter("the best submission is being judged once more");
    const verdicts = result.best === null ? null : await judgeBest(started.dir, options);
    if (writesReport) view.sayAfter("the report is being written");
    const written = writesReport ? await writeReport(started.dir) : null;
    view.close();
    report(result, verdicts, json, {
      why,
      total: started.budget?.proposals ?? result.proposals,
      goOn,
      task: started.task,
      run: started.state,
    });
    if (written !== null) printError(reportText(written));
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
    await served?.[Symbol.asyncDispose]();
    stop.release();
  }
}
