// Owns: the arms without a notebook: a whole program a reply, run in a fresh kernel. With feedback the model sees its best
// program and its last failure; alone, each reply is a first try.
import { textMessage } from "../../src/core/conversation.ts";
import { seedAt } from "../../src/core/random.ts";
import { isCode } from "../../src/core/notebook/notebook.ts";
import { addUsage, tokensOf } from "../../src/core/run/usage.ts";
import { clipLines } from "../../src/core/output/clip.ts";
import { viewOutputs } from "../../src/core/output/view-outputs.ts";
import { judge } from "../../src/environment/index.ts";
import { scoreText } from "../../src/environment/score-text.ts";
import { readActions } from "../../src/models/openai/wire/reading/read-actions.ts";
import { openRuntime, type Runtime } from "../../src/run/runtime.ts";
import type {
  LanguageModel,
  ModelReply,
  ModelRequest,
  Score,
  Task,
  ToolSpec,
  Usage,
} from "../../src/contracts/index.ts";
import { isBetter, ownScore, type Played, type PlayOptions } from "./play.ts";

interface Tried {
  readonly program: string;
  readonly score: Score;
  /** What it printed, or what was wrong. */
  readonly words: string;
}

/** `feedback`: whether a try sees the best program and the last failure. */
export async function playFiles(
  model: LanguageModel,
  feedback: boolean,
  { task, first, seed, tokens, signal }: PlayOptions,
): Promise<Played> {
  const began = performance.now();
  await using runtime = await openRuntime(task, {});
  let usage: Usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 };
  let replies = 0;
  let best: Tried | null = null;
  let failed: Tried | null = null;
  let cells = 0;
  let wasted = 0;
  while (tokensOf(usage) < tokens) {
    const request = requestFor(
      task,
      feedback ? best : null,
      feedback ? failed : null,
      seedAt(seed, "try", replies),
    );
    const reply = await model.reply(request, { signal });
    usage = addUsage(usage, reply.usage);
    replies += 1;
    const program = readProgramIn(reply);
    if (program === null) {
      wasted += 1;
      continue;
    }
    cells += 1;
    const tried = await tryProgram(runtime, task, program, signal);
    const isBest: boolean = isBetter(
      task,
      ownScore(tried.score),
      best === null ? null : ownScore(best.score),
    );
    if (tried.score.valid && isBest) best = tried;
    failed = tried.score.valid ? null : tried;
  }
  const score = best === null ? null : ownScore(best.score);
  const seconds = (performance.now() - began) / 1000;
  return { usage, replies, cells, wasted, score, improved: isBetter(task, score, first), seconds };
}

/** What the task's first program scores. @throws Error when it does not. */
export async function founderScore(runtime: Runtime, task: Task, signal: AbortSignal): Promise<number> {
  const { score, words } = await tryProgram(runtime, task, founderOf(task), signal);
  const own = ownScore(score);
  if (own === null) throw new Error(`the first program of ${task.name} is invalid: ${words}`);
  return own;
}

/** The code of the reply, read as a notebook's cells are; null where there is none. */
function readProgramIn({ text, stop }: ModelReply): string | null {
  const cut = stop === "length" ? "was cut off at the output limit" : "";
  const { calls } = readActions(text, { tools: [PROGRAM], toolChoice: "auto", cut, closingWord: "" });
  const source = calls[0]?.arguments["source"];
  return typeof source === "string" ? source : null;
}

const PROGRAM: ToolSpec = {
  name: "run_program",
  description: "Run a program.",
  parameters: { type: "object", properties: { source: { type: "string" } }, required: ["source"] },
  codeParameter: "source",
};

async function tryProgram(
  runtime: Runtime,
  task: Task,
  program: string,
  signal: AbortSignal,
): Promise<Tried> {
  const kernels = await runtime.openKernels();
  const timeoutMs = task.limits.cellTimeoutMs;
  await using lease = await kernels.lease({ recipe: [] }, { signal, workspace: "try", timeoutMs });
  const source = `${setupOf(task)}\n\n${program}`;
  const { status, outputs } = await lease.execute(source, { timeoutMs, signal });
  const { text } = viewOutputs(outputs, { id: "program", maxLines: 30 });
  if (status !== "ok") {
    const score: Score = { valid: false, fitness: null, metrics: {}, message: status };
    return { program, score, words: text };
  }
  const { score } = await judge(lease, task, runtime.verifier, signal);
  return { program, score, words: score.valid ? scoreText(score) : `${text}\n${scoreText(score)}` };
}

function requestFor(task: Task, best: Tried | null, failed: Tried | null, seed: number): ModelRequest {
  const { direction, submission } = task;
  const parts = [
    `# Task\n${task.statement}`,
    `This code runs before your program:\n\`\`\`python\n${setupOf(task)}\n\`\`\``,
    best === null
      ? `A first program:\n\`\`\`python\n${founderOf(task)}\n\`\`\``
      : `The best program so far, ${best.words}:\n\`\`\`python\n${best.program}\n\`\`\``,
    ...(failed === null
      ? []
      : [
          `The last program failed:\n\`\`\`python\n${failed.program}\n\`\`\`\n${clipLines(failed.words, 20, 300)}`,
        ]),
    `Write a Python program that sets \`${submission}\` and has a better score (${direction} it): one \`\`\`python block, nothing else.`,
  ];
  return {
    messages: [
      textMessage(
        "system",
        "You write Python programs that solve optimisation problems. A program judges the result.",
      ),
      textMessage("user", parts.join("\n\n")),
    ],
    ...{ breakpoints: [0], tools: [], toolChoice: "none", seed },
  };
}

/** The code cells of the task before its last one, which is the founder's own. */
function setupOf({ founder }: Task): string {
  return sourcesOf({ founder }).slice(0, -1).join("\n\n");
}

function founderOf({ founder }: Pick<Task, "founder">): string {
  return sourcesOf({ founder }).at(-1) ?? "";
}

function sourcesOf({ founder }: Pick<Task, "founder">): readonly string[] {
  return founder.cells.filter(isCode).map(({ source }) => source);
}
