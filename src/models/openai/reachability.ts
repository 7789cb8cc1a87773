// Owns: what becomes of an endpoint that refuses everything, or that is not there: the run stops, with the remedy.
// Never waits.
import { RunError } from "../../core/errors.ts";
import type { ModelReply } from "../../contracts/index.ts";
import type { Endpoint } from "./endpoint.ts";
import { ModelFailure } from "../signals/failure.ts";
import type { LimitedAsk } from "./wait-for-rate.ts";

/** So often a port of this machine is tried again at which nobody has answered yet. */
const MORE_KNOCKS = 2;

export interface Presence {
  /** Answers so far, to whomever. */
  readonly answers: number;
  readonly ask: LimitedAsk;
}

/**
 * Where nothing listens on this machine, and nothing ever did, waiting for minutes helps nobody. A server that
 * answered before is waited for like any other.
 */
export function presence({ isLoopback }: Endpoint, ask: LimitedAsk): Presence {
  let answers = 0;
  return {
    get answers() {
      return answers;
    },
    async ask(request, options) {
      const accepted = (headers: Headers): void => {
        answers++;
        options.accepted(headers);
      };
      try {
        return await ask(request, { ...options, accepted });
      } catch (thrown) {
        const failure = thrown instanceof ModelFailure ? thrown : null;
        const isClosed = isLoopback && answers === 0 && failure?.message.includes("ECONNREFUSED") === true;
        if (failure?.kind !== "unreachable" || !isClosed) throw thrown;
        throw new ModelFailure("unreachable", failure.message, { mostRetries: MORE_KNOCKS });
      }
    },
  };
}

/**
 * The reply. A server that answers others meanwhile is there: the request alone failed.
 * @throws RunError `model-refused` | `model-unreachable` in place of a failure that stops the run.
 */
export async function stopping(
  model: string,
  endpoint: Endpoint,
  there: Pick<Presence, "answers">,
  reply: () => Promise<ModelReply>,
): Promise<ModelReply> {
  const before = there.answers;
  try {
    return await reply();
  } catch (thrown) {
    if (!(thrown instanceof ModelFailure) || thrown.outcome !== "stop") throw thrown;
    if (thrown.kind === "unreachable" && there.answers > before) throw thrown;
    throw thrown.kind === "unreachable" ? absence(endpoint, thrown) : refusal(model, endpoint, thrown);
  }
}

function refusal(model: string, { baseURL }: Endpoint, { message }: ModelFailure): RunError {
  const remedy = "check the key, the model's name and the base URL, and that the account has credit";
  return new RunError("model-refused", `${baseURL} refuses the model ${model}: ${message} (${remedy})`);
}

function absence({ baseURL, isLoopback }: Endpoint, { message }: ModelFailure): RunError {
  const remedy = isLoopback
    ? "start the model's server, or give the base URL where it listens"
    : "check the network and the base URL";
  return new RunError("model-unreachable", `nobody answers at ${baseURL}: ${message} (${remedy})`);
}
