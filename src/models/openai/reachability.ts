// Owns: an endpoint that refuses every request or cannot be reached: when to give up, and the error that stops the run.
// Never waits.
import { RunError } from "../../core/errors.ts";
import { ModelFailure } from "../signals/failure.ts";
import type { AskStep } from "./ask-chain.ts";
import { describeProxy, type Endpoint } from "./endpoint.ts";

/** Retries where nothing is there to answer: a port of this machine, or a name, that has never answered. */
const FEW_RETRIES = 2;
/** Somebody who allows no longer outage waits for the answer, and a network that is down is one. */
const SHORT_OUTAGE_MS = 60_000;

export interface Reachability {
  /**
   * Turns a failure that concerns every request into the RunError that stops the run. Where the server answers other
   * requests meanwhile, only the one request failed.
   * @throws RunError `model-refused` | `model-unreachable`.
   */
  readonly stopRun: AskStep;
  /**
   * Allows few retries where nothing listens on this machine, or no such name is known, and nothing ever answered: minutes
   * of waiting would not help.
   * A server that has answered before is waited for like any other.
   */
  readonly limitRetries: AskStep;
}

/** Two steps that share the count of the endpoint's answers: `stopRun` outside all retries, `limitRetries` inside. */
export function watchReachability(
  model: string,
  endpoint: Endpoint,
  maxOutageMs: number = Number.POSITIVE_INFINITY,
): Reachability {
  let answers = 0;
  return {
    stopRun: (next) => async (request, context) => {
      const before = answers;
      try {
        return await next(request, context);
      } catch (thrown) {
        if (!(thrown instanceof ModelFailure) || thrown.outcome !== "stop") throw thrown;
        if (thrown.kind !== "unreachable") throw refusedError(model, endpoint, thrown);
        throw answers > before ? thrown : unreachableError(endpoint, thrown);
      }
    },
    limitRetries: (next) => async (request, context) => {
      const onAccepted = (headers: Headers): void => {
        answers++;
        context.onAccepted(headers);
      };
      try {
        return await next(request, { ...context, onAccepted });
      } catch (thrown) {
        if (!(thrown instanceof ModelFailure) || thrown.kind !== "unreachable") throw thrown;
        const isClosedPort = endpoint.isLoopback && thrown.message.includes("ECONNREFUSED");
        const unknown = maxOutageMs < SHORT_OUTAGE_MS ? /ENOTFOUND|EAI_AGAIN/ : /ENOTFOUND/;
        if (answers > 0 || !(isClosedPort || unknown.test(thrown.message))) throw thrown;
        throw new ModelFailure("unreachable", thrown.message, { mostRetries: FEW_RETRIES });
      }
    },
  };
}

function refusedError(model: string, { baseURL }: Endpoint, { message }: ModelFailure): RunError {
  const remedy = "check the key, the model's name and the base URL, and that the account has credit";
  return new RunError("model-refused", `${baseURL} refuses the model ${model}: ${message} (${remedy})`);
}

function unreachableError(endpoint: Endpoint, { message }: ModelFailure): RunError {
  const { baseURL, isLoopback } = endpoint;
  const proxy = describeProxy(endpoint);
  const remedy =
    /\b503: /.test(message) && /load/i.test(message)
      ? "go on when the server has loaded its model"
      : isLoopback
        ? "start the model's server, or give the base URL where it listens"
        : proxy === ""
          ? "check the network and the base URL; a proxy is used where https_proxy or http_proxy names one"
          : `check the base URL, and ${proxy}`;
  return new RunError("model-unreachable", `no answer from ${baseURL}: ${message} (${remedy})`);
}
