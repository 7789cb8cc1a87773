// Owns: the contract of `LanguageModel` as tests. Never knows what a model is or what it is asked through.
import { describe, expect, it } from "vitest";
import { ModelError, RunError } from "../../core/errors.ts";
import type { LanguageModel, ModelReply, ModelRequest, ToolChoice } from "../../contracts/index.ts";

/** A model for a test. */
export type MakeModel = () => LanguageModel | Promise<LanguageModel>;

/** Requests to try a model with. */
export interface ModelSamples {
  /** A request that the model answers; it has tools, and asks for nothing certain. */
  readonly request: ModelRequest;
}

/** Declares the tests that every model passes. */
export function describeLanguageModel(name: string, make: MakeModel, { request }: ModelSamples): void {
  const ask = async (changes: Partial<ModelRequest> = {}): Promise<ModelReply> => {
    const model = await make();
    return model.reply({ ...request, ...changes }, { signal: new AbortController().signal });
  };
  describe(`${name} keeps the contract of a language model`, () => {
    it("has a name", async () => {
      expect((await make()).name).not.toBe("");
    });
    describeReplies(ask, request);
    describeAborts(make, request);
  });
}

type Ask = (changes?: Partial<ModelRequest>) => Promise<ModelReply>;

function describeReplies(ask: Ask, { tools }: ModelRequest): void {
  it("its reply is a JSON value", async () => {
    const reply = await ask();
    expect(JSON.parse(JSON.stringify(reply))).toEqual(reply);
  });

  it("counts what it took: whole tokens, and no more from the cache than there were", async () => {
    const { inputTokens, cachedTokens, outputTokens, costUsd } = (await ask()).usage;
    for (const tokens of [inputTokens, cachedTokens, outputTokens]) {
      expect(Number.isInteger(tokens) && tokens >= 0).toBe(true);
    }
    expect(cachedTokens).toBeLessThanOrEqual(inputTokens);
    expect(costUsd === null || (Number.isFinite(costUsd) && costUsd >= 0)).toBe(true);
  });

  const choices: readonly ToolChoice[] = [
    "auto",
    "none",
    ...tools.slice(0, 1).map(({ name }) => ({ tool: name })),
  ];
  it.each(choices)("with the tool choice %j, every call has an id of its own", async (toolChoice) => {
    const { calls } = await ask({ toolChoice });
    expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
    expect(calls.every(({ id, tool }) => id !== "" && tool !== "")).toBe(true);
  });

  it("calls nothing where none is allowed", async () => {
    const { calls, stop } = await ask({ toolChoice: "none" });
    expect(calls).toEqual([]);
    expect(stop).not.toBe("calls");
  });

  it("leaves the request as it is", async () => {
    const before = JSON.stringify(tools);
    await ask();
    expect(JSON.stringify(tools)).toBe(before);
  });
}

function describeAborts(make: MakeModel, request: ModelRequest): void {
  it("throws the signal's own reason when it is aborted already", async () => {
    const reason = new Error("stop");
    const model = await make();
    await expect(model.reply(request, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("ends soon when it is aborted on the way: with the reason, or with a reply that was complete", async () => {
    const abort = new AbortController();
    const reason = new Error("stop");
    const model = await make();
    const reply = model.reply(request, { signal: abort.signal });
    abort.abort(reason);
    const end = await reply.catch((thrown: unknown) => thrown);
    expect(end instanceof RunError || end instanceof ModelError).toBe(false);
    expect(end === reason || (typeof end === "object" && end !== null && "usage" in end)).toBe(true);
  });
}
