// A real server with a real tokenizer and a real tool grammar around random weights: nonsense drives whole runs.
// Needs a Python of its own, since nothing of it is in the pinned environment: see docs/guides/models.md.
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { messageOf } from "../../src/core/errors.ts";
import { openai } from "../../src/models/openai/openai.ts";
import { startRun } from "../../src/run/start-run.ts";
import type { LanguageModel, ModelReply, RunEvent } from "../../src/contracts/index.ts";
import { numbersTask } from "../support/numbers-task.ts";
import { testSandbox } from "../support/sandbox.ts";

const PACKAGES = "gguf, numpy, tokenizers, xllamacpp";
const PYTHON = process.env["NBEVOLVE_TINY_MODEL_PYTHON"] ?? "";
const TURNS = Number(process.env["NBEVOLVE_TINY_MODEL_TURNS"] ?? "50");

/** Why it cannot run here; null where it can. */
const missing = whyNot();

function whyNot(): string | null {
  if (PYTHON === "") return `NBEVOLVE_TINY_MODEL_PYTHON names no Python with ${PACKAGES}`;
  try {
    execFileSync(PYTHON, ["-c", `import ${PACKAGES}`], { stdio: "pipe" });
    return null;
  } catch (error) {
    return `NBEVOLVE_TINY_MODEL_PYTHON: ${messageOf(error)}`;
  }
}

/** The server with random weights of this seed. */
async function tinyServer(seed: number): Promise<{ readonly baseURL: string } & AsyncDisposable> {
  const script = fileURLToPath(new URL("tiny_model_server.py", import.meta.url));
  const texts = fileURLToPath(new URL("../../docs", import.meta.url));
  const child = spawn(PYTHON, [script, texts, String(seed)], { stdio: ["pipe", "pipe", "inherit"] });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const first = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (first.done === true) throw new Error("the tiny model's server did not start");
  const { baseURL }: { baseURL: string } = JSON.parse(first.value);
  return {
    baseURL,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** The model, and every reply that came through. */
function watched(model: LanguageModel): LanguageModel & { readonly replies: readonly ModelReply[] } {
  const replies: ModelReply[] = [];
  return {
    name: model.name,
    seesImages: model.seesImages,
    replies,
    async reply(request, options) {
      const reply = await model.reply(request, options);
      replies.push(reply);
      return reply;
    },
  };
}

/** A run of the whole program, stopped after so many turns. */
async function play(model: LanguageModel): Promise<readonly RunEvent[]> {
  const dir = await mkdtemp(join(tmpdir(), "tiny-model-"));
  const events: RunEvent[] = [];
  try {
    const task = numbersTask();
    const run = startRun({ task, model, proposals: TURNS, seed: 11, dir, sandbox: testSandbox });
    let turns = 0;
    for await (const event of run.events()) {
      events.push(event);
      if (event.type === "turn-ended" && ++turns === TURNS) void run.stop();
    }
    await run.done;
    return events;
  } finally {
    await rm(dir, { recursive: true });
  }
}

describe.skipIf(missing !== null)(`random weights behind llama.cpp's server (${missing ?? "real"})`, () => {
  test("nonsense plays whole rounds: the calls of its grammar are carried out, nothing crashes", async () => {
    await using server = await tinyServer(1);
    const waits = { firstDelayMs: 10, maxDelayMs: 50 };
    const { baseURL } = server;
    const model = watched(openai({ model: "tiny-random", baseURL, maxOutputTokens: 300, ...waits }));
    const events = await play(model);
    const ofType = (type: RunEvent["type"]): number => events.filter((event) => event.type === type).length;
    expect(ofType("turn-ended")).toBeGreaterThanOrEqual(TURNS);
    expect(ofType("calls-ended")).toBeGreaterThanOrEqual(TURNS - 2);
    expect(ofType("episode-ended")).toBeGreaterThan(0);
    const calls = model.replies.flatMap((reply) => reply.calls);
    // Nonsense inside, but the server's grammar around it: tools that exist, arguments that are JSON objects.
    expect(calls.length).toBeGreaterThan(TURNS / 5);
    expect(new Set(calls.map(({ tool }) => tool)).size).toBeGreaterThan(2);
    for (const { arguments: args } of calls) expect(args).toBeTypeOf("object");
    for (const { usage } of model.replies) expect(usage.inputTokens).toBeGreaterThan(0);
  });
});
