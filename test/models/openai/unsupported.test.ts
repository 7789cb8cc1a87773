// What servers really say when they cannot do something: it is left out at once, whatever the status, and never retried.
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contracts/index.ts";
import type { Behaviour } from "../../../src/testing/model-server.ts";
import { ask, bench, running } from "../helpers.ts";

/** What is given up, the server, its status and its words, or the whole body. */
type Wording = readonly [gives: string, server: string, status: number, words: string | Json];

const WORDINGS: readonly Wording[] = [
  [
    "images",
    "llama.cpp",
    500,
    "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
  ],
  [
    "images",
    "llama.cpp",
    400,
    "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
  ],
  ["images", "llama.cpp, May 2025", 500, "image input is not supported by this server"],
  [
    "images",
    "llama.cpp, April 2025",
    500,
    'Failed to parse messages: Unsupported content part type: "image_url"; messages = [...',
  ],
  ["images", "Ollama", 400, "this model does not support image input (ref: b8bd630e)"],
  [
    "images",
    "Ollama",
    500,
    "Failed to create new sequence: this model is missing data required for image input",
  ],
  ["images", "LM Studio", 400, { error: "Model does not support images. Please use a model that does." }],
  [
    "images",
    "vLLM",
    400,
    {
      object: "error",
      message: "/models/qwen is not a multimodal model",
      type: "BadRequestError",
      code: 400,
    },
  ],
  [
    "images",
    "vLLM",
    400,
    { error: { message: "At most 0 image(s) may be provided in one prompt.", code: 400 } },
  ],
  ["images", "OpenRouter", 404, "No endpoints found that support image input"],
  ["images", "OpenAI", 400, "Invalid content type. image_url is only supported by certain models."],
  [
    "images",
    "Gemini",
    400,
    [{ error: { code: 400, message: "Image input modality is not enabled for models/gemma-3-1b-it" } }],
  ],
  [
    "images",
    "DeepSeek",
    400,
    "Failed to deserialize the JSON body into the target type: messages[1]: unknown variant `image_url`, expected `text`",
  ],
  ["images", "another", 415, "this endpoint doesn't accept images"],
  ["tools", "Ollama", 400, "registry.ollama.ai/library/gemma:2b does not support tools"],
  ["tools", "llama.cpp without --jinja", 500, "tools param requires --jinja flag"],
  [
    "tools",
    "Gemini",
    400,
    [{ error: { code: 400, message: "Function calling is not enabled for models/gemma-3-1b-it" } }],
  ],
  ["tools", "OpenRouter", 404, "No endpoints found that support tool use"],
  [
    "tools",
    "SGLang",
    400,
    { object: "error", message: "Function call is not currently supported by this model", code: 400 },
  ],
  [
    "toolChoice",
    "vLLM",
    400,
    '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
  ],
  [
    "toolChoice",
    "LM Studio",
    400,
    { error: "Invalid tool_choice type: 'object'. Supported string values: none, auto, required" },
  ],
  [
    "toolChoice",
    "TGI",
    422,
    "Failed to deserialize the JSON body into the target type: tool_choice: data did not match any variant of untagged enum ToolChoice",
  ],
  ["toolChoice", "DeepSeek", 400, "deepseek-reasoner does not support this tool_choice"],
  ["toolChoice", "another", 501, "tool_choice is not supported"],
  [
    "seed",
    "Mistral",
    422,
    { detail: [{ type: "extra_forbidden", loc: ["body", "seed"], msg: "Extra inputs are not permitted" }] },
  ],
  ["seed", "LiteLLM", 500, "litellm.UnsupportedParamsError: bedrock does not support parameters: ['seed']"],
  ["reasoningEffort", "Ollama", 400, '"llama3" does not support reasoning'],
  ["reasoningEffort", "Ollama", 400, 'invalid reasoning value: \'xhigh\' (must be "high", "medium", "low")'],
  ["systemRole", "llama.cpp, Gemma's template", 500, "Jinja Exception: System role not supported"],
  ["systemRole", "vLLM, Gemma's template", 400, "System role not supported"],
  [
    "systemRole",
    "TGI",
    422,
    "Failed to deserialize the JSON body into the target type: messages[0].role: unknown variant `system`, expected one of `user`, `assistant`",
  ],
  ["mergeTurns", "llama.cpp", 500, "Conversation roles must alternate user/assistant/user/assistant/..."],
  ["stream", "TGI", 422, "Input validation error: streaming is not supported for this model"],
  ["streamUsage", "an old server", 400, "stream_options is not accepted"],
  [
    "temperature",
    "OpenAI",
    400,
    {
      error: {
        message: "Unsupported value: 'temperature' does not support 0.3 with this model.",
        param: "temperature",
      },
    },
  ],
];

/** As it was asked for: a demanded tool that does not come is a finding of its own. */
const OK: Behaviour = {
  type: "reply",
  reply: { text: "fine", calls: [{ tool: "finish_round", arguments: {} }] },
};
const PICTURE = { type: "image", mime: "image/png", base64: "AAAA" } as const;
const SETTINGS = { temperature: 0.3, reasoningEffort: "xhigh", profile: { seesImages: true } } as const;

describe("what a server cannot do is left out", () => {
  const request = ask({
    messages: [...ask().messages, { role: "user", content: [PICTURE] }],
    toolChoice: { tool: "finish_round" },
  });

  test.for(WORDINGS)("%s: %s, %i", async ([gives, , status, words]) => {
    const body = typeof words === "string" ? { error: { message: words, code: status } } : words;
    await using b = await bench([{ type: "error", status, body }, OK], SETTINGS);
    expect((await b.model.reply(request, running)).text).toBe("fine");
    expect(b.notices.filter(({ type }) => type !== "unknown-model")).toMatchObject([
      { type: "adapted", message: expect.stringMatching(`^${gives}: `) },
    ]);
  });

  test("in a stream that has begun, too", async () => {
    const event = 'data: {"error": {"message": "image input is not supported", "type": "server_error"}}\n\n';
    const headers = { "content-type": "text/event-stream" };
    await using b = await bench([{ type: "raw", headers, body: event }, OK], SETTINGS);
    expect((await b.model.reply(request, running)).text).toBe("fine");
    expect(b.server.requests).toHaveLength(2);
    expect(b.model.seesImages).toBe(false);
  });

  test.for([
    [500, "CUDA out of memory"],
    [503, "Loading model"],
    [503, "no slot available"],
    [500, "the model is overloaded and not available at the moment"],
    [502, "upstream is not responding"],
    [529, "Overloaded"],
  ] as const)("%i %s may pass: it is asked again", async ([status, message]) => {
    await using b = await bench([{ type: "error", status, body: { error: { message } } }, OK], SETTINGS);
    await b.model.reply(request, running);
    expect(b.notices.map(({ type }) => type)).toContain("retried");
    expect(b.notices.map(({ type }) => type)).not.toContain("adapted");
  });
});
