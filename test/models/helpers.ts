// Owns: what the tests of the models share: a request, a server, and a model that asks it without waiting.
import { openai, type EndpointModel, type OpenAIOptions } from "../../src/models/openai/openai.ts";
import type { ModelNotice } from "../../src/models/signals/notice.ts";
import type { ModelRequest, ToolSpec } from "../../src/contracts/index.ts";
import { modelServer, type BehaviourScript, type ModelServer } from "../../src/testing/model-server.ts";

export const RUN_CODE: ToolSpec = {
  name: "run_code",
  description: "Runs code.",
  parameters: {
    type: "object",
    properties: { source: { type: "string" } },
    required: ["source"],
  },
};

export const FINISH: ToolSpec = {
  name: "finish_round",
  description: "Closes the round.",
  parameters: { type: "object", properties: { summary: { type: "string" } } },
};

/** A request with the two tools and one user message. */
export function ask(changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    messages: [
      { role: "system", content: [{ type: "text", text: "You work on a notebook." }] },
      { role: "user", content: [{ type: "text", text: "Begin." }] },
    ],
    breakpoints: [],
    tools: [RUN_CODE, FINISH],
    toolChoice: "auto",
    seed: 7,
    ...changes,
  };
}

export const running: { readonly signal: AbortSignal } = { signal: new AbortController().signal };

export interface Bench extends AsyncDisposable {
  readonly server: ModelServer;
  readonly model: EndpointModel;
  readonly notices: readonly ModelNotice[];
}

/** A server that behaves so, and a model that asks it; waits are a millisecond long. */
export async function bench(
  behaviour: BehaviourScript,
  options: Partial<OpenAIOptions> = {},
): Promise<Bench> {
  const server = await modelServer({ behaviour });
  const notices: ModelNotice[] = [];
  const model = openai({
    model: "served",
    baseURL: server.baseURL,
    apiKey: "test-key",
    firstDelayMs: 1,
    maxDelayMs: 4,
    maxRetries: 4,
    maxOutageMs: 0,
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
  return { server, model, notices, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
