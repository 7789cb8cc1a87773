// Owns: one round of the inner loop: a model asked turn by turn, until the environment says that the round is over.
// Every reply is recorded before its calls run; turns that are on record are taken from there, not paid again.
import { applyEdits } from "../core/notebook/notebook.ts";
import { HARNESSES, type ClosedRound, type NotebookEnvironment } from "../environment/index.ts";
import type {
  Harness,
  LanguageModel,
  ModelReply,
  ModelRequest,
  Notebook,
  Renderer,
  TurnRecord,
  Usage,
} from "../contracts/index.ts";
import type { TurnBudget } from "./budget.ts";
import { chooseTemperature, noteTurn, NO_FAILURE, planRecovery, type Recovery } from "./prompt/recover.ts";
import type { PromptWindow } from "./prompt/prompt-window.ts";
import type { TurnOnRecord, TurnJournal } from "./turn-journal.ts";

export interface RoundParts<S> {
  readonly environment: NotebookEnvironment;
  readonly model: LanguageModel;
  readonly renderer: Renderer<S>;
  readonly signal: AbortSignal;
  /** What the renderer sees of the world, and how long a prompt may be. */
  readonly window: PromptWindow;
  /** What the round began with: repeated where its view is made again. */
  readonly header: string;
  /** A seed that is a function of the turn's place in the run. */
  seedOf(turn: number): number;
  /** What the run may still spend. */
  readonly budget: TurnBudget;
  readonly journal: TurnJournal;
  /** How much the model is asked to handle. */
  readonly harness: Harness;
}

/** A round that is over, and the context log that its branch hands on. */
export interface RoundEnd<S> extends ClosedRound {
  readonly log: S;
}

/**
 * Plays a round to its end, after the turns that are on record. `log` is the context log at its start. When the budget
 * is spent the round is closed with what there is. Null when not one turn could be paid.
 */
export async function playRound<S>(
  parts: RoundParts<S>,
  log: S,
  begin: Notebook,
  played: readonly TurnOnRecord[],
): Promise<RoundEnd<S> | null> {
  const { environment, renderer, budget, signal } = parts;
  let notebook = begin;
  const { plansFirst, startsAnew } = HARNESSES[parts.harness];
  let recovery: Recovery<S> = NO_FAILURE;
  for (let turn = 1; ; turn++) {
    const known = played[turn - 1];
    const choice = known === undefined ? environment.state().next : "auto";
    if (choice === null) break;
    if (known === undefined && !(await budget.reserve(turn > 1))) {
      if (turn === 1) return null;
      break;
    }
    const asked: AnsweredTurn<S> =
      known === undefined
        ? await askModel(parts, fitLog(parts, log, notebook), notebook, {
            ...{ toolChoice: choice, turn, temperature: chooseTemperature(recovery) },
          })
        : { reply: known.reply, log: logBefore(parts, log, notebook, known) };
    const { reply } = asked;
    const record = known?.record ?? (await carryOut(parts, turn, reply));
    notebook = applyEdits(notebook, [...record.edits, ...record.results.flatMap((result) => result.edits)]);
    log = appendTurn(parts, asked.log, notebook, reply, record);
    if (!startsAnew) continue;
    recovery = noteTurn(recovery, record, asked.log, plansFirst && turn === 1);
    const instead = planRecovery(recovery);
    if (instead !== null)
      log = renderer.append(
        instead.log,
        { type: "told", text: instead.told },
        parts.window.inputFor(notebook),
      );
  }
  const closed = await environment.close({ signal });
  return {
    ...closed,
    log: renderer.append(log, { type: "round-ended" }, parts.window.inputFor(closed.notebook)),
  };
}

/** The log after a turn: its reply and results, then what the environment said of it as a whole. */
function appendTurn<S>(
  { renderer, window }: RoundParts<S>,
  log: S,
  notebook: Notebook,
  reply: ModelReply,
  { results, told }: TurnRecord,
): S {
  const input = window.inputFor(notebook);
  const next = renderer.append(log, { type: "turn-ended", reply, results }, input);
  return told === undefined ? next : renderer.append(next, { type: "told", text: told }, input);
}

interface AnsweredTurn<S> {
  readonly reply: ModelReply;
  /** That the reply answers. */
  readonly log: S;
}

/** The reply; a prompt that is refused as too long is made shorter and asked again. */
async function askModel<S>(
  parts: RoundParts<S>,
  log: S,
  notebook: Notebook,
  { turn, ...how }: Pick<ModelRequest, "toolChoice" | "temperature"> & { readonly turn: number },
): Promise<AnsweredTurn<S>> {
  const { environment, renderer, window, signal } = parts;
  let usage: Usage | null = null;
  try {
    for (let folds = 0; ; folds++) {
      const prompt = renderer.prompt(log, window.inputFor(notebook));
      const request = { ...prompt, tools: environment.tools, seed: parts.seedOf(turn), ...how };
      const reply = await parts.model.reply(request, { signal }).catch((error: unknown) => {
        window.shrinkAfter(error, request, notebook, folds);
        return null;
      });
      if (reply === null) {
        log = reopenLog(parts, notebook);
        continue;
      }
      ({ usage } = reply);
      const { windowTokens } = window;
      await parts.journal.writeReply(turn, { request, reply, folds, windowTokens });
      return { reply, log };
    }
  } finally {
    parts.budget.settle(usage);
  }
}

/** The log as it was before a turn that is on record. */
function logBefore<S>(parts: RoundParts<S>, log: S, notebook: Notebook, { windowTokens }: TurnOnRecord): S {
  if (windowTokens === null) return fitLog(parts, log, notebook);
  parts.window.shrinkTo(windowTokens);
  return reopenLog(parts, notebook);
}

/** The log, or a new one where its prompt would be refused, by what is known. */
function fitLog<S>(parts: RoundParts<S>, log: S, notebook: Notebook): S {
  const { renderer, window } = parts;
  if (window.windowTokens === null) return log;
  const isShort = window.fits(renderer.prompt(log, window.inputFor(notebook)), notebook);
  return isShort ? log : reopenLog(parts, notebook);
}

/** The notebook as it is now, seen for the first time: what was said in the round so far is in its cells. */
function reopenLog<S>({ renderer, window, header }: RoundParts<S>, notebook: Notebook): S {
  const input = window.inputFor(notebook);
  const words = `${header}\n(The prompt was too long: the round's turns so far are left out; its cells are above.)`;
  return renderer.append(renderer.open(input), { type: "round-started", header: words }, input);
}

async function carryOut<S>(
  { environment, journal, signal }: RoundParts<S>,
  turn: number,
  reply: ModelReply,
): Promise<TurnRecord> {
  const { decide } = journal;
  const record = await environment.step(reply, {
    signal,
    decide: decide && ((call, at) => decide(turn, call, at)),
  });
  await journal.writeTurn(turn, record);
  return record;
}
