// What each operator makes of its parents' notebooks, and that a crash in between changes nothing.
import { describe, expect, test } from "vitest";
import { codeCell } from "../../src/core/notebook/notebook.ts";
import type { Run } from "../../src/core/run/run.ts";
import { readJson } from "../../src/loop/json-blob.ts";
import type { DescribedBranch, Move, ModelRequest, Notebook, Strategy } from "../../src/contracts/index.ts";
import { memoryJournal, type MemoryJournal } from "../../src/testing/memory-journal.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { mapElites, treeSearch, type Niches } from "../../strategies/index.ts";
import { roundMessages } from "../support/round-messages.ts";
import { tinyModel, tinyReply, tinyRun, type TinyOptions } from "../support/tiny-run.ts";
import { tinyTask } from "../support/tiny-task.ts";

/** Plays these moves, one after the other. */
function scripted(moves: readonly Omit<Move, "island">[]): Strategy {
  return {
    name: "scripted",
    settings: {},
    start: () => null,
    ask: (_, { number, open }) => {
      const move = moves[number - 1];
      return open.length > 0 || move === undefined ? null : { ...move, island: 0 };
    },
    tell: () => null,
  };
}

/** One cell an episode, in this order; what the model was asked is kept. */
function writer(sources: readonly string[]) {
  let written = 0;
  return scriptedModel((request) => {
    if (request.toolChoice === "none") return { text: "A plan." };
    const results = roundMessages(request.messages).filter(({ role }) => role === "tool").length;
    const source = sources[written];
    if (request.toolChoice !== "auto" || results > 0 || source === undefined)
      return { calls: [{ id: "", tool: "finish_round", arguments: { summary: "done" } }] };
    written += 1;
    return { calls: [{ id: "", tool: "run_code", arguments: { source } }] };
  });
}

async function expectTheSameAfterAnyCrash(
  journal: MemoryJournal,
  whole: Run,
  options: TinyOptions,
): Promise<void> {
  for (let events = 1; events < journal.events.length; events++) {
    const torn = memoryJournal();
    torn.failAfter(events);
    await expect(tinyRun(torn, options)).rejects.toThrow("simulated crash");
    torn.failAfter(Infinity);
    const resumed = await tinyRun(torn, options);
    expect(resumed.branches.toJS()).toEqual(whole.branches.toJS());
    expect(resumed.failures).toBe(whole.failures);
  }
}

const textOf = ({ messages }: ModelRequest): string => JSON.stringify(messages);

async function notebookOf(journal: MemoryJournal, hash: string | undefined): Promise<Notebook> {
  return readJson<Notebook>(journal, hash ?? "");
}

const sourcesOf = ({ cells }: Notebook): readonly string[] =>
  cells.filter(({ cell_type }) => cell_type === "code").map(({ source }) => source);

