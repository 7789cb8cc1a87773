// What people send to a run: told to the model, journalled, carried out once, and the same after any crash.
import { describe, expect, test } from "vitest";
import { readJson } from "../../src/loop/json-blob.ts";
import { auditJournal } from "../../src/run/checks/audit-journal.ts";
import type { RunCommand, Notebook } from "../../src/contracts/index.ts";
import { memoryJournal, type MemoryJournal } from "../../src/testing/memory-journal.ts";
import { tournament } from "../../strategies/index.ts";
import { memoryInbox, notebookText } from "../support/memory-inbox.ts";
import { tinyModel, tinyRun } from "../support/tiny-run.ts";

const note = (id: string, words: string, branch: string | null, proposals: number): RunCommand => {
  return { kind: "steer", id, note: words, branch, proposals };
};

/** The plans' requests: one a proposal, in order, as text. */
function headers(model: ReturnType<typeof tinyModel>): readonly string[] {
  const plans = model.requests.filter(({ toolChoice }) => toolChoice === "none");
  return plans.map(({ messages }) => JSON.stringify(messages.at(-1)));
}

async function differenceIn(journal: MemoryJournal): Promise<unknown> {
  return (await auditJournal(journal.read(0), tournament())).difference;
}

describe("a note", () => {
  test("is told to the model of the next proposals, and to no others", async () => {
    const journal = memoryJournal();
    const model = tinyModel();
    const inbox = memoryInbox([note("l1", "try a hexagonal start", null, 2)]);
    const run = await tinyRun(journal, { model, inbox, parallel: 1, proposals: 4 });
    expect(headers(model).map((text) => text.includes("says: try a hexagonal start"))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(run.notes).toEqual([]);
    expect(inbox.pending()).toEqual([]);
    expect(await differenceIn(journal)).toBeNull();
  });

  test("for a branch is told below it alone", async () => {
    const journal = memoryJournal();
    const inbox = memoryInbox([note("l1", "larger steps", "b2", 20)]);
    const run = await tinyRun(journal, { inbox, parallel: 1, proposals: 12 });
    const below = (id: string | undefined): boolean =>
      id !== undefined && (id === "b2" || below(run.branches.get(id)?.parents[0]));
    const proposals = journal.events.flatMap((event) =>
      event.type === "proposal-made" ? [event.proposal] : [],
    );
    const steered = proposals.map(({ notes }) => notes?.length === 1);
    expect(steered).toEqual(proposals.map(({ parents }) => below(parents[0])));
    expect(new Set(steered)).toEqual(new Set([true, false]));
    expect(await differenceIn(journal)).toBeNull();
  });
});

describe("an injected notebook", () => {
  test("is run on the task's own cells, scored without a model, and may become a parent", async () => {
    const journal = memoryJournal();
    const inbox = memoryInbox([{ kind: "inject", id: "l1", notebook: notebookText("x = 1", "x = x + 99") }]);
    const run = await tinyRun(journal, { inbox, parallel: 1, proposals: 3 });
    const child = run.branches.get("b1");
    expect(child).toMatchObject({ parents: [], generation: 0, score: { fitness: 100 } });
    const { cells } = await readJson<Notebook>(journal, child?.notebook ?? "");
    expect(cells.map(({ source }) => source)).toEqual(["Make `x` large.", "x = 1", "x = x + 99"]);
    expect(cells.map(({ metadata }) => metadata.nbevolve?.role)).toEqual(["task", "code", "code"]);
    expect([...run.branches.values()].some(({ parents }) => parents[0] === "b1")).toBe(true);
    expect([run.told, run.proposals, run.injected]).toEqual([4, 4, 1]); // the budget is the strategy's
    expect(await differenceIn(journal)).toBeNull();
  });

  test("that does not run or does not score is a failure like any other", async () => {
    const journal = memoryJournal();
    const inbox = memoryInbox([
      { kind: "inject", id: "l1", notebook: notebookText("x = 1", "raise ValueError") },
      { kind: "inject", id: "l2", notebook: notebookText('x = "no"') },
    ]);
    const run = await tinyRun(journal, { inbox, proposals: 2 });
    const failures = journal.events.flatMap((event) =>
      event.type === "episode-ended" && !event.outcome.ok && event.outcome.proposal.operator === "inject"
        ? [event.outcome.failure]
        : [],
    );
    expect(failures.map(({ boundary }) => boundary)).toEqual(["kernel", "verifier"]);
    expect(failures[0]?.message).toContain('its cell c3 ("raise ValueError") raised ValueError');
    expect(run.proposals - run.injected).toBe(2);
  });
});

describe("pausing and stopping", () => {
  const control = (kind: "pause" | "unpause" | "stop", id: string): RunCommand => ({
    kind,
    id,
    session: "s",
  });

  test("paused: nothing begins until it is unpaused", async () => {
    const journal = memoryJournal();
    const inbox = memoryInbox([control("pause", "l1")]);
    const waiting = new Promise<void>((resolve) => {
      const news = inbox.news.bind(inbox);
      inbox.news = () => {
        resolve(); // the run has nothing left to do but to listen
        return news();
      };
    });
    const running = tinyRun(journal, { inbox, proposals: 2 });
    await waiting;
    expect(journal.events.map(({ type }) => type)).toEqual(["run-started", "paused"]);
    inbox.send(control("unpause", "l2"));
    expect((await running).told).toBe(2);
  });

  test("stopped: open episodes end, and a resumed run goes on to its end", async () => {
    const journal = memoryJournal();
    const inbox = memoryInbox([]);
    const model = tinyModel();
    const stopping: typeof model = {
      ...model,
      reply(request, options) {
        if (inbox.pending().length === 0) inbox.send(control("stop", "l1"));
        return model.reply(request, options);
      },
    };
    const run = await tinyRun(journal, { inbox, model: stopping, parallel: 2, proposals: 6 });
    expect(run.stopped).toBe("asked");
    expect([run.told, run.open.size]).toEqual([2, 0]);
    expect((await tinyRun(journal, { proposals: 6 })).told).toBe(6);
  });

  test("a run that was left paused goes on when it is resumed", async () => {
    const journal = memoryJournal();
    const options = { inbox: memoryInbox([control("pause", "l1"), control("stop", "l2")]), proposals: 2 };
    expect(await tinyRun(journal, options)).toMatchObject({ paused: true, told: 0, stopped: "asked" });
    expect(await tinyRun(journal, { ...options, inbox: memoryInbox() })).toMatchObject({
      paused: false,
      told: 2,
    });
  });
});

test("a crash after any event, resumed, ends as a run without one; no command is carried out twice", async () => {
  const commands = [
    note("l1", "try a hexagonal start", null, 2),
    { kind: "inject", id: "l2", notebook: notebookText("x = 40") },
    note("l3", "larger steps", "b1", 1),
  ] as const;
  const options = { proposals: 2, seed: 3 };
  const journal = memoryJournal();
  const whole = await tinyRun(journal, { ...options, inbox: memoryInbox(commands) });
  expect(whole.branches.get("b1")?.score.fitness).toBe(40);
  for (let events = 1; events < journal.events.length; events++) {
    const torn = memoryJournal();
    torn.failAfter(events);
    const inbox = memoryInbox(commands);
    await expect(tinyRun(torn, { ...options, inbox })).rejects.toThrow("simulated crash");
    torn.failAfter(Infinity);
    const resumed = await tinyRun(torn, { ...options, inbox: memoryInbox(commands) }); // as if none had been removed
    expect(resumed.branches.toJS()).toEqual(whole.branches.toJS());
    expect(resumed.proposals).toBe(whole.proposals);
  }
});
