// Owns: asking the servers behind a model once, before anything begins that costs time or money.
import { RunError } from "../core/errors.ts";
import type { LanguageModel } from "../contracts/index.ts";
import { startLimit } from "../time-limit.ts";
import { isEndpointModel, type EndpointModel } from "./openai/openai.ts";
import type { FirstAnswer } from "./openai/trouble/try-out.ts";

interface FirstQuestionOptions {
  readonly signal: AbortSignal;
  /** Gets a line for people where it takes long, and where one of several servers cannot be reached. */
  readonly say: (line: string) => void;
}

/** After this a person wants to know what is waited for. */
const LONG_MS = 5_000;

/**
 * Asks each server behind the model once, all at the same time: of a model that asks others, each of these. Nothing is asked of
 * a model without a server. Where a model that asks others can do without one of them, that one need not be reached.
 * @throws RunError `model-refused` | `model-unreachable`; the signal's reason when aborted.
 */
export async function askServersFirst(
  model: LanguageModel,
  { signal, say }: FirstQuestionOptions,
): Promise<readonly FirstAnswer[]> {
  const servers = serversBehind(model);
  if (servers.length === 0) return [];
  const others = new AbortController();
  const within = AbortSignal.any([signal, others.signal]);
  using _slow = startLimit(LONG_MS, () => say(waitingText(servers)), false);
  const failed: RunError[] = [];
  const answers = await Promise.all(
    servers.map(async (server) => {
      try {
        return [await server.tryOut(within)];
      } catch (thrown) {
        if (!(thrown instanceof RunError) || thrown.code !== "model-unreachable") {
          others.abort(thrown);
          throw thrown;
        }
        failed.push(thrown);
        return [];
      }
    }),
  );
  const [first] = failed;
  if (first === undefined) return answers.flat();
  if (failed.length === servers.length && servers.length === new Set(lastModels(model)).size)
    throw joinErrors(failed, first);
  for (const { message } of failed) say(`${message}; the run begins with the others`);
  return answers.flat();
}

/** Each server, name and key once. */
export function serversBehind(model: LanguageModel): readonly EndpointModel[] {
  const served = lastModels(model).filter(isEndpointModel);
  return [...new Map(served.map((one) => [one.identity, one])).values()];
}

/** The models that ask nobody else. */
function lastModels(model: LanguageModel): readonly LanguageModel[] {
  const { asks = [] } = model;
  return asks.length === 0 ? [model] : asks.flatMap(lastModels);
}

function waitingText(servers: readonly EndpointModel[]): string {
  const names = servers.map(({ name }) => name).join(", ");
  return `waiting for the first answer of ${names}; a server may be loading its model`;
}

function joinErrors(failed: readonly RunError[], first: RunError): RunError {
  if (failed.length === 1) return first;
  const message = `none of ${failed.length} models can be reached: ${failed.map((one) => one.message).join("; ")}`;
  return new RunError("model-unreachable", message, { cause: first });
}

/** What the question came to, for people. */
export function answersText(answers: readonly FirstAnswer[]): string {
  const said = answers.map(({ model, words }) =>
    words === "" ? `${model} answers` : `${model} answers without a reply (${words})`,
  );
  const tokens = answers.reduce((sum, one) => sum + (one.tokens ?? 0), 0);
  const cost = tokens === 0 ? "" : `; the question took ${tokens} tokens, which are not counted`;
  return `${said.join(", ")}${cost}`;
}