describe("operators", () => {
  test("cross runs the second parent's cells on the first parent's kernel, under names of their own", async () => {
    const journal = memoryJournal();
    const model = writer(["x = x + 4", "x = x + 7", "x = x_b2"]);
    const run = await tinyRun(journal, {
      model,
      strategy: scripted([
        { operator: "improve", parents: ["b0"] },
        { operator: "improve", parents: ["b0"] },
        { operator: "cross", parents: ["b1", "b2"] },
      ]),
      proposals: 3,
    });
    const child = run.branches.get("b3");
    expect(child?.score.fitness).toBe(8);
    const notebook = await notebookOf(journal, child?.notebook);
    expect(sourcesOf(notebook)).toEqual(["x = 1", "x = x + 4", "x_b2 = 1", "x_b2 = x_b2 + 7", "x = x_b2"]);
    const marks = notebook.cells.flatMap(({ metadata }) => metadata.nbevolve?.from ?? []);
    expect(marks.map(({ branch }) => branch)).toEqual(["b2", "b2"]);
    expect(model.requests.some((request) => textOf(request).includes("x is x_b2"))).toBe(true);
  });

  test("repair goes on from the failed notebook and its kernel, and says what failed", async () => {
    const failing = memoryJournal();
    const second = writer(['x = "no"', "x = 5"]);
    const mended = await tinyRun(failing, {
      model: second,
      strategy: treeSearch({ drafts: 1, debug: 1 }),
      parallel: 1,
      proposals: 2,
    });
    expect(mended.failures).toBe(1);
    const child = mended.branches.get("b2");
    expect(child?.score.fitness).toBe(5);
    expect(sourcesOf(await notebookOf(failing, child?.notebook))).toEqual(["x = 1", 'x = "no"', "x = 5"]);
    expect(
      second.requests.some((request) => textOf(request).includes("failed (verifier): not a number")),
    ).toBe(true);
  });

  test("simplify leaves out what the submission does not need, and the score is judged again", async () => {
    const journal = memoryJournal();
    const founder = {
      ...tinyTask.founder,
      cells: [...tinyTask.founder.cells, codeCell("c3", "unused = 9", { role: "code", round: 0 })],
    };
    const run = await tinyRun(journal, {
      task: { ...tinyTask, founder },
      model: writer([]),
      strategy: scripted([{ operator: "simplify", parents: ["b0"] }]),
      proposals: 1,
    });
    const child = run.branches.get("b1");
    expect(child?.score.fitness).toBe(1);
    expect(sourcesOf(await notebookOf(journal, child?.notebook))).toEqual(["x = 1"]);
    expect(child?.traits).toMatchObject({ "notebook.cells": 1, "notebook.lines": 1 });
    expect(child?.fingerprint).not.toBe(run.branches.get("b0")?.fingerprint);
  });

  test("rounds are the move's; inspirations are shown in a few lines", async () => {
    const journal = memoryJournal();
    const model = tinyModel();
    await tinyRun(journal, {
      model,
      strategy: scripted([
        { operator: "improve", parents: ["b0"], rounds: 3 },
        { operator: "restart", parents: ["b0", "b1"] },
        { operator: "improve", parents: ["b0"], inspirations: ["b1"] },
      ]),
      proposals: 3,
    });
    const rounds = journal.events.filter(({ type }) => type === "round-ended").length;
    expect(rounds).toBe(3 + 1 + 1);
    const shown = model.requests.filter((request) => textOf(request).includes("Another branch, b1, score"));
    expect(new Set(shown.map(({ messages }) => messages.length > 0))).toEqual(new Set([true]));
    expect(shown.length).toBeGreaterThanOrEqual(2);
    expect(shown.some((request) => textOf(request).includes("x was changed"))).toBe(true);
  });

  test("a crash after any event of a repair, resumed, ends as a run without one", async () => {
    const model = scriptedModel((request) => {
      const reply = tinyReply(request);
      const { seed } = request;
      const source = seed % 2 === 0 ? 'x = "no"' : `x = ${seed % 100}`;
      const calls = reply.calls?.map((call) =>
        call.tool === "run_code" ? { ...call, arguments: { source } } : call,
      );
      return { ...reply, ...(calls !== undefined && { calls }) };
    });
    const journal = memoryJournal();
    const options = {
      model,
      strategy: treeSearch({ drafts: 2, debug: 1 }),
      proposals: 4,
      parallel: 1,
      seed: 2,
    };
    const whole = await tinyRun(journal, options);
    const repairs = journal.events.filter(
      (event) => event.type === "proposal-made" && event.proposal.operator === "repair",
    );
    expect(repairs.length).toBeGreaterThan(0);
    await expectTheSameAfterAnyCrash(journal, whole, options);
  });

  test("a crash after any event of the other operators, resumed, ends as a run without one", async () => {
    const options = {
      strategy: scripted([
        { operator: "improve", parents: ["b0"] },
        { operator: "improve", parents: ["b0"] },
        { operator: "cross", parents: ["b1", "b2"] },
        { operator: "simplify", parents: ["b3"] },
        { operator: "restart", parents: ["b0", "b3"] },
      ]),
      proposals: 5,
      seed: 3,
    };
    const journal = memoryJournal();
    const whole = await tinyRun(journal, options);
    expect(whole.told).toBe(5);
    await expectTheSameAfterAnyCrash(journal, whole, options);
  });
});

