// A model for the numbers task: a pure function of its request, so that runs can be compared.
import { randomAt } from "../../src/core/random.ts";
import type { LanguageModel, ModelReply, ModelRequest } from "../../src/contracts/index.ts";
import { scriptedModel, type ScriptedModel } from "../../src/testing/scripted-model.ts";
import { roundMessages } from "./round-messages.ts";

export function numbersReply(request: ModelRequest): Partial<ModelReply> {
  if (request.toolChoice === "none") return { text: "Jitter the numbers a little; keep what is better." };
  const done = roundMessages(request.messages).filter(({ role }) => role === "tool").length;
  if (request.toolChoice !== "auto" || done > 0) {
    return { calls: [{ id: "", tool: "finish_round", arguments: { summary: "jittered" } }] };
  }
  const source = [
    `rng = random.Random(${randomAt(request.seed).int(1e6)})`,
    "a, b = submission",
    "for _ in range(50):",
    "    c, d = a + rng.gauss(0, 0.1), b + rng.gauss(0, 0.1)",
    "    if c * c + d * d <= 1 and c * d > a * b:",
    "        a, b = c, d",
    "submission = [a, b]",
    "print(a * b)",
  ].join("\n");
  return { calls: [{ id: "", tool: "run_code", arguments: { source, comment: "jitter" } }] };
}

export function numbersModel(): ScriptedModel & LanguageModel {
  return scriptedModel(numbersReply, {
    usage: { inputTokens: 100, cachedTokens: 50, outputTokens: 10, costUsd: 0.001 },
  });
}
