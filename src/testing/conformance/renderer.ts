// Owns: the contract of a renderer as tests, for the shipped ones and for users' own.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdits, codeCell, emptyNotebook, markdownCell } from "../../core/notebook/notebook.ts";
import type {
  Edit,
  Message,
  ModelReply,
  PromptEvent,
  Notebook,
  Prompt,
  Renderer,
  RenderInput,
  ToolOutcome,
} from "../../contracts/index.ts";

const countTokens = (text: string): number => Math.ceil(text.length / 4);

/** What a renderer is given of a notebook, with a token counter of four characters a token. */
export function sampleInput(notebook: Notebook, more: Partial<RenderInput> = {}): RenderInput {
  return {
    instructions: "You improve a notebook.",
    statement: "Make it better.",
    notebook,
    budgetTokens: 2000,
    seesImages: true,
    countTokens,
    ...more,
  };
}

/** Cells that ran, one a source, with an output each. */
export function sampleNotebook(
  cells: readonly { readonly source: string; readonly output: string }[],
): Notebook {
  const task: Edit = {
    type: "cell-added",
    cell: markdownCell("c1", "Make it better.", { role: "task", round: 0 }),
  };
  return applyEdits(emptyNotebook(), [task, ...cells.flatMap((one, i) => ranEdits(`c${i + 2}`, one, 1))]);
}

interface Ran {
  readonly source: string;
  readonly output: string;
}

function ranEdits(id: string, { source, output }: Ran, round: number): readonly Edit[] {
  return [
    { type: "cell-added", cell: codeCell(id, source, { role: "code", round }) },
    {
      type: "cell-ran",
      id,
      status: "ok",
      durationMs: 1,
      outputs: [{ output_type: "stream", name: "stdout", text: output }],
    },
  ];
}

const cell = fc.record({ source: fc.string({ maxLength: 300 }), output: fc.string({ maxLength: 2000 }) });
const cells = fc.array(cell, { maxLength: 15 });
/** Rounds of cells that are added and run, one a turn. */
const rounds = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });
const turns = fc.array(fc.record({ text: fc.string(), said: fc.array(fc.string(), { maxLength: 3 }) }), {
  maxLength: 6,
});

/** What a renderer keeps to besides the contract. */
export interface RendererPromises {
  /**
   * How long prompts only grow. `round` (default): the notebook may be shown again in full when a round begins. `epoch`:
   * from fold to fold, across rounds; and what stands before a prompt's first breakpoint outlives the folds.
   */
  readonly grows?: "round" | "epoch";
}

/** The contract: pure, growing within a round, within its budget, every call paired with its result. */
export function describeRenderer<S>(
  make: () => Renderer<S>,
  { grows = "round" }: RendererPromises = {},
): void {
  describe(`the renderer ${make().name}`, () => {
    describeBytes(make);
    describeGrowth(make, grows);
    describeContent(make);
  });
}

function describeBytes<S>(make: () => Renderer<S>): void {
  test("gives the same bytes for the same history, also through JSON", () => {
    fc.assert(
      fc.property(cells, turns, (list, played) => {
        const prompts = play(make(), list, played);
        expect(play(make(), list, played)).toEqual(prompts);
        expect(play(throughJson(make()), list, played)).toEqual(prompts);
      }),
      { numRuns: 40 },
    );
  });

  test("rounds on a changing notebook: the same bytes again, through JSON too; calls paired", () => {
    fc.assert(
      fc.property(rounds, (played) => {
        const prompts = playRounds(make(), played);
        expect(playRounds(throughJson(make()), played)).toEqual(prompts);
        for (const prompt of prompts) checkPrompt(prompt);
      }),
      { numRuns: 25 },
    );
  });

  test("every call is followed by its result, and breakpoints point at messages", () => {
    fc.assert(
      fc.property(cells, turns, (list, played) => {
        for (const prompt of play(make(), list, played)) checkPrompt(prompt);
      }),
      { numRuns: 40 },
    );
  });
}

function describeGrowth<S>(make: () => Renderer<S>, grows: RendererPromises["grows"]): void {
  test("within a round, a prompt begins with the whole one before", () => {
    fc.assert(
      fc.property(cells, turns, (list, played) => {
        const prompts = play(make(), list, played);
        for (const [i, prompt] of prompts.entries()) {
          const next = prompts[i + 1];
          if (next !== undefined)
            expect(next.messages.slice(0, prompt.messages.length)).toEqual(prompt.messages);
        }
      }),
      { numRuns: 40 },
    );
  });

  if (grows !== "epoch") return;
  test("across rounds a prompt goes on from the one before, or keeps all before its first breakpoint", () => {
    fc.assert(
      fc.property(rounds, (played) => {
        const prompts = playRounds(make(), played);
        for (const [i, prompt] of prompts.entries()) {
          const next = prompts[i + 1];
          if (next === undefined) continue;
          const grown = next.messages.slice(0, prompt.messages.length);
          const kept = prompt.messages.slice(0, (prompt.breakpoints[0] ?? 0) + 1);
          if (!sameMessages(grown, prompt.messages))
            expect(next.messages.slice(0, kept.length)).toEqual(kept);
        }
      }),
      { numRuns: 25 },
    );
  });
}

