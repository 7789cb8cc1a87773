// Owns: a round in miniature with one model in one protocol: a cell with real code in it, then the close on demand.
// Nothing is run: the results are written down here. Never judges a model as a whole.
import { textMessage } from "../core/conversation.ts";
import { messageOf, RunError } from "../core/errors.ts";
import { recordOf, stringOf } from "../core/untrusted.ts";
import type { LanguageModel, Message, ModelReply, ModelRequest, ToolSpec } from "../contracts/index.ts";

/** True, false, or why it could not be tried. */
export type Finding = boolean | string;

/** Asks one thing; the finding, and the reply where there was one. */
export type AskOne = (
  changes: Pick<ModelRequest, "messages"> & Partial<ModelRequest>,
  judge: (reply: ModelReply) => boolean,
) => Promise<{ readonly found: Finding; readonly reply: ModelReply | null }>;

export interface RoundCheck {
  /** A cell with the code that was asked for came. */
  readonly code: Finding;
  /** The round was closed when that was demanded. */
  readonly closes: Finding;
  /** What had to be repaired to read the two. */
  readonly repairs: number;
  /** The conversation so far, to go on with. */
  readonly messages: readonly Message[];
}

const RUN_CODE: ToolSpec = {
  name: "run_code",
  description: "Runs Python code as the next cell of the notebook.",
  parameters: {
    type: "object",
    properties: { source: { type: "string", description: "The code of the cell." } },
    required: ["source"],
    additionalProperties: false,
  },
  codeParameter: "source",
};
const FINISH: ToolSpec = {
  name: "finish_round",
  description: "Closes the round, when the task is solved.",
  parameters: { type: "object", properties: {}, additionalProperties: false },
  closesRound: true,
};

const SYSTEM =
  "You solve a task in a Python notebook. You write a cell, it is run in a live kernel, and its output comes back.";
/** Several lines, quotes, and a line break in a string: what breaks where code travels inside of JSON. */
const TASK = [
  "Write the next cell, and run it. It defines a function square(n), prints the text",
  '"sum of squares:" followed by a line break, and then prints the sum of square(n) for n from 1 to 10.',
].join("\n");
const OUTPUT = "c1 ok 0.1s\nsum of squares:\n385";

/** `tokens`: how long the instructions must be for a cache to take them. */
export function openingMessages(tokens: number): readonly Message[] {
  const filler = Array.from(
    { length: Math.ceil(tokens / 10) },
    (_, at) => `Rule ${at + 1}: keep every cell short and clear.`,
  );
  return [textMessage("system", [SYSTEM, ...filler].join("\n")), textMessage("user", TASK)];
}

/** A function that asks the model, keeps its replies, and turns failures into findings. */
export function askerOf(
  model: LanguageModel,
  signal: AbortSignal,
  onReply: (reply: ModelReply, tookMs: number) => void,
): AskOne {
  return async (changes, judge) => {
    try {
      const began = performance.now();
      const request = { breakpoints: [0], tools: [RUN_CODE, FINISH], toolChoice: "auto" as const, seed: 1 };
      const reply = await model.reply({ ...request, ...changes }, { signal });
      onReply(reply, performance.now() - began);
      return { found: judge(reply), reply };
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof RunError) throw thrown;
      return { found: messageOf(thrown), reply: null };
    }
  };
}

/** Two requests; one where no cell came. @throws RunError `model-refused` | `model-unreachable`. */
export async function playRound(ask: AskOne, opening: readonly Message[]): Promise<RoundCheck> {
  const cell = await ask({ messages: opening }, hasCode);
  if (cell.reply === null || cell.found !== true)
    return { code: cell.found, closes: "no cell came", repairs: 0, messages: opening };
  const messages = [
    ...opening,
    ...answerReply(cell.reply),
    textMessage("user", "The task is solved: close the round."),
  ];
  const close = await ask({ messages, toolChoice: { tool: FINISH.name } }, closesRound);
  const repairs = [cell.reply, close.reply].reduce(
    (sum, reply) => sum + (reply?.notices?.["repaired"] ?? 0),
    0,
  );
  return { code: true, closes: close.found, repairs, messages };
}

/** What demands the close another way. */
export async function demandClose(ask: AskOne, messages: readonly Message[]): Promise<Finding> {
  return (await ask({ messages, toolChoice: { tool: FINISH.name } }, closesRound)).found;
}

function closesRound({ calls }: ModelReply): boolean {
  return calls[0]?.tool === FINISH.name;
}

function hasCode({ calls }: ModelReply): boolean {
  const source = sourceOf(calls);
  return /def\s+square\s*\(/.test(source) && /print\s*\(/.test(source) && source.trim().includes("\n");
}

function sourceOf(calls: ModelReply["calls"]): string {
  const cell = calls.find(({ tool }) => tool === RUN_CODE.name);
  return stringOf(recordOf(cell?.arguments)["source"]);
}

/** The reply, and a result for each of its calls. */
function answerReply({ text, calls }: ModelReply): readonly Message[] {
  const results = calls.map(({ id, tool }): Message => ({
    role: "tool",
    callId: id,
    isError: false,
    content: [{ type: "text", text: tool === RUN_CODE.name ? OUTPUT : "ok" }],
  }));
  return [{ role: "assistant", text, calls }, ...results];
}
