// Owns: the contenders: a renderer each, and what its authors do with calls, results and tools around it.
import { textMessage, turnMessages } from "../../src/core/conversation.ts";
import { logStructured, plain, positional, transcriptRenderer } from "../../renderers/index.ts";
import type {
  Harness,
  Message,
  ModelReply,
  Output,
  Pricing,
  Renderer,
  RenderInput,
  ToolOutcome,
} from "../../src/contracts/index.ts";

export interface Contender {
  readonly name: string;
  /** The type of the log is erased: a benchmark only hands it on. */
  make(): Renderer;
  /** `raw`: tool results with outputs as they came. */
  readonly results: "raw" | "clipped";
  /** `micro`: adding a cell and running it are two calls. */
  readonly calls: "merged" | "micro";
  /** Tokens of tool schemas; null: this product's own. */
  readonly toolTokens: number | null;
  /** The closing call is sent without tools, which empties every cache. */
  readonly closesWithoutTools: boolean;
  readonly pricing?: Pricing;
  /** Default `full`. */
  readonly harness?: Harness;
}

const OURS = { results: "clipped", calls: "merged", toolTokens: null, closesWithoutTools: false } as const;

/** As the published code does it. */
const PUBLISHED = { results: "raw", calls: "micro", toolTokens: 2000, closesWithoutTools: true } as const;

export function contenders(pricing: Pricing): readonly Contender[] {
  return [
    { ...OURS, name: "raw transcript", results: "raw", make: () => appendOnly("raw transcript") },
    { ...OURS, name: "clipped transcript", make: () => appendOnly("clipped transcript") },
    { ...PUBLISHED, name: "positional (published)", make: () => positional() },
    { ...OURS, name: "positional", make: () => positional() },
    { ...OURS, name: "plain", make: () => plain() },
    { ...OURS, name: "re-render every call", make: () => everyCall() },
    { ...OURS, name: "log-structured", pricing, make: () => logStructured() },
    {
      ...OURS,
      name: "log-structured, minimum 4096",
      pricing: { ...pricing, minimumTokens: 4096 },
      make: () => logStructured(),
    },
    {
      ...OURS,
      name: "fold every round",
      pricing: { ...pricing, cachedShare: 1 },
      make: () => logStructured(),
    },
    { ...OURS, name: "lean harness", pricing, harness: "lean", make: () => everyTurn() },
  ];
}

/** The notebook as it is now, without the turns that led to it: a lean round after each gain. */
function everyTurn(): Renderer<string> {
  const renderer: Renderer = logStructured();
  return {
    name: "lean harness",
    open: () => "",
    append: (header, event) => (event.type === "round-started" ? event.header : header),
    prompt: (header, input) =>
      renderer.prompt(renderer.append(renderer.open(input), { type: "round-started", header }, input), input),
  };
}

/** Never renders the notebook again and never folds: what was said stays. */
function appendOnly(name: string): Renderer<readonly Message[]> {
  return {
    name,
    open: (input) => openMessages(input),
    append(log, event) {
      if (event.type === "round-started") return [...log, textMessage("user", `# Round\n${event.header}`)];
      if (event.type === "turn-ended") return [...log, ...turnMessages(event.reply, event.results)];
      return event.type === "told" ? [...log, textMessage("user", event.text)] : log;
    },
    prompt: (messages) => ({ messages, breakpoints: [0, messages.length - 1] }),
  };
}

interface LastTurn {
  readonly header: string;
  readonly turn: readonly Message[];
}

/** The positional view of the notebook as it is now, in every call, with the last turn after it. */
function everyCall(): Renderer<LastTurn> {
  const view = positional();
  const rendered = transcriptRenderer("view", (input) => viewOf(view, input));
  return {
    name: "re-render every call",
    open: () => ({ header: "", turn: [] }),
    append(log, event) {
      if (event.type === "round-started") return { header: event.header, turn: [] };
      return event.type === "turn-ended" ? { ...log, turn: turnMessages(event.reply, event.results) } : log;
    },
    prompt({ header, turn }, input) {
      const base = rendered.append(rendered.open(input), { type: "round-started", header }, input).messages;
      const messages = [...base, ...turn];
      return { messages, breakpoints: [0, messages.length - 1] };
    },
  };
}

function viewOf(renderer: Renderer<{ readonly messages: readonly Message[] }>, input: RenderInput): string {
  const log = renderer.append(renderer.open(input), { type: "round-started", header: "" }, input);
  const message = log.messages.at(-1);
  const part = message?.role === "user" ? message.content[0] : undefined;
  return part?.type === "text" ? part.text.replace(/^# Notebook\n|\n\n# Round\n$/g, "") : "";
}

function openMessages(input: RenderInput): readonly Message[] {
  return [textMessage("system", input.instructions), textMessage("user", `# Task\n${input.statement}`)];
}

/** The result as a tool that clips nothing would give it; tracebacks with their colours. */
function rawResult(result: ToolOutcome): ToolOutcome {
  const outputs = result.edits.flatMap((edit) => (edit.type === "cell-ran" ? edit.outputs : []));
  if (outputs.length === 0) return result;
  const [first] = result.content;
  const headline = first?.type === "text" ? (first.text.split("\n")[0] ?? "") : "";
  return { ...result, content: [{ type: "text", text: [headline, ...outputs.map(rawText)].join("\n") }] };
}

function rawText(output: Output): string {
  if (output.output_type === "stream") return [output.text].flat().join("");
  if (output.output_type === "error")
    return [...output.traceback, `${output.ename}: ${output.evalue}`].join("\n");
  const plain = output.data["text/plain"];
  return typeof plain === "string" ? plain : `[${Object.keys(output.data).join(", ")}]`;
}

interface ContenderExchange {
  readonly reply: ModelReply;
  readonly results: readonly ToolOutcome[];
}

/** A turn as one exchange, or as two where adding a cell and running it are two calls. */
export function exchangesOf(
  { reply, results }: ContenderExchange,
  contender: Contender,
): readonly ContenderExchange[] {
  const shown = contender.results === "raw" ? results.map(rawResult) : results;
  const [call] = reply.calls;
  const [result] = shown;
  const ran = result?.edits.find((edit) => edit.type === "cell-ran");
  if (contender.calls === "merged" || call === undefined || result === undefined || ran === undefined) {
    return [{ reply, results: shown }];
  }
  const added = { ...result, edits: result.edits.filter((edit) => edit !== ran) };
  const id = ran.type === "cell-ran" ? ran.id : "";
  const run = { id: `${call.id}-run`, tool: "run_cell", arguments: { id } };
  return [
    { reply, results: [{ ...added, content: [{ type: "text", text: `${id} written` }] }] },
    { reply: { ...reply, text: "", calls: [run] }, results: [{ ...result, call: run, edits: [ran] }] },
  ];
}
