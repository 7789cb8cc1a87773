// Owns: one round of the inner loop: a model asked turn by turn, until the environment says that the round is over.
// Every reply is recorded before its calls run; turns that are on record are taken from there, not paid again.
import { withoutCells } from "../core/notebook/clean-up.ts";
import {
  afterTurn,
  beginRound,
  HARNESSES,
  type ClosedRound,
  type NotebookEnvironment,
  type RoundState,
} from "../environment/index.ts";
import type {
  CellId,
  Harness,
  LanguageModel,
  ModelReply,
  ModelRequest,
  Notebook,
  Renderer,
  RenderInput,
  TurnRecord,
  Usage,
} from "../contracts/index.ts";
import { replyOf } from "./prompt/ask-model.ts";
import type { TurnBudget } from "./budget.ts";
import type { PromptWindow } from "./prompt/prompt-window.ts";
import { asksAnew, chooseTemperature, findUnneeded, writeStanding } from "./prompt/standing.ts";
import type { TurnOnRecord, TurnJournal } from "./turn-journal.ts";
import type { RoundStart } from "./types.ts";

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
  /** The task's expression for what is judged. */
  readonly submission: string;
}

/** A round that is over, and the context log that its branch hands on. */
export interface RoundEnd<S> extends ClosedRound {
  readonly log: S;
}

/**
 * Plays a round to its end, after the turns that are on record, from where its episode or the round before left it. When the
 * budget is spent the round is closed with what there is. Null when not one turn could be paid.
 */
export async function playRound<S>(
  parts: RoundParts<S>,
  start: RoundStart<S>,
  played: readonly TurnOnRecord[],
): Promise<RoundEnd<S> | null> {
  const { environment, renderer, budget, signal } = parts;
  const rules = HARNESSES[parts.harness];
  let state = beginRound(start, 0, start.score ?? null, rules);
  if (start.score !== undefined) state = { ...state, score: start.score };
  // A lean round is shown its notebook as it is, without the turns that led to it.
  let view: View<S> = rules.startsAnew
    ? openView(parts, state)
    : beginView(parts, { log: start.log, hidden: NONE }, state, parts.header);
  for (let turn = 1; ; turn++) {
    const known = played[turn - 1];
    const choice = known === undefined ? environment.state().next : "auto";
    if (choice === null) break;
    if (known === undefined && !(await budget.reserve(turn > 1))) {
      if (turn === 1) return null;
      break;
    }
    const temperature = rules.startsAnew ? chooseTemperature(state) : undefined;
    const asked: AnsweredTurn<S> =
      known === undefined
        ? await askModel(parts, fitView(parts, view, state), state, { toolChoice: choice, turn, temperature })
        : { reply: known.reply, view: viewBefore(parts, view, state, known) };
    const { reply } = asked;
    const record = known?.record ?? (await carryOut(parts, turn, reply));
    state = afterTurn(state, record, rules);
    view =
      rules.startsAnew && asksAnew(state)
        ? openView(parts, state)
        : appendTurn(parts, asked.view, state.notebook, reply, record);
  }
  const closed = await environment.close({ signal });
  const { log, hidden } = rules.startsAnew ? openNotebook(parts, closed.notebook) : view;
  const input = inputOf(parts, { hidden }, closed.notebook);
  return { ...closed, log: renderer.append(log, { type: "round-ended" }, input) };
}

/** A context log, and what its view leaves out of the notebook. */
interface View<S> {
  readonly log: S;
  readonly hidden: ReadonlySet<CellId>;
}

const NONE: ReadonlySet<CellId> = new Set();

function inputOf<S>(
  { window }: RoundParts<S>,
  { hidden }: Pick<View<S>, "hidden">,
  notebook: Notebook,
): RenderInput {
  return window.inputFor(withoutCells(notebook, hidden));
}

