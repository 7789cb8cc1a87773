// Owns: the log-structured view - frozen digests, a snapshot of open cells, and an append-only log of what happened
// since. Folds when that is cheaper than sending the log again. Pure: everything it knows is in its log.
import { textMessage, turnMessages } from "../src/core/conversation.ts";
import { DEFAULT_PRICING, FOLD_BOUNDS, foldThreshold, type FoldBounds } from "../src/core/fold-price.ts";
import type { Message, PromptEvent, Renderer, RenderInput, ToolOutcome } from "../src/contracts/index.ts";
import { appended, promptOf, promptTokens, type ContextLog } from "./parts/context-log.ts";
import { changeLine } from "./parts/changes.ts";
import { folded, wholeWithin, type FoldOptions } from "./parts/fold.ts";
import { changedCells, noted } from "./parts/told-cells.ts";

export interface LogStructuredOptions extends Partial<FoldOptions> {
  /** A notebook that is seen for the first time is shown whole up to this many tokens. */
  readonly wholeTokens?: number;
  /** Tokens of log between which the closed form decides when to fold. */
  readonly bounds?: FoldBounds;
}

/** Folds before its time when the prompt takes this share of the model's window. */
const WINDOW_SHARE = 0.6;
/** A shorter log is not what fills the window: folding it again and again would only hide what was just done. */
const LOG_SHARE = 0.1;

/** The default renderer: an epoch lasts from fold to fold, and within it prompts only grow. */
export function logStructured(options: LogStructuredOptions = {}): Renderer<ContextLog> {
  const { openCells = 2, openTokens = 800, outputTokens = 300, pinnedTokens = 400 } = options;
  const { wholeTokens = 8000, bounds = FOLD_BOUNDS } = options;
  const fold = { openCells, openTokens, outputTokens, pinnedTokens };
  return {
    name: "log-structured",
    open: (scene) => opened(scene, fold, wholeTokens),
    append(log, news, scene) {
      const next = afterNews(log, news, scene);
      if (news.type === "round-ended") return atRoundEnd(next, scene, fold, bounds);
      return news.type === "turn-ended" ? withinWindow(next, scene, fold) : next;
    },
    prompt: promptOf,
  };
}

/** Whole when it is small, else folded but for its last cells. */
function opened(scene: RenderInput, fold: FoldOptions, wholeTokens: number): ContextLog {
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
  const log = noted(empty, scene.notebook, changedCells(empty, scene.notebook));
  const small = scene.notebook.cells.reduce((sum, { source }) => sum + source.length, 0) < wholeTokens * 8;
  const whole = small ? wholeWithin(Math.min(wholeTokens, scene.budgetTokens - 8), scene, fold) : null;
  return whole === null ? folded(log, scene, fold) : { ...log, snapshot: whole };
}

function afterNews(log: ContextLog, news: PromptEvent, scene: RenderInput): ContextLog {
  const changed = changedCells(log, scene.notebook);
  switch (news.type) {
    case "round-started": {
      const header = `# Round\n${news.header}`;
      const said = [changeLine(log, scene.notebook, changed), header]
        .filter((part) => part !== "")
        .join("\n\n");
      return appended({ ...noted(log, scene.notebook, changed), header }, [textMessage("user", said)], scene);
    }
    case "turn-ended": {
      const told = new Set(news.results.flatMap(({ edits }) => edits.map(idOf)));
      const untold = changed.filter((id) => !told.has(id));
      const line = changeLine(log, scene.notebook, untold);
      const results = news.results.map((result) => seen(result, scene));
      const messages = [...turnMessages(news.reply, results, log.events)];
      if (line !== "") messages.push(textMessage("user", line));
      const next = noted(log, scene.notebook, changed, news.results);
      return appended({ ...next, turns: next.turns + 1, asked: log.events.length }, messages, scene);
    }
    case "told":
      return appended(log, [textMessage("user", news.text)], scene);
    case "round-ended": {
      const line = changeLine(log, scene.notebook, changed);
      const messages: readonly Message[] = line === "" ? [] : [textMessage("user", line)];
      return appended(noted(log, scene.notebook, changed), messages, scene);
    }
  }
}

/** Folds where the closed form says that it is cheaper than going on. */
function atRoundEnd(log: ContextLog, scene: RenderInput, fold: FoldOptions, bounds: FoldBounds): ContextLog {
  const next = folded(log, scene, fold);
  const added = next.frozen.at(-1) === log.frozen.at(-1) ? "" : (next.frozen.at(-1) ?? "");
  const resent = scene.countTokens(added) + scene.countTokens(next.snapshot);
  const perTurn = log.eventTokens / Math.max(1, log.turns);
  const threshold = foldThreshold(resent, perTurn, scene.pricing ?? DEFAULT_PRICING, bounds);
  return log.eventTokens > threshold ? next : withinWindow(log, scene, fold);
}

/** A prompt that nears the window is folded at once, whatever it costs; the round's header is said again. */
function withinWindow(log: ContextLog, scene: RenderInput, fold: FoldOptions): ContextLog {
  const { windowTokens } = scene.pricing ?? DEFAULT_PRICING;
  if (windowTokens === null || log.eventTokens <= windowTokens * LOG_SHARE) return log;
  if (promptTokens(log, scene) <= windowTokens * WINDOW_SHARE) return log;
  const next = folded(log, scene, fold);
  const header = `${log.header}\n(The round's turns so far were folded: the window is nearly full.)`;
  return appended(next, [textMessage("user", header)], scene);
}

/** A model that does not see gets the placeholders in the text alone. */
function seen(result: ToolOutcome, { seesImages }: RenderInput): ToolOutcome {
  if (seesImages || result.content.every((part) => part.type === "text")) return result;
  return { ...result, content: result.content.filter((part) => part.type === "text") };
}

function idOf(edit: ToolOutcome["edits"][number]): string {
  return edit.type === "cell-added" ? edit.cell.id : edit.id;
}
