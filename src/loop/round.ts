// Owns: one round of the inner loop - plan, act, close - as turns of a model on an environment.
// Every reply is recorded before its calls run; turns that are on record are taken from there, not paid again.
import { applyEdits, markdownCell, nextCellId } from "../core/notebook/notebook.ts";
import { tidy } from "../core/notebook/clean-up.ts";
import type { NotebookEnvironment, StepOptions, Verdict } from "../environment/index.ts";
import type {
  Decision,
  Edit,
  LanguageModel,
  Limits,
  ModelReply,
  ModelRequest,
  Notebook,
  Renderer,
  ToolCall,
  ToolChoice,
  TurnRecord,
  Usage,
} from "../contracts/index.ts";
import type { PromptWindow } from "./prompt-window.ts";
import type { TurnBudget } from "./turn-budget.ts";

/** A turn as it stands on record; `record` is null when its calls were not finished. */
export interface PlayedTurn {
  readonly reply: ModelReply;
  readonly record: TurnRecord | null;
  /** The view was made anew before it, to fit; null: it was not. */
  readonly windowTokens: number | null;
}

export interface RoundParts<S> {
  readonly environment: NotebookEnvironment;
  readonly model: LanguageModel;
  readonly renderer: Renderer<S>;
  readonly limits: Limits;
  readonly submission: string;
  readonly signal: AbortSignal;
  /** What the renderer sees of the world, and how long a prompt may be. */
  readonly fitting: PromptWindow;
  /** What the round began with: said again where its view is made anew. */
  readonly header: string;
  /** What the loop itself does when the first reply is there, as edits that are done already. */
  readonly open?: () => Promise<readonly Edit[]>;
  /** A seed that is a function of the turn's place in the run. */
  seedOf(turn: number): number;
  /** Tokens that the episode may still take. */
  tokensLeft(): number;
  /** What the run may still spend. */
  readonly purse: TurnBudget;
  /** Whether a call of the turn may be carried out; `at`: its place in the reply. Its time is not the round's. */
  readonly decide?: (turn: number, call: ToolCall, at: number) => Promise<Decision>;
  /** Resolve once durable. */
  replied(turn: number, asked: Asked): Promise<void>;
  carriedOut(turn: number, record: TurnRecord): Promise<void>;
}

/** A request and its reply. */
export interface Asked {
  readonly request: ModelRequest;
  readonly reply: ModelReply;
  /** How often the view was made anew before the request was taken. */
  readonly folds: number;
}

export interface RoundEnd<S> {
  readonly log: S;
  readonly verdict: Verdict;
}

/**
 * Plays a round to its end, after the turns that are on record. `log` is the context log at its start. When the
 * purse is empty the round is closed with what there is: the kernel's submission is scored. Null when not one turn could be paid.
 */
export async function playRound<S>(
  parts: RoundParts<S>,
  log: S,
  begin: Notebook,
  played: readonly PlayedTurn[],
): Promise<RoundEnd<S> | null> {
  const { environment, renderer, purse } = parts;
  const time = { deadline: Date.now() + parts.limits.roundTimeoutMs };
  let notebook = begin;
  let last: ModelReply | null = null;
  for (let turn = 1; ; turn++) {
    const known = played[turn - 1];
    const choice = known === undefined ? choose(parts, turn, last, time.deadline) : "auto";
    if (choice === null) break;
    if (known === undefined && !(await purse.reserve(turn > 1))) {
      if (turn === 1) return null;
      break;
    }
    const asked: Turn<S> =
      known === undefined
        ? await ask(parts, fitted(parts, log, notebook), notebook, choice, turn)
        : { reply: known.reply, log: asKnown(parts, log, notebook, known) };
    const { reply } = asked;
    const record = known?.record ?? (await carryOut(parts, turn, reply, time));
    notebook = applyEdits(notebook, [...record.edits, ...record.results.flatMap((result) => result.edits)]);
    log = renderer.append(
      asked.log,
      { type: "turn-ended", reply, results: record.results },
      parts.fitting.scene(notebook),
    );
    last = reply;
  }
  const { round, finished } = environment.state();
  if (!finished) environment.edit(tidy(notebook, round, parts.submission));
  const verdict = await environment.score({ signal: parts.signal });
  return {
    log: renderer.append(log, { type: "round-ended" }, parts.fitting.scene(environment.state().notebook)),
    verdict,
  };
}

