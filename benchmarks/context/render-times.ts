// Owns: how long the default renderer takes for one notebook: seen for the first time, and after one cell changed.
import { readFileSync } from "node:fs";
import { parseNotebook } from "../../src/core/notebook/load-notebook.ts";
import { applyEdits, isCode } from "../../src/core/notebook/notebook.ts";
import { tiktokenCounter } from "../../src/models/catalogue/count-tokens.ts";
import { logStructured } from "../../renderers/index.ts";
import type { Edit, Notebook } from "../../src/contracts/index.ts";
import { median } from "../measure.ts";
import { inputOf } from "./real-notebooks.ts";
import type { CountTokens } from "./requests.ts";

export interface Took {
  /** Wall-clock time, on this machine as it is loaded. */
  readonly wallMs: number;
  /** Processor time of the thread that renders: the time on a quiet machine. Null where the system does not say (only Linux does). */
  readonly threadMs: number | null;
  /** Processor time of all threads, those of the compiler and the garbage collector included. */
  readonly processorMs: number;
}
export interface RenderTimes {
  readonly name: string;
  readonly cells: number;
  /** Loading the tokeniser's tables, once a process. */
  readonly tokeniser: Took;
  /** The first rendering of the process: nothing is compiled, no cell and no text is known. */
  readonly first: Took;
  /** Medians of five renderings later, each of newly read cells with a counter that knows no text. */
  readonly later: Took;
  /** After one of its cells was rewritten. */
  readonly afterOneChange: Took;
}

const REPEATS = 5;
const renderer = logStructured();

/** `first` means something only when this is the first rendering of the process. */
export function measureRender(path: string): RenderTimes {
  const text = readFileSync(path, "utf8");
  const count = tiktokenCounter();
  const tokeniser = timeWork(() => count("tokens"));
  const notebook = parseNotebook(text, path);
  const first = timeWork(() => void openLog(notebook, count));
  const changes: Took[] = [];
  const later = Array.from({ length: REPEATS }, () => {
    const fresh = tiktokenCounter();
    fresh("tokens");
    const again = parseNotebook(text, path);
    const took = timeWork(() => void openLog(again, fresh));
    changes.push(timeOneChange(again, fresh));
    return took;
  });
  const name = path.split("/").at(-1) ?? path;
  const cells = notebook.cells.length;
  return { name, cells, tokeniser, first, later: medianOf(later), afterOneChange: medianOf(changes) };
}

function openLog(notebook: Notebook, count: CountTokens): ReturnType<typeof renderer.open> {
  const input = inputOf(notebook, count);
  const log = renderer.append(renderer.open(input), { type: "round-started", header: "go" }, input);
  renderer.prompt(log, input);
  return log;
}

function timeOneChange(notebook: Notebook, count: CountTokens): Took {
  const log = openLog(notebook, count);
  const id = notebook.cells.findLast(isCode)?.id ?? "";
  const edit: Edit = { type: "cell-rewritten", id, source: "changed = 1" };
  const input = inputOf(applyEdits(notebook, [edit]), count);
  const call = { id: "t1", tool: "edit_run", arguments: { id } };
  const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: null };
  const reply = { text: "", calls: [call], usage, stop: "calls" } as const;
  const results = [{ call, content: [], isError: false, edits: [edit] }];
  return timeWork(() => {
    renderer.prompt(renderer.append(log, { type: "turn-ended", reply, results }, input), input);
  });
}

function timeWork(work: () => void): Took {
  const wall = performance.now();
  const thread = threadMs();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return {
    wallMs: performance.now() - wall,
    threadMs: thread === null ? null : (threadMs() ?? 0) - thread,
    processorMs: (user + system) / 1000,
  };
}

/** Source: Documentation/scheduler/sched-stats.rst of Linux: nanoseconds on a processor come first. */
function threadMs(): number | null {
  if (process.platform !== "linux") return null;
  return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e6;
}

function medianOf(took: readonly Took[]): Took {
  const threads = took.flatMap(({ threadMs: ms }) => ms ?? []);
  return {
    wallMs: median(took.map(({ wallMs }) => wallMs)),
    threadMs: threads.length === 0 ? null : median(threads),
    processorMs: median(took.map(({ processorMs }) => processorMs)),
  };
}
