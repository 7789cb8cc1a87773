// Owns: asking a server how many tokens a prompt and its reply may take together. Whatever it answers is a stranger's
// text; no answer is no failure.
import type { Json, JsonObject } from "../../contracts/index.ts";
import { countOf, listOf, parseJson, recordOf, stringOf, textsOf } from "../../core/untrusted.ts";
import { limitSignal } from "../../time-limit.ts";
import type { Endpoint } from "./endpoint.ts";
import { withinOrigin } from "./own-origin.ts";
import { patientFetch } from "./patient-fetch.ts";

interface Question {
  /** Beside the base URL, or at the root of the same host. */
  readonly path: string;
  readonly body?: JsonObject;
  readonly read: (answer: JsonObject) => number | null;
}

/** What an answer may take: lists of routers have hundreds of models. */
const MOST_BYTES = 8 * 2 ** 20;
export const MOST_MS = 5_000;
/** Any other number is no window. */
const [FEWEST_TOKENS, MOST_TOKENS] = [256, 100_000_000];

/** The window of the model as it is served, not as it was trained; null where the server does not say. */
export async function askWindow(
  endpoint: Endpoint,
  model: string,
  outer: AbortSignal,
): Promise<number | null> {
  const signal = AbortSignal.any([outer, limitSignal(MOST_MS)]);
  const questions = endpoint.isLocal
    ? [...localQuestions(model), listQuestion(model)]
    : [listQuestion(model)];
  for (const { path, body, read } of questions) {
    const answer = await fetchText(endpoint, path, body, signal).catch(() => "");
    const tokens = read(recordOf(parseJson(answer)));
    if (tokens !== null && tokens >= FEWEST_TOKENS && tokens <= MOST_TOKENS) return tokens;
  }
  return null;
}

/** llama.cpp, vLLM, SGLang; OpenRouter, Together; Groq; Mistral. */
function listQuestion(model: string): Question {
  return {
    path: "models",
    read: ({ data }) => {
      const one = entryOf(data, model);
      const { meta, max_model_len, context_length, context_window, max_context_length } = one;
      return countOf(
        recordOf(meta)["n_ctx"],
        max_model_len,
        context_length,
        context_window,
        max_context_length,
      );
    },
  };
}

function localQuestions(model: string): readonly Question[] {
  return [
    // llama.cpp: of one slot.
    { path: "/props", read: (answer) => countOf(recordOf(answer["default_generation_settings"])["n_ctx"]) },
    // LM Studio.
    { path: "/api/v0/models", read: ({ data }) => countOf(entryOf(data, model)["loaded_context_length"]) },
    // Ollama, once the model is loaded.
    { path: "/api/ps", read: ({ models }) => countOf(entryOf(models, model)["context_length"]) },
    // Ollama, where the model's file sets it.
    {
      path: "/api/show",
      body: { model },
      read: ({ parameters }) => {
        const [, tokens] = /^num_ctx\s+(\d{1,9})$/m.exec(stringOf(parameters)) ?? [];
        return tokens === undefined ? null : Number(tokens);
      },
    },
  ];
}

/** The entry of the model: by its name, by another name for it, or the only one. */
function entryOf(list: Json | undefined, model: string): JsonObject {
  const entries = listOf(list).map((entry) => recordOf(entry));
  const named = entries.find(({ id, name, aliases }) => [id, name, ...textsOf(aliases)].includes(model));
  return named ?? (entries.length === 1 ? recordOf(entries[0]) : {});
}

/** What a server answers to a question beside its base URL; empty where it refuses. @throws when there is no answer. */
export async function fetchText(
  { baseURL, apiKey, headers, proxies }: Endpoint,
  path: string,
  body: JsonObject | undefined,
  signal: AbortSignal,
): Promise<string> {
  const response = await withinOrigin(patientFetch(proxies))(
    new URL(path, baseURL.replace(/(?<!\/)\/*$/, "/")),
    {
      signal,
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    },
  );
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return "";
    chunks.push(chunk);
  }
  return response.ok ? Buffer.concat(chunks).toString("utf8") : "";
}