/** What the model may do next; null when the round is over. The tool list itself never changes. */
function choose<S>(
  parts: RoundParts<S>,
  turn: number,
  last: ModelReply | null,
  deadline: number,
): ToolChoice | null {
  const { limits, environment } = parts;
  const { finished, calls } = environment.state();
  if (finished || turn > limits.turnsPerRound) return null;
  if (turn === 1) return "none";
  const silent = turn > 2 && last?.calls.length === 0;
  const spent = calls >= limits.callsPerRound || parts.tokensLeft() <= 0 || Date.now() > deadline;
  if (spent || silent || turn === limits.turnsPerRound) return { tool: "finish_round" };
  return "auto";
}

interface Turn<S> {
  readonly reply: ModelReply;
  /** That the reply answers. */
  readonly log: S;
}

/** The reply; a prompt that is refused as too long is made shorter and asked again. */
async function ask<S>(
  parts: RoundParts<S>,
  log: S,
  notebook: Notebook,
  toolChoice: ToolChoice,
  turn: number,
): Promise<Turn<S>> {
  const { environment, renderer, fitting, signal } = parts;
  let usage: Usage | null = null;
  try {
    for (let folds = 0; ; folds++) {
      const prompt = renderer.prompt(log, fitting.scene(notebook));
      const request = { ...prompt, tools: environment.tools, toolChoice, seed: parts.seedOf(turn) };
      const reply = await parts.model.reply(request, { signal }).catch((error: unknown) => {
        fitting.shrinkAfter(error, request, notebook, folds);
        return null;
      });
      if (reply === null) {
        log = anew(parts, notebook);
        continue;
      }
      ({ usage } = reply);
      await parts.replied(turn, { request, reply, folds });
      return { reply, log };
    }
  } finally {
    parts.purse.settle(usage);
  }
}

/** The log as it was before a turn that is on record. */
function asKnown<S>(parts: RoundParts<S>, log: S, notebook: Notebook, { windowTokens }: PlayedTurn): S {
  if (windowTokens === null) return fitted(parts, log, notebook);
  parts.fitting.shrinkTo(windowTokens);
  return anew(parts, notebook);
}

/** The log, or a new one where its prompt would be refused, by what is known. */
function fitted<S>(parts: RoundParts<S>, log: S, notebook: Notebook): S {
  const { renderer, fitting } = parts;
  if (fitting.windowTokens === null) return log;
  const isShort = fitting.fits(renderer.prompt(log, fitting.scene(notebook)), notebook);
  return isShort ? log : anew(parts, notebook);
}

/** The notebook as it is now, seen for the first time: what was said in the round so far is in its cells. */
function anew<S>({ renderer, fitting, header }: RoundParts<S>, notebook: Notebook): S {
  const scene = fitting.scene(notebook);
  const words = `${header}\n(The prompt was too long: the round's turns so far are left out; its cells are above.)`;
  return renderer.append(renderer.open(scene), { type: "round-started", header: words }, scene);
}

/** The plan becomes a markdown cell; calls are carried out in order. */
async function carryOut<S>(
  parts: RoundParts<S>,
  turn: number,
  reply: ModelReply,
  time: { deadline: number },
): Promise<TurnRecord> {
  const { environment, signal } = parts;
  const opened = turn === 1 ? ((await parts.open?.()) ?? []) : [];
  const plan = turn === 1 ? planCell(environment, reply) : [];
  environment.edit(plan);
  const record: TurnRecord = {
    edits: [...opened, ...plan],
    results: await environment.step(reply.calls, { signal, ...deciding(parts, turn, time) }),
  };
  await parts.carriedOut(turn, record);
  return record;
}

/** A person's time for an answer is not the round's. */
function deciding<S>(
  { decide }: RoundParts<S>,
  turn: number,
  time: { deadline: number },
): Pick<StepOptions, "decide"> {
  if (decide === undefined) return {};
  return {
    decide: async (call, at) => {
      const began = Date.now();
      const decision = await decide(turn, call, at);
      time.deadline += Date.now() - began;
      return decision;
    },
  };
}

function planCell(environment: NotebookEnvironment, reply: ModelReply): readonly Edit[] {
  const { notebook, round } = environment.state();
  if (reply.text.trim() === "") return [];
  const cell = markdownCell(nextCellId(notebook), reply.text.trim(), { role: "plan", round });
  return [{ type: "cell-added", cell }];
}