function describeContent<S>(make: () => Renderer<S>): void {
  test("no base64 run over 200 characters reaches the model", () => {
    const blob = "iVBORw0KGgoAAAANSUhEUgAA".repeat(40);
    const list = [
      { source: `data = "${blob}"`, output: `before ${blob} after` },
      { source: "show()", output: `data:image/png;base64,${blob}` },
    ];
    expect(textOf(promptAtStart(make(), sampleInput(sampleNotebook(list))))).not.toMatch(
      /[A-Za-z0-9+/]{201}/,
    );
  });

  test("the notebook stays within its budget, and what is left out is announced", () => {
    fc.assert(
      fc.property(cells, fc.integer({ min: 100, max: 3000 }), (list, budgetTokens) => {
        const notebook = sampleNotebook(list);
        const budget = sampleInput(notebook, { budgetTokens });
        const empty = sampleInput(sampleNotebook([]), { budgetTokens });
        expect(
          tokensOf(promptAtStart(make(), budget)) - tokensOf(promptAtStart(make(), empty)),
        ).toBeLessThanOrEqual(budgetTokens);
      }),
      { numRuns: 40 },
    );
    const long = Array.from({ length: 60 }, (_, i) => ({
      source: `v${i} = ${i}`,
      output: "out\n".repeat(40),
    }));
    const text = textOf(promptAtStart(make(), sampleInput(sampleNotebook(long), { budgetTokens: 500 })));
    expect(text).toMatch(/omitted|not shown|\d+L|\d+ lines/);
  });

  test("shows the instructions, the task, the header and the newest cell", () => {
    const list = [{ source: "needle = 41 + 1", output: "42\n" }];
    const text = textOf(promptAtStart(make(), sampleInput(sampleNotebook(list))));
    for (const part of ["You improve a notebook.", "Make it better.", "header", "needle = 41 + 1"])
      expect(text).toContain(part);
  });
}

/** The prompts of several rounds on a notebook that each turn adds a cell to. */
function playRounds<S>(renderer: Renderer<S>, played: readonly (readonly Ran[])[]): Prompt[] {
  let notebook = sampleNotebook([]);
  const input = (): RenderInput => sampleInput(notebook, { budgetTokens: 100_000 });
  let log = renderer.open(input());
  const prompts: Prompt[] = [];
  const hear = (event: PromptEvent): void => {
    log = renderer.append(log, event, input());
    prompts.push(renderer.prompt(log, input()));
  };
  for (const [i, cellsOfRound] of played.entries()) {
    hear({ type: "round-started", header: `header ${i}` });
    for (const one of cellsOfRound) {
      const id = `c${notebook.cells.length + 1}`;
      const edits = ranEdits(id, one, i + 1);
      notebook = applyEdits(notebook, edits);
      hear(ranEvent(id, one, edits));
    }
    log = renderer.append(log, { type: "round-ended" }, input());
  }
  return prompts;
}

function ranEvent(id: string, { source, output }: Ran, edits: readonly Edit[]): PromptEvent {
  const call = { id: `run-${id}`, tool: "run_code", arguments: { source } };
  const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, costUsd: null };
  const reply: ModelReply = { text: "", calls: [call], usage, stop: "calls" };
  const content = [{ type: "text", text: `${id} ok\n${output}` }] as const;
  return { type: "turn-ended", reply, results: [{ call, content, isError: false, edits }] };
}

function sameMessages(a: readonly Message[], b: readonly Message[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function promptAtStart<S>(renderer: Renderer<S>, input: RenderInput): Prompt {
  const log = renderer.append(renderer.open(input), { type: "round-started", header: "header" }, input);
  return renderer.prompt(log, input);
}

type SampleTurn = { readonly text: string; readonly said: readonly string[] };

/** The prompts of one round: after its start and after each turn. */
function play<S>(
  renderer: Renderer<S>,
  list: readonly { source: string; output: string }[],
  played: readonly SampleTurn[],
): Prompt[] {
  const input = sampleInput(sampleNotebook(list));
  const events: PromptEvent[] = [{ type: "round-started", header: "header" }, ...played.map(turnEvent)];
  let log = renderer.open(input);
  return events.map((one) => {
    log = renderer.append(log, one, input);
    return renderer.prompt(log, input);
  });
}

function turnEvent({ text, said }: SampleTurn, turn: number): PromptEvent {
  const calls = said.map((_, i) => ({ id: `k${turn}-${i}`, tool: "note", arguments: {} }));
  const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, costUsd: null };
  const reply: ModelReply = { text, calls, usage, stop: calls.length > 0 ? "calls" : "end" };
  const results = calls.map((call, i): ToolOutcome => {
    return { call, content: [{ type: "text", text: said[i] ?? "" }], isError: false, edits: [] };
  });
  return { type: "turn-ended", reply, results };
}

function throughJson<S>(renderer: Renderer<S>): Renderer<S> {
  const copy = (log: S): S => JSON.parse(JSON.stringify(log));
  return {
    ...renderer,
    open: (input) => copy(renderer.open(input)),
    append: (log, event, input) => copy(renderer.append(log, event, input)),
  };
}

function checkPrompt({ messages, breakpoints }: Prompt): void {
  const open = new Set<string>();
  for (const message of messages) {
    if (message.role === "tool") expect(open.delete(message.callId)).toBe(true);
    else expect([...open]).toEqual([]);
    if (message.role === "assistant") for (const { id } of message.calls) open.add(id);
  }
  expect([...open]).toEqual([]);
  expect(breakpoints.length).toBeLessThanOrEqual(4);
  expect(breakpoints.toSorted((a, b) => a - b)).toEqual(breakpoints);
  for (const at of breakpoints) expect(messages[at]).toBeDefined();
}

function textOf({ messages }: Prompt): string {
  return messages.map(messageText).join("\n");
}

function messageText(message: Message): string {
  if (message.role === "assistant") return message.text;
  return message.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}

function tokensOf(prompt: Prompt): number {
  return countTokens(textOf(prompt));
}
