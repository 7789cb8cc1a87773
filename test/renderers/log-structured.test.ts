import { describe, expect, test } from "vitest";
import { applyEdits } from "../../src/core/notebook/notebook.ts";
import type { Edit, Message, PromptEvent, Notebook, RenderInput } from "../../src/contracts/index.ts";
import { sampleNotebook, sampleInput } from "../../src/testing/conformance/renderer.ts";
import { logStructured, type ContextLog, type LogStructuredOptions } from "../../renderers/index.ts";
import { addCell, callEvent, sayEvent } from "./played.ts";

const textOf = (message: Message): string =>
  message.role === "assistant"
    ? message.text
    : message.content.map((part) => (part.type === "text" ? part.text : `<${part.mime}>`)).join("\n");

/** A round of the renderer's that can be looked at. */
function playing(options: LogStructuredOptions = {}, more: Partial<RenderInput> = {}) {
  const renderer = logStructured(options);
  let notebook: Notebook = sampleNotebook([]);
  const input = (): RenderInput => sampleInput(notebook, { budgetTokens: 20_000, ...more });
  let log: ContextLog = renderer.open(input());
  return {
    hear(event: PromptEvent, edits: readonly Edit[] = []) {
      notebook = applyEdits(notebook, edits);
      log = renderer.append(log, event, input());
    },
    edit(edits: readonly Edit[]) {
      notebook = applyEdits(notebook, edits);
    },
    run(id: string, source: string, output: string, failure?: string) {
      const edits = addCell(id, source, output, failure);
      this.hear(callEvent("run_code", { source }, `${id} ran\n${output}`, edits), edits);
    },
    get log() {
      return log;
    },
    prompt: () => renderer.prompt(log, input()),
    text: () => renderer.prompt(log, input()).messages.map(textOf).join("\n\n"),
  };
}

const opened = (id: string, source: string, output: string): string =>
  [`Cell ${id}:`, "```python", source, "```", `Output of ${id}:`, "```", output, "```"].join("\n");
const round = (header: string): PromptEvent => ({ type: "round-started", header });
const END: PromptEvent = { type: "round-ended" };
const EAGER: LogStructuredOptions = { bounds: { least: 1, most: 1 }, openCells: 1 };

