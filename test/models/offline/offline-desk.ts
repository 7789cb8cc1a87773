// Owns: a notebook at which the offline model plays rounds: its cells run in a real Python process, its messages are
// like those of a renderer that shows every cell. Follows the tools' contracts, not their code.
import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { codeCell, emptyNotebook } from "../../../src/core/notebook/notebook.ts";
import { parseNotebook } from "../../../src/core/notebook/load-notebook.ts";
import { seedAt } from "../../../src/core/random.ts";
import type {
  Improvement,
  LanguageModel,
  Message,
  Task,
  ToolCall,
  ToolChoice,
  ToolContext,
} from "../../../src/contracts/index.ts";
import { improve } from "../../../src/environment/tools/improve.ts";
import { notebookTools, specOf } from "../../../src/environment/tools/index.ts";
import { offline } from "../../../src/models/index.ts";
import { taskFromNotebook } from "../../../src/tasks/task-notebook.ts";
import { pythonServer, type PythonServer } from "./offline-python.ts";

export interface DeskCell {
  readonly id: string;
  readonly kind: "code" | "text";
  readonly source: string;
  readonly output: string;
}

export interface Desk {
  readonly python: PythonServer;
  readonly cells: readonly DeskCell[];
  readonly submission: string;
  end(): Promise<void>;
}

export interface DeskOptions {
  readonly seed?: number;
  readonly direction?: "maximize" | "minimize";
  /** A Python expression that `score` asks for. */
  readonly score?: string;
  /** Whether it has the tool `improve`, which asks `score` for each try. Default false. */
  readonly improves?: boolean;
  /** What of the notebook the model is shown; all of it. */
  readonly view?: (cells: readonly DeskCell[]) => string;
}

const TOOLS = notebookTools({ submission: "submission" }).map(specOf);
const IMPROVE = improve("submission");
/** Enough to see that a search gains; the rest is the long tests'. */
const MOST_TRIES = 3000;
const MOST_TURNS = 12;
const never = new AbortController().signal;

export const sourcesOf = (task: Task): readonly string[] =>
  task.founder.cells.flatMap((cell) => (cell.cell_type === "code" ? [cell.source] : []));

const pointsFile = new URL("../../../docs/examples/points.ipynb", import.meta.url);
/** The founder of the task with points on a square. */
const pointsTask = taskFromNotebook(parseNotebook(readFileSync(pointsFile, "utf8"), "points.ipynb"), {
  name: "points",
});
export const points = sourcesOf(pointsTask);

export const codeOf = ({ cells }: Desk): readonly string[] =>
  cells.filter(({ kind }) => kind === "code").map(({ source }) => source);

/** The offline model's rounds; the Python process ends with the test. */
export async function playOffline(
  founder: readonly string[],
  rounds: number,
  options: DeskOptions = {},
  explorations = 1,
): Promise<Desk> {
  const desk = await play(offline({ explorations }), founder, rounds, options);
  onTestFinished(() => desk.end());
  return desk;
}

/** The notebook after that many rounds; `founder` are sources that run first. */
export async function play(
  model: LanguageModel,
  founder: readonly string[],
  rounds: number,
  options: DeskOptions = {},
): Promise<Desk> {
  const python = pythonServer();
  let cells: readonly DeskCell[] = [];
  for (const source of founder) cells = await added(python, cells, source);
  for (let round = 1; round <= rounds; round++) cells = await playRound(model, python, cells, round, options);
  return { python, cells, submission: await shown(python), end: () => python.end() };
}

/** The submission that the notebook's code cells give in a fresh process. */
export async function replayed(cells: readonly DeskCell[]): Promise<string> {
  const python = pythonServer();
  let again: readonly DeskCell[] = [];
  for (const { kind, source } of cells) if (kind === "code") again = await added(python, again, source);
  const submission = await shown(python);
  await python.end();
  return submission;
}

async function playRound(
  model: LanguageModel,
  python: PythonServer,
  start: readonly DeskCell[],
  round: number,
  options: DeskOptions,
): Promise<readonly DeskCell[]> {
  const { seed = 1, direction = "maximize", improves = false, view = wholeNotebook } = options;
  const tools = improves ? [...TOOLS, specOf(IMPROVE)] : TOOLS;
  let cells = start;
  const header = `Round ${round}. Goal: ${direction} the score.`;
  const messages: Message[] = [user("Improve the notebook."), user(`${view(cells)}\n${header}`)];
  for (let turn = 1; turn <= MOST_TURNS; turn++) {
    const toolChoice: ToolChoice =
      turn === 1 ? "none" : turn === MOST_TURNS ? { tool: "finish_round" } : "auto";
    const request = { messages: [...messages], breakpoints: [], tools, toolChoice };
    const { text, calls } = await model.reply(
      { ...request, seed: seedAt(seed, round, turn) },
      { signal: never },
    );
    messages.push({ role: "assistant", text, calls });
    if (turn === 1) cells = withText(cells, text);
    for (const call of calls) {
      const result = await carryOut(python, cells, call, options);
      cells = result.cells;
      messages.push({
        role: "tool",
        callId: call.id,
        content: [{ type: "text", text: result.text }],
        isError: result.isError,
      });
      if (call.tool === "finish_round" && !result.isError) return cells;
    }
  }
  throw new Error("the round was not closed");
}

