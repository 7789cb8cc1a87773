// Owns: a language model whose replies are written down beforehand. Deterministic; keeps what it was asked.
import type { Harness, LanguageModel, ModelReply, ModelRequest, Usage } from "../contracts/index.ts";

/** A reply, or how to make one from the request; what is left out is filled in. */
export type ScriptedTurn = Partial<ModelReply> | ((request: ModelRequest) => Partial<ModelReply>);

/** Replies in order, or a function of the request and its number, from 0. */
export type ModelScript =
  readonly ScriptedTurn[] | ((request: ModelRequest, number: number) => Partial<ModelReply>);

/** What a scripted model says of itself. */
export interface ScriptedModelOptions {
  /** Default `scripted`. */
  readonly name?: string;
  /** Default false. */
  readonly seesImages?: boolean;
  /** Default `full`. */
  readonly harness?: Harness | undefined;
  /** Usage of replies that name none. Default 100 tokens in, 10 out, cost unknown. */
  readonly usage?: Usage;
}

/** A model that answers by a script, and keeps what it was asked. */
export interface ScriptedModel extends LanguageModel {
  /** Every request so far, in the order of asking. */
  readonly requests: readonly ModelRequest[];
}

const USAGE: Usage = { inputTokens: 100, cachedTokens: 0, outputTokens: 10, costUsd: null };

/** A model that follows a script. Asking on when the script is over is an error of the test that wrote it. */
export function scriptedModel(script: ModelScript, options: ScriptedModelOptions = {}): ScriptedModel {
  const { name = "scripted", seesImages = false, harness, usage = USAGE } = options;
  const requests: ModelRequest[] = [];
  return {
    name,
    seesImages,
    harness,
    get requests() {
      return [...requests];
    },
    async reply(request, { signal }) {
      signal.throwIfAborted();
      const number = requests.push(request) - 1;
      return complete(turnAt(script, request, number), usage, number);
    },
  };
}

function turnAt(script: ModelScript, request: ModelRequest, number: number): Partial<ModelReply> {
  if (typeof script === "function") return script(request, number);
  const turn = script[number];
  if (turn === undefined) {
    const asked = request.messages.at(-1);
    throw new Error(
      `the scripted model has ${script.length} replies and was asked for number ${number + 1}; ` +
        `the last message was: ${JSON.stringify(asked)?.slice(0, 300)}`,
    );
  }
  return typeof turn === "function" ? turn(request) : turn;
}

function complete(turn: Partial<ModelReply>, usage: Usage, number: number): ModelReply {
  const calls = (turn.calls ?? []).map((call, index) =>
    call.id === "" ? { ...call, id: `call-${number}-${index}` } : call,
  );
  return { text: "", usage, stop: calls.length > 0 ? "calls" : "end", ...turn, calls };
}
