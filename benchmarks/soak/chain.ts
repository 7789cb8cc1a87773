// Owns: the soak's task: a kernel state that shows everything that was ever done to it. Each cell hashes its seed into
// `chain`: the recipe alone determines the value, and a cell that was lost, run twice or taken from elsewhere changes it.
import { createHash } from "node:crypto";
import type {
  KernelState,
  LanguageModel,
  ModelReply,
  ModelRequest,
  Task,
} from "../../src/contracts/index.ts";
import { defineTask } from "../../src/tasks/define-task.ts";

const BEGINNING = "0".repeat(64);

export function chainTask(): Task {
  return defineTask({
    name: "chain",
    statement: "Find a `chain` that is a large number.",
    setup: "import hashlib, time",
    founder: [`chain = "${BEGINNING}"`],
    submission: "chain",
    verifier: 'def verify(submission):\n    return {"score": int(submission[:12], 16) / 16**12}',
  });
}

/** A pure function of its request: one cell a round. `cellMs`: how long that cell sleeps. */
export function chainModel(cellMs: number): LanguageModel {
  return {
    name: "chain",
    seesImages: false,
    async reply(request, { signal }) {
      signal.throwIfAborted();
      return replyTo(request, cellMs);
    },
  };
}

function replyTo(request: ModelRequest, cellMs: number): ModelReply {
  const usage = { inputTokens: 100, cachedTokens: 0, outputTokens: 10, costUsd: 0 };
  const header = request.messages.findLastIndex((message) => JSON.stringify(message).includes("Goal: "));
  const done = request.messages.slice(header + 1).some(({ role }) => role === "tool");
  if (request.toolChoice === "none") return { text: "Hash on.", calls: [], usage, stop: "end" };
  const source = [
    `time.sleep(${cellMs / 1000})`,
    `chain = hashlib.sha256((chain + "${request.seed}").encode()).hexdigest()`,
  ].join("\n");
  const call =
    request.toolChoice !== "auto" || done
      ? { id: "c", tool: "finish_round", arguments: { summary: "hashed" } }
      : { id: "c", tool: "run_code", arguments: { source } };
  return { text: "", calls: [call], usage, stop: "calls" };
}

/** The value of `chain` after the recipe, computed here. */
export function chainAfter({ recipe }: KernelState): string {
  const seeds = recipe.flatMap(({ source, status }) =>
    status === "ok" ? (/chain \+ "(\d+)"/.exec(source)?.[1] ?? []) : [],
  );
  return seeds.reduce(
    (chain, seed) => createHash("sha256").update(`${chain}${seed}`).digest("hex"),
    BEGINNING,
  );
}