async function carryOut(
  python: PythonServer,
  cells: readonly DeskCell[],
  call: ToolCall,
  options: DeskOptions,
): Promise<{ cells: readonly DeskCell[]; text: string; isError: boolean }> {
  const { score = "None" } = options;
  if (call.tool === IMPROVE.name) return carryOutImprove(python, cells, call, options);
  const args = argumentsOf(call);
  if (call.tool === "score")
    return { cells, text: `score: ${await python.evaluate<number>(score)}`, isError: false };
  if (call.tool === "finish_round") {
    const dropped = cells.filter(({ id }) => !(args["drop"] ?? []).includes(id));
    return { cells: withText(dropped, String(args["summary"])), text: "round closed", isError: false };
  }
  const after = await added(python, cells, String(args["source"]));
  const { id = "", output = "" } = after.at(-1) ?? {};
  const isError = /^\w+(?:Error|Interrupt): /m.test(output.split("\n").at(-2) ?? "");
  return { cells: after, text: `${id} ${isError ? "error" : "ok"} 0.1s\n${output}`, isError };
}

/** The real tool, with a verifier that is an expression of the notebook's. */
async function carryOutImprove(
  python: PythonServer,
  cells: readonly DeskCell[],
  call: ToolCall,
  { direction = "maximize", score = "None" }: DeskOptions,
): Promise<{ cells: readonly DeskCell[]; text: string; isError: boolean }> {
  const sign = direction === "maximize" ? -1 : 1;
  const id = nextId(cells);
  let after = cells;
  const context: ToolContext = {
    notebook: {
      ...emptyNotebook(),
      cells: cells.map(({ id, source }) => codeCell(id, source, { role: "code", round: 1 })),
    },
    kernel: {
      async execute(source) {
        const { ok, text } = await python.run(source);
        after = [...after, { id, kind: "code", source, output: text }];
        return { status: ok ? "ok" : "error", outputs: [], durationMs: 100 };
      },
    },
    round: 1,
    limits: pointsTask.limits,
    seesImages: false,
    signal: never,
    score: async () => ({
      valid: true,
      fitness: -sign * (await python.evaluate<number>(score)),
      metrics: { score: await python.evaluate<number>(score) },
      message: "",
    }),
    improve: ({ seed, tries }) =>
      python.evaluate<Improvement>(
        `__import__("nbevolve_improve.improve", fromlist=["improve"]).improvement(lambda submission: ${score}, ` +
          `__import__("nbevolve_guard.submission", fromlist=["submission"]).decode(` +
          `__import__("nbevolve_guard.submission", fromlist=["submission"]).encode(submission)), ${seed}, ${Math.min(tries, MOST_TRIES)}, 60, ${sign})`,
      ),
  };
  const { content, isError } = await IMPROVE.run(call.arguments, context);
  const text = content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
  return { cells: after, text: text.replace(/^c\d+ ok/, `${id} ok`), isError };
}

/** The arguments, when the tool knows them all. */
function argumentsOf(call: ToolCall): { readonly [name: string]: readonly string[] | string } {
  const properties = TOOLS.find(({ name }) => name === call.tool)?.parameters["properties"];
  const args = call.arguments as { readonly [name: string]: readonly string[] | string }; // checked below, as far as it matters here
  const unknown = Object.keys(args).filter((name) => !Object.hasOwn(Object(properties), name));
  if (properties === undefined || unknown.length > 0)
    throw new Error(`${call.tool} does not take ${unknown.join(", ")}`);
  return args;
}

/** Ids are never used twice: what was dropped leaves a gap. */
async function added(
  python: PythonServer,
  cells: readonly DeskCell[],
  source: string,
): Promise<readonly DeskCell[]> {
  const { text } = await python.run(source);
  return [...cells, { id: nextId(cells), kind: "code", source, output: text }];
}

function withText(cells: readonly DeskCell[], source: string): readonly DeskCell[] {
  return [...cells, { id: nextId(cells), kind: "text", source, output: "" }];
}

function nextId(cells: readonly DeskCell[]): string {
  return `c${Number(cells.at(-1)?.id.slice(1) ?? 0) + 1}`;
}

function wholeNotebook(cells: readonly DeskCell[]): string {
  return cells.map(({ id, source, output }) => `[${id}]\n${source}\n${output}`).join("\n");
}

function user(text: string): Message {
  return { role: "user", content: [{ type: "text", text }] };
}

const shown = (python: PythonServer): Promise<string> => python.evaluate("repr(submission)");
