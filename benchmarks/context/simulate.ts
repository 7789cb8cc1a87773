// Owns: one contender on one scenario: every request it would send, and what that costs and shows.
import { applyEdits } from "../../src/core/notebook/notebook.ts";
import { ranCell } from "../../src/environment/round.ts";
import type {
  Harness,
  Message,
  Notebook,
  Renderer,
  RenderInput,
  ToolOutcome,
} from "../../src/contracts/index.ts";
import { CACHES, ideal, type CacheModel } from "./caches.ts";
import { exchangesOf, type Contender } from "./contenders.ts";
import { factsOf, recallOf, type Recall } from "./facts.ts";
import { bestScore, type PlayedTrace } from "./play-trace.ts";
import { blockOf, requestOf, type CountTokens, type Request } from "./requests.ts";

export interface Measured {
  readonly contender: string;
  readonly trace: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly uncachedTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly peakTokens: number;
  /** Every new token of the conversation sent once: the least that any way of sending can cost. */
  readonly lowerBound: number;
  /** Uncached input tokens + rho x cached ones, by rho. */
  readonly cost: Readonly<Record<string, number>>;
  /** Under each provider's cache and prices, in uncached input tokens. */
  readonly costByCache: Readonly<Record<string, number>>;
  /** Means over the starts of the rounds from the second. */
  readonly recall: Recall;
  readonly bestScoreVisible: number;
}

const RHOS = [0, 0.05, 0.1, 0.25, 0.5, 1];

export interface World {
  readonly harnesses: Readonly<Record<Harness, HarnessWorld>>;
  readonly countTokens: CountTokens;
}

/** What a model is told and shown under a harness. */
export interface HarnessWorld {
  readonly instructions: string;
  /** This product's tool schemas, as JSON. */
  readonly tools: string;
  readonly budgetTokens: number;
}

/** Plays the scenario through the contender's renderer. */
export function simulate(contender: Contender, trace: PlayedTrace, world: World): Measured {
  const { requests, starts, newTokens } = conversation(contender, trace, world);
  const cachedBy = (cache: CacheModel): number =>
    requests.reduce(
      (sum, request, i) =>
        sum + cache.cached(request, requests.slice(Math.max(0, i - 40), i), world.countTokens),
      0,
    );
  const inputTokens = sum(requests.map(({ tokens }) => tokens));
  const cachedTokens = cachedBy(ideal(0));
  const price = (cache: CacheModel, cached: number): number =>
    Math.round((inputTokens - cached) * cache.writeShare + cached * cache.cachedShare);
  const recalls = starts.slice(1).map((text, i) => recallOf(factsOf(trace.rounds.slice(0, i + 1)), text));
  const mean = (pick: (recall: Recall) => number): number =>
    sum(recalls.map(pick)) / Math.max(1, recalls.length);
  return {
    contender: contender.name,
    trace: trace.name,
    calls: requests.length,
    inputTokens,
    uncachedTokens: inputTokens - cachedTokens,
    cachedTokens,
    outputTokens: sum(requests.map(({ reply }) => reply.tokens)),
    peakTokens: Math.max(...requests.map(({ tokens }) => tokens)),
    lowerBound: newTokens,
    cost: Object.fromEntries(RHOS.map((rho) => [String(rho), price(ideal(rho), cachedTokens)])),
    costByCache: Object.fromEntries(CACHES.map((cache) => [cache.name, price(cache, cachedBy(cache))])),
    recall: {
      numbers: mean((recall) => recall.numbers),
      names: mean((recall) => recall.names),
      errors: mean((recall) => recall.errors),
      all: mean((recall) => recall.all),
    },
    bestScoreVisible: sum(starts.map((text, i) => (text.includes(bestScore(i)) ? 1 : 0))) / starts.length,
  };
}

interface Conversation {
  readonly requests: readonly Request[];
  /** The text of the first request of each round. */
  readonly starts: readonly string[];
  readonly newTokens: number;
}

function conversation(contender: Contender, trace: PlayedTrace, world: World): Conversation {
  const renderer: Renderer = contender.make();
  const { harness = "full" } = contender;
  const own = world.harnesses[harness];
  const tools = contender.toolTokens === null ? own.tools : " tool".repeat(contender.toolTokens);
  const inputOf = (notebook: Notebook): RenderInput => inputAt(notebook, trace, contender, world);
  const requests: Request[] = [];
  const starts: string[] = [];
  let notebook = trace.founder;
  let log = renderer.open(inputOf(notebook));
  let newTokens = 0;
  for (const round of trace.rounds) {
    const header = round.headers[harness];
    const began = requests.length;
    log = renderer.append(log, { type: "round-started", header }, inputOf(notebook));
    const exchanges = round.turns.flatMap((turn) =>
      exchangesOf(turn, contender).map((one) => ({ ...one, turn })),
    );
    for (const [i, { reply, results, turn }] of exchanges.entries()) {
      const closing = i === exchanges.length - 1 && contender.closesWithoutTools;
      const said = { role: "assistant", text: reply.text, calls: reply.calls } as const;
      const request = requestOf(
        renderer.prompt(log, inputOf(notebook)),
        closing ? null : tools,
        said,
        world.countTokens,
      );
      // A lean round has no turns but those that run a cell: the environment does the rest by itself.
      const isSent = harness === "full" || ranCell(results);
      if (isSent && requests.length === began) starts.push(textOfRequest(request));
      if (isSent) requests.push(request);
      const edits = reply.calls.length === 0 ? [] : results.flatMap((result) => result.edits);
      notebook = reply.calls.length === 0 ? turn.notebook : applyEdits(notebook, edits);
      log = renderer.append(log, { type: "turn-ended", reply, results }, inputOf(notebook));
      if (turn.told !== null)
        log = renderer.append(log, { type: "told", text: turn.told }, inputOf(notebook));
      if (isSent) newTokens += request.reply.tokens + resultTokens(results, world.countTokens);
    }
    log = renderer.append(log, { type: "round-ended" }, inputOf(notebook));
    newTokens += world.countTokens(header) + 4;
  }
  const [first] = requests;
  const last = requests.at(-1);
  const opening = (first?.tokens ?? 0) - (last?.reply.tokens ?? 0);
  return { requests, starts, newTokens: newTokens + opening };
}

function textOfRequest({ blocks }: Request): string {
  return blocks.map(({ text }) => text).join("\n");
}

function inputAt(notebook: Notebook, trace: PlayedTrace, contender: Contender, world: World): RenderInput {
  const { instructions, budgetTokens } = world.harnesses[contender.harness ?? "full"];
  return {
    instructions,
    statement: trace.statement,
    notebook,
    budgetTokens,
    seesImages: false,
    countTokens: world.countTokens,
    ...(contender.pricing && { pricing: contender.pricing }),
  };
}

function resultTokens(results: readonly ToolOutcome[], countTokens: CountTokens): number {
  const messages = results.map(({ call, content, isError }): Message => {
    return { role: "tool", callId: call.id, content, isError };
  });
  return sum(messages.map((message) => blockOf(message, countTokens).tokens));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