test("a descriptor may be a trait of the notebook", async () => {
  const descriptors = [
    { metric: "notebook.cells", min: 0, max: 9, bins: 3 },
    { metric: "score", min: 0, max: 9, bins: 3 },
  ];
  const run = await tinyRun(memoryJournal(), {
    task: { ...tinyTask, descriptors },
    model: writer(["x = x + 4", "y = 1"]),
    strategy: scripted([
      { operator: "improve", parents: ["b0"] },
      { operator: "improve", parents: ["b1"] },
    ]),
    proposals: 2,
  });
  expect(["b0", "b1", "b2"].map((id) => run.branches.get(id)?.descriptor)).toEqual([
    [1, 1],
    [2, 5],
    [3, 5],
  ]);
});

test("a user's function describes every branch; niches may lie on what it says", async () => {
  const descriptors = ({ notebook, score, submission }: DescribedBranch) => ({
    parity: Number(submission) % 2,
    worth: score.fitness,
    "notebook.cells": -notebook.cells.length, // the notebook's own trait stays
  });
  const run = await tinyRun(memoryJournal(), {
    task: { ...tinyTask, descriptors: [{ metric: "parity", min: 0, max: 2, bins: 2 }] },
    descriptors,
    strategy: mapElites({ axes: [{ metric: "parity", min: 0, max: 2, bins: 2 }], crossover: 0 }),
    model: writer(["x = x + 1", "x = x + 2", "x = x + 1", "x = x + 2"]),
    parallel: 1,
    proposals: 4,
  });
  const branches = [...run.branches.values()];
  expect(branches).toHaveLength(5);
  for (const { descriptor, traits, score } of branches) {
    expect(descriptor).toEqual([score.fitness % 2]);
    expect(traits).toMatchObject({ parity: score.fitness % 2, worth: score.fitness });
    expect(traits?.["notebook.cells"]).toBeGreaterThanOrEqual(0);
  }
  const { archive } = run.population as Niches;
  expect(archive.elites.size).toBe(2);
});

test.each([
  [() => ({ a: NaN }), /gave NaN for "a"/],
  [
    () => {
      throw new Error("no shape");
    },
    /threw: no shape/,
  ],
])("a function for descriptors that fails stops the run", async (descriptors, message) => {
  const failing = tinyRun(memoryJournal(), { descriptors });
  await expect(failing).rejects.toThrow(expect.objectContaining({ code: "descriptors-failed" }));
  await expect(tinyRun(memoryJournal(), { descriptors })).rejects.toThrow(message);
});

test.each([
  [{ operator: "repair", parents: ["b0"] }, /a repair without `repairs`/],
  [{ operator: "cross", parents: ["b0"] }, /a crossover with one parent/],
  [{ operator: "improve", parents: ["b0"], rounds: 0 }, /0 rounds/],
  [{ operator: "improve", parents: ["b0"], rounds: NaN }, /NaN rounds/],
  [{ operator: "improve", parents: ["b0"], inspirations: ["b7"] }, /unknown parent "b7"/],
  [
    {
      operator: "repair",
      parents: ["b0"],
      repairs: { proposal: "p1", failure: { boundary: "model", message: "" } },
    },
    /a repair of p1, which left no notebook/,
  ],
] as const)("a move that cannot be carried out is named: %j", async (move, message) => {
  await expect(tinyRun(memoryJournal(), { strategy: scripted([move]) })).rejects.toThrow(message);
});