/** The view with the words that a round begins with, and where a lean one stands. */
function beginView<S>(parts: RoundParts<S>, view: View<S>, state: RoundState, words: string): View<S> {
  const standing = HARNESSES[parts.harness].startsAnew ? writeStanding(state, parts.submission) : "";
  const header = [words, standing].filter((part) => part !== "").join("\n");
  const input = inputOf(parts, view, state.notebook);
  return { ...view, log: parts.renderer.append(view.log, { type: "round-started", header }, input) };
}

/** The notebook as it is now, seen for the first time: what was said in the round so far is in its cells. */
function openView<S>(parts: RoundParts<S>, state: RoundState, why = ""): View<S> {
  const words = [parts.header, why].filter((part) => part !== "").join("\n");
  return beginView(parts, openNotebook(parts, state.notebook), state, words);
}

function openNotebook<S>(parts: RoundParts<S>, notebook: Notebook): View<S> {
  const { startsAnew } = HARNESSES[parts.harness];
  const hidden = startsAnew ? findUnneeded(notebook, parts.submission) : NONE;
  return { hidden, log: parts.renderer.open(inputOf(parts, { hidden }, notebook)) };
}

/** The view after a turn: its reply and results, then what the environment said of it as a whole. */
function appendTurn<S>(
  parts: RoundParts<S>,
  view: View<S>,
  notebook: Notebook,
  reply: ModelReply,
  { results, told }: TurnRecord,
): View<S> {
  const { renderer } = parts;
  const input = inputOf(parts, view, notebook);
  const log = renderer.append(view.log, { type: "turn-ended", reply, results }, input);
  return {
    ...view,
    log: told === undefined ? log : renderer.append(log, { type: "told", text: told }, input),
  };
}

interface AnsweredTurn<S> {
  readonly reply: ModelReply;
  /** That the reply answers. */
  readonly view: View<S>;
}

/** The reply; a prompt that is refused as too long is made shorter and asked again. */
async function askModel<S>(
  parts: RoundParts<S>,
  view: View<S>,
  state: RoundState,
  { turn, ...how }: Pick<ModelRequest, "toolChoice" | "temperature"> & { readonly turn: number },
): Promise<AnsweredTurn<S>> {
  const { environment, renderer, window, signal } = parts;
  const { notebook } = state;
  let usage: Usage | null = null;
  try {
    for (let folds = 0; ; folds++) {
      const prompt = renderer.prompt(view.log, inputOf(parts, view, notebook));
      const request = { ...prompt, tools: environment.tools, seed: parts.seedOf(turn), ...how };
      const reply = await replyOf(parts.model, request, signal).catch((error: unknown) => {
        window.shrinkAfter(error, request, notebook, folds);
        return null;
      });
      if (reply === null) {
        view = openView(parts, state, TOO_LONG);
        continue;
      }
      ({ usage } = reply);
      const { windowTokens } = window;
      await parts.journal.writeReply(turn, { request, reply, folds, windowTokens });
      return { reply, view };
    }
  } finally {
    parts.budget.settle(usage);
  }
}

const TOO_LONG = "(The prompt was too long: the round's turns so far are left out; its cells are above.)";

/** The view as it was before a turn that is on record. */
function viewBefore<S>(
  parts: RoundParts<S>,
  view: View<S>,
  state: RoundState,
  { windowTokens }: TurnOnRecord,
): View<S> {
  if (windowTokens === null) return fitView(parts, view, state);
  parts.window.shrinkTo(windowTokens);
  return openView(parts, state, TOO_LONG);
}

/** The view, or a new one where its prompt would be refused, by what is known. */
function fitView<S>(parts: RoundParts<S>, view: View<S>, state: RoundState): View<S> {
  const { renderer, window } = parts;
  if (window.windowTokens === null) return view;
  const prompt = renderer.prompt(view.log, inputOf(parts, view, state.notebook));
  return window.fits(prompt, state.notebook) ? view : openView(parts, state, TOO_LONG);
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
