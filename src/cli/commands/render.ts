// Owns: `nbevolve render`: exactly what a model would see of a notebook, with the tokens of each section.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Option, type Command } from "commander";
import { RunError } from "../../core/errors.ts";
import { parseNotebook } from "../../core/notebook/load-notebook.ts";
import { isCode, markOf } from "../../core/notebook/notebook.ts";
import { checkedRenderer } from "../../core/run/ask-renderer.ts";
import { HARNESSES } from "../../environment/harness.ts";
import { hasRead, notebookTools } from "../../environment/tools/index.ts";
import { writeInstructions } from "../../loop/prompt/instructions.ts";
import { writeGoal } from "../../loop/prompt/round-header.ts";
import { writeStanding, type Standing } from "../../loop/prompt/standing.ts";
import { tiktokenCounter } from "../../models/catalogue/count-tokens.ts";
import type { Harness, Message, Notebook, Prompt, RenderInput, Task, Tool } from "../../contracts/index.ts";
import { loadTask, whyUnreadable } from "../../tasks/load-task.ts";
import { appendValue, readCount } from "../flags/flag-values.ts";
import { DEFAULT_RENDERER, RENDERER_HELP, TOOL_HELP } from "../flags/part-help.ts";
import { rendererNamed, toolsFrom } from "../../run/parts/named-parts.ts";
import { print, printJson } from "../terminal/screen.ts";
import { decodeText } from "../../core/decode-text.ts";

interface RenderFlags {
  readonly renderer: string;
  readonly tool: readonly string[];
  readonly harness: Harness;
  /** Tokens that the notebook's view may take. */
  readonly budget?: number;
  readonly json?: boolean;
}

export function defineRenderCommand(command: Command): void {
  command
    .argument("<notebook>", "Path of a notebook or a task notebook, or the name of a benchmark.")
    .option("--renderer <name>", RENDERER_HELP, DEFAULT_RENDERER)
    .option("--tool <file>", TOOL_HELP, appendValue, [])
    .addOption(
      new Option("--harness <name>", "How much a model is asked to handle.")
        .choices(Object.keys(HARNESSES))
        .default("full"),
    )
    .option(
      "--budget <tokens>",
      "How many tokens the view of the notebook may take. Default: the task's limit or the harness's, or 8000.",
      readCount,
    )
    .option("--json", "Print the prompt as JSON.")
    .action(render);
}

/** Prints the first prompt of a round on the notebook. @throws RunError. */
async function render(file: string, flags: RenderFlags): Promise<void> {
  const countTokens = tiktokenCounter();
  const renderer = checkedRenderer(await rendererNamed(flags.renderer));
  const { tools, ...rendered } = await readRenderInput(file, flags);
  const input = { ...rendered, seesImages: false, canRead: hasRead(tools), countTokens };
  const { header } = rendered;
  const log = renderer.append(renderer.open(input), { type: "round-started", header }, input);
  const prompt = renderer.prompt(log, input);
  const sent = tools.map(({ name, description, parameters }) => ({ name, description, parameters }));
  if (flags.json === true) printJson({ ...prompt, tools: sent });
  else print(promptText(prompt, input, header, JSON.stringify(sent)));
}

interface RenderedNotebook extends Pick<
  RenderInput,
  "instructions" | "statement" | "notebook" | "budgetTokens"
> {
  readonly tools: readonly Tool[];
  /** What the round begins with. Its score is left out: nothing is run here. */
  readonly header: string;
}

/** A task as its runs begin, without the outputs of its cells; any other notebook as it is. */
async function readRenderInput(file: string, flags: RenderFlags): Promise<RenderedNotebook> {
  const { tool, budget, harness } = flags;
  const more = await toolsFrom(tool);
  const most = HARNESSES[harness].contextTokens ?? Infinity;
  const isName = !/[\\/]|\.ipynb$/.test(file);
  const notebook = isName ? null : parseNotebook(await textOf(file), basename(file));
  if (notebook === null || hasVerifier(notebook)) {
    const task = await loadTask(file);
    const { statement, submission, founder, limits } = task;
    const budgetTokens = budget ?? Math.min(limits.contextTokens, most);
    const header = headerOf(task, harness);
    return { ...toolsFor(submission, more, harness), statement, notebook: founder, budgetTokens, header };
  }
  const submission = notebook.metadata.nbevolve?.["submission"];
  const statement = notebook.cells.find((cell) => !isCode(cell) && markOf(cell).role === "task")?.source;
  return {
    ...toolsFor(typeof submission === "string" ? submission : "submission", more, harness),
    statement: statement ?? "(this notebook is no task: in a run, the task's statement stands here)",
    notebook,
    budgetTokens: budget ?? Math.min(8000, most),
    header: "Round 1 of 1.",
  };
}

const UNTRIED: Standing = { best: null, score: null, tried: [], futile: 0 };

function headerOf(task: Task, harness: Harness): string {
  const goal = writeGoal(task, harness, { place: "1 of 1", score: undefined });
  const standing = HARNESSES[harness].startsAnew ? [writeStanding(UNTRIED, task.submission)] : [];
  return [...goal, ...standing].filter((line) => line !== "").join("\n");
}

function toolsFor(
  submission: string,
  more: readonly Tool[],
  harness: Harness,
): Pick<RenderedNotebook, "instructions" | "tools"> {
  const tools = notebookTools({ submission }, more, harness);
  return { instructions: writeInstructions({ submission }, tools, harness), tools };
}

function hasVerifier({ cells }: Notebook): boolean {
  return cells.some(({ metadata }) => metadata.tags?.includes("verifier") === true);
}

async function textOf(file: string): Promise<string> {
  try {
    return decodeText(await readFile(file));
  } catch (cause) {
    throw new RunError("bad-option", `${file} cannot be read: ${whyUnreadable(cause)}`, { cause });
  }
}

/** Sections as they are sent, each under a line with its role and tokens; a mark where a cache may cut; then the parts. */
function promptText(
  { messages, breakpoints }: Prompt,
  input: RenderInput,
  header: string,
  tools: string,
): string {
  const sections = messages.map((message, i) => {
    const text = messageText(message);
    const mark = breakpoints.includes(i) ? ", cache breakpoint after it" : "";
    const tokens = input.countTokens(text);
    return { text: `--- ${i} ${message.role}: ${tokens} tokens${mark}\n${text}\n`, tokens };
  });
  const sent = sections.reduce((sum, { tokens }) => sum + tokens, 0);
  const parts = { instructions: input.instructions, task: input.statement, round: header, tools };
  const counted = Object.entries(parts).map(([part, text]) => [part, input.countTokens(text)] as const);
  const others = counted.reduce((sum, [part, tokens]) => (part === "tools" ? sum : sum + tokens), 0);
  const [instructions, task, round, own] = counted.map(([part, tokens]) => `${part} ${tokens}`);
  const total = sent + input.countTokens(tools);
  return [
    ...sections.map(({ text }) => text),
    `--- ${total} tokens in all: ${[instructions, task, `view ${sent - others}`, round, own].join(", ")}\n`,
  ].join("\n");
}

function messageText(message: Message): string {
  if (message.role === "assistant") return message.text;
  return message.content.map((part) => (part.type === "text" ? part.text : `[${part.mime}]`)).join("\n");
}