describe("log-structured", () => {
  test("a small notebook is shown whole when it is seen first", () => {
    const renderer = logStructured();
    const notebook = sampleNotebook(
      Array.from({ length: 9 }, (_, i) => ({ source: `v${i} = ${i}`, output: `${i}\n` })),
    );
    const { snapshot, frozen } = renderer.open(sampleInput(notebook, { budgetTokens: 8000 }));
    expect(frozen).toEqual([]);
    for (let i = 0; i < 9; i++) expect(snapshot).toContain(opened(`c${i + 2}`, `v${i} = ${i}`, `${i}`));
  });

  test("a large one is digests but for its last cells", () => {
    const renderer = logStructured({ wholeTokens: 300, openCells: 1 });
    const long = "print('x')\n".repeat(20);
    const notebook = sampleNotebook(
      Array.from({ length: 9 }, (_, i) => ({ source: `v${i} = ${i}\n${long}`, output: `got ${i}\n` })),
    );
    const { snapshot, frozen } = renderer.open(sampleInput(notebook, { budgetTokens: 8000 }));
    expect(frozen).toHaveLength(1);
    expect(frozen[0]).toContain("c2 22L defines v0 | out: got 0");
    expect(snapshot).toContain("Cell c10:\n```python\nv8 = 8");
    expect(snapshot).not.toContain("v7 = 7");
  });

  test("a fold keeps digests, mended errors, dropped cells and summaries; the prompt shrinks to them", () => {
    const play = playing(EAGER);
    play.hear(round("one"));
    play.hear(sayEvent("I plan."));
    play.run("c2", "rmse = 1", "rmse 0.51234");
    play.run("c3", "lost = 2", "dead end 777");
    play.run("c4", "broken(", "", "SyntaxError: was never closed");
    const mend: readonly Edit[] = [
      { type: "cell-rewritten", id: "c4", source: "fixed = 3" },
      { type: "cell-ran", id: "c4", outputs: [], status: "ok", durationMs: 1 },
    ];
    play.hear(callEvent("edit_run", { id: "c4" }, "c4 ok", mend), mend);
    const closing: readonly Edit[] = [{ type: "cell-dropped", id: "c3" }];
    play.hear(callEvent("finish_round", { drop: ["c3"] }, "round closed", closing), closing);
    play.hear(END);
    expect(play.log.events).toEqual([]);
    play.hear(round("two"));
    play.run("c5", "later = 1", "5");
    play.hear(END);
    const frozen = play.log.frozen.join("\n");
    expect(frozen).toContain("c2 1L defines rmse | out: rmse 0.51234");
    expect(frozen).toContain("dropped: c3 1L defines lost | out: dead end 777");
    expect(frozen).toContain("c4 1L defines fixed | before: SyntaxError: was never closed");
    expect(play.log.snapshot).toContain("later = 1");
    expect(play.prompt().messages).toHaveLength(2 + play.log.frozen.length + 1);
  });

  test("a cell that stays open tells what failed in it before", () => {
    const play = playing({ ...EAGER, openCells: 2 });
    play.hear(round("one"));
    play.run("c2", "broken(", "", "SyntaxError: was never closed");
    const mend: readonly Edit[] = [
      { type: "cell-rewritten", id: "c2", source: "fixed = 3" },
      { type: "cell-ran", id: "c2", outputs: [], status: "ok", durationMs: 1 },
    ];
    play.hear(callEvent("edit_run", { id: "c2" }, "c2 ok", mend), mend);
    play.hear(END);
    expect(play.log.snapshot).toContain("fixed = 3\n```\n(before: SyntaxError: was never closed)");
    expect(play.log.frozen.join("\n")).not.toContain("SyntaxError");
  });

  test("a pinned cell is frozen with its source", () => {
    const play = playing(EAGER);
    play.hear(round("one"));
    play.run("c2", "keep_me = 42", "42");
    const pin: readonly Edit[] = [{ type: "cell-marked", id: "c2", mark: { pinned: true, folded: false } }];
    play.hear(callEvent("cells", {}, "pin: c2", pin), pin);
    play.run("c3", "other = 1", "1");
    play.hear(END);
    expect(play.log.frozen.join("\n")).toContain(
      "c2 1L defines keep_me | out: 42 (pinned)\n```python\nkeep_me = 42\n```",
    );
  });

  test("changes that no result told of are told once, and frozen text stays as it was", () => {
    const play = playing({ ...EAGER, openCells: 0 });
    play.hear(round("one"));
    play.run("c2", "a = 1", "1");
    play.run("c3", "b = 2", "2");
    play.hear(END);
    const { frozen } = play.log;
    play.edit([
      { type: "cell-dropped", id: "c2" },
      { type: "cell-marked", id: "c3", mark: { state: "stale" } },
    ]);
    play.hear(round("two"));
    expect(textOf(play.log.events[0] ?? { role: "user", content: [] })).toBe(
      "Changed: c3 stale; c2 dropped\n\nDefined in the kernel: b\n\n# Round\ntwo",
    );
    play.hear(round("three"));
    expect(textOf(play.log.events[1] ?? { role: "user", content: [] })).toBe(
      "Defined in the kernel: b\n\n# Round\nthree",
    );
    expect(play.log.frozen).toEqual(frozen);
  });

  test("what a call told of is not told again", () => {
    const play = playing();
    play.hear(round("one"));
    play.run("c2", "a = 1", "1");
    const drop: readonly Edit[] = [{ type: "cell-dropped", id: "c2" }];
    play.hear(callEvent("cells", {}, "dropped: c2", drop), drop);
    expect(play.text()).not.toContain("Changed:");
  });

  test("what a cache costs decides when to fold", () => {
    const folds = (cachedShare: number): boolean => {
      const pricing = { cachedShare, writeShare: 1, minimumTokens: 0, windowTokens: null };
      const play = playing({}, { pricing });
      play.hear(round("one"));
      play.run("c2", "a = 1", "1");
      play.hear(END);
      return play.log.events.length === 0;
    };
    expect([0, 0.1, 0.25, 1].map(folds)).toEqual([false, false, true, true]);
  });

  test("a nearly full window is folded at once; the round goes on under its header", () => {
    const pricing = { cachedShare: 0.1, writeShare: 1, minimumTokens: 0, windowTokens: 1000 };
    const play = playing({ openCells: 1 }, { pricing });
    play.hear(round("one"));
    for (let i = 2; i < 12; i++) play.run(`c${i}`, `v${i} = ${i}`, `out ${i} ${"word ".repeat(40)}`);
    const { messages } = play.prompt();
    expect(play.log.frozen.length).toBeGreaterThan(0);
    expect(play.text().length / 4).toBeLessThan(1000);
    expect(play.text()).toContain("# Round\none");
    for (let i = 2; i < 12; i++) expect(play.text()).toContain(`c${i}`);
    expect(messages[0]?.role).toBe("system");
  });

  test("breakpoints: what outlives folds, the snapshot, where the last request ended, the end", () => {
    const play = playing(EAGER);
    play.hear(round("one"));
    play.run("c2", "a = 1", "1");
    play.run("c3", "b = 1", "1");
    play.hear(END);
    play.hear(round("two"));
    const before = play.prompt();
    play.run("c4", "c = 1", "1");
    const { messages, breakpoints } = play.prompt();
    expect(messages[breakpoints[0] ?? -1]).toEqual(before.messages[before.breakpoints[0] ?? -2]);
    expect(textOf(messages[breakpoints[1] ?? 0] ?? { role: "user", content: [] })).toMatch(/^# Open cells/);
    expect(breakpoints[2]).toBe(before.messages.length - 1);
    expect(breakpoints[3]).toBe(messages.length - 1);
  });

  test("a model that does not see gets no picture; its text has the placeholder", () => {
    const image = { type: "image", mime: "image/png", base64: "aGk=" } as const;
    const prompt = (seesImages: boolean) => {
      const play = playing({}, { seesImages });
      play.hear(round("one"));
      const event = callEvent("run_code", {}, "c2 ok\n[png 1x1 2 B #12345678]", []);
      if (event.type !== "turn-ended") throw new Error("no turn");
      play.hear({
        ...event,
        results: event.results.map((one) => ({ ...one, content: [...one.content, image] })),
      });
      return play.text();
    };
    expect(prompt(true)).toContain("<image/png>");
    expect(prompt(false)).not.toContain("<image/png>");
    expect(prompt(false)).toContain("[png 1x1 2 B #12345678]");
  });

  test("frozen texts over the budget make room for newer ones, and say so", () => {
    const play = playing({ ...EAGER, openCells: 0 }, { budgetTokens: 300 });
    for (let i = 0; i < 30; i++) {
      play.hear(round(`${i}`));
      play.run(`c${i + 2}`, `value_${i} = ${i}`, `result of number ${i}`);
      play.hear(END);
      const above = [...play.log.frozen, play.log.snapshot].join("\n");
      expect(above.length / 4).toBeLessThanOrEqual(300);
    }
    expect(play.log.frozen[0]).toMatch(/lines about earlier cells not shown; read\(id\) shows a cell/);
    expect(play.log.frozen.join("\n")).toContain("value_29");
  });
});
