// Owns: the log-structured view: frozen digests, a snapshot of open cells, and a log of what happened since.
// Folds when that is cheaper than sending the log again. Pure: everything it knows is in its log.
import { textMessage, turnMessages } from "../src/core/conversation.ts";
import { DEFAULT_PRICING, FOLD_BOUNDS, foldThreshold, type FoldBounds } from "../src/core/fold-price.ts";
import type { Message, PromptEvent, Renderer, RenderInput, ToolOutcome } from "../src/contracts/index.ts";
import { appendMessages, promptOf, countPromptTokens, type ContextLog } from "./parts/context-log.ts";
import { describeChanges, changedCells, noteChanges } from "./parts/told-cells.ts";
import { besideKernelNames, kernelNamesLine } from "./parts/kernel-line.ts";
import { foldLog, viewWhole, type FoldOptions } from "./parts/fold.ts";

/** How `logStructured` writes its prompts. */
export interface LogStructuredOptions extends Partial<FoldOptions> {
  /** Tokens up to which a notebook that is seen for the first time is shown whole. Default 8000. */
  readonly wholeTokens?: number | undefined;
  /** Tokens of log between which the price decides when to fold. */
  readonly bounds?: FoldBounds | undefined;
}

/** Share of the model's window from which on a log is folded whatever it costs. */
const WINDOW_SHARE = 0.6;
/** Share of the window below which a log is not what fills it: folding it would only hide what was just done. */
const LOG_SHARE = 0.1;

/** The default renderer: an epoch lasts from fold to fold, and within it prompts only grow. */
export function logStructured(options: LogStructuredOptions = {}): Renderer<ContextLog> {
  const { openCells = 2, openTokens = 800, outputTokens = 300, pinnedTokens = 400 } = options;
  const { wholeTokens = 8000, bounds = FOLD_BOUNDS } = options;
  const fold = { openCells, openTokens, outputTokens, pinnedTokens };
  return {
    name: "log-structured",
    open: (input) => openLog(input, fold, wholeTokens),
    append(log, event, input) {
      const next = appendEvent(log, event, input);
      if (event.type === "round-ended") return foldWhereCheaper(next, input, fold, bounds);
      return event.type === "turn-ended" ? foldNearWindow(next, input, fold) : next;
    },
    prompt: promptOf,
  };
}

/** The notebook whole when it is small, else folded except for its last cells. */
function openLog(whole: RenderInput, fold: FoldOptions, wholeTokens: number): ContextLog {
  const input = besideKernelNames(whole);
  const empty: ContextLog = {
    frozen: [],
    snapshot: "",
    events: [],
    eventTokens: 0,
    asked: 0,
    turns: 0,
    header: "",
    unfrozen: {},
    told: {},
  };
  const log = noteChanges(empty, input.notebook, changedCells(empty, input.notebook));
  const small = input.notebook.cells.reduce((sum, { source }) => sum + source.length, 0) < wholeTokens * 8;
  const snapshot = small ? viewWhole(Math.min(wholeTokens, input.budgetTokens - 8), input, fold) : null;
  return snapshot === null ? foldLog(log, input, fold) : { ...log, snapshot };
}

function appendEvent(log: ContextLog, event: PromptEvent, input: RenderInput): ContextLog {
  const changed = changedCells(log, input.notebook);
  switch (event.type) {
    case "round-started": {
      const header = `# Round\n${event.header}`;
      const said = [describeChanges(log, input.notebook, changed), kernelNamesLine(input), header]
        .filter((part) => part !== "")
        .join("\n\n");
      return appendMessages(
        { ...noteChanges(log, input.notebook, changed), header },
        [textMessage("user", said)],
        input,
      );
    }
    case "turn-ended": {
      const told = new Set(event.results.flatMap(({ edits }) => edits.map(idOf)));
      const untold = changed.filter((id) => !told.has(id));
      const line = describeChanges(log, input.notebook, untold);
      const results = event.results.map((result) => withoutUnseenPictures(result, input));
      const messages = [...turnMessages(event.reply, results, log.events)];
      if (line !== "") messages.push(textMessage("user", line));
      const next = noteChanges(log, input.notebook, changed, event.results);
      return appendMessages({ ...next, turns: next.turns + 1, asked: log.events.length }, messages, input);
    }
    case "told":
      return appendMessages(log, [textMessage("user", event.text)], input);
    case "round-ended": {
      const line = describeChanges(log, input.notebook, changed);
      const messages: readonly Message[] = line === "" ? [] : [textMessage("user", line)];
      return appendMessages(noteChanges(log, input.notebook, changed), messages, input);
    }
  }
}

/** The log after a round, folded where that is cheaper than sending it again with each call. */
function foldWhereCheaper(
  log: ContextLog,
  input: RenderInput,
  fold: FoldOptions,
  bounds: FoldBounds,
): ContextLog {
  const next = foldLog(log, besideKernelNames(input), fold);
  const added = next.frozen.at(-1) === log.frozen.at(-1) ? "" : (next.frozen.at(-1) ?? "");
  const resent = input.countTokens(added) + input.countTokens(next.snapshot);
  const perTurn = log.eventTokens / Math.max(1, log.turns);
  const threshold = foldThreshold(resent, perTurn, input.pricing ?? DEFAULT_PRICING, bounds);
  return log.eventTokens > threshold ? next : foldNearWindow(log, input, fold);
}

/** The log, folded at once where the prompt nears the window; the round's header is said again. */
function foldNearWindow(log: ContextLog, input: RenderInput, fold: FoldOptions): ContextLog {
  const { windowTokens } = input.pricing ?? DEFAULT_PRICING;
  if (windowTokens === null || log.eventTokens <= windowTokens * LOG_SHARE) return log;
  if (countPromptTokens(log, input) <= windowTokens * WINDOW_SHARE) return log;
  const next = foldLog(log, besideKernelNames(input), fold);
  const header = `${log.header}\n(The round's turns so far were folded: the window is nearly full.)`;
  return appendMessages(next, [textMessage("user", header)], input);
}

/** The result as the model can take it: one that sees no pictures gets only their placeholders in the text. */
function withoutUnseenPictures(result: ToolOutcome, { seesImages }: RenderInput): ToolOutcome {
  if (seesImages || result.content.every((part) => part.type === "text")) return result;
  return { ...result, content: result.content.filter((part) => part.type === "text") };
}

function idOf(edit: ToolOutcome["edits"][number]): string {
  return edit.type === "cell-added" ? edit.cell.id : edit.id;
}
