// A model whose window is small, over real HTTP: prompts that it refuses are folded, asked again, and remembered.
import { describe, expect, test } from "vitest";
import type { Run } from "../../src/core/run/run.ts";
import { readRequest } from "../../src/loop/turn-journal.ts";
import { memoryJournal, type MemoryJournal } from "../../src/testing/memory-journal.ts";
import type { Behaviour, SeenRequest } from "../../src/testing/model-server.ts";
import { logStructured, plain } from "../../renderers/index.ts";
import type { Renderer, RunEvent } from "../../src/contracts/index.ts";
import { bench } from "../models/helpers.ts";
import { tinyRun, type TinyOptions } from "../support/tiny-run.ts";
import { tinyTask } from "../support/tiny-task.ts";

/** The tiny runs count a character as a token, and so does this server. */
const charactersOf = ({ body }: SeenRequest): number => JSON.stringify(body["messages"]).length;

/** Talkative: every turn adds 1,500 characters to the conversation, and none to the notebook that is shown. */
function talking({ body }: SeenRequest): Behaviour {
  if (body["tool_choice"] === "none") return { type: "reply", reply: { text: "A plan." } };
  if (body["tool_choice"] !== "auto") {
    return { type: "reply", reply: { calls: [{ tool: "finish_round", arguments: { summary: "done" } }] } };
  }
  const call = { tool: "run_code", arguments: { source: "x = x + 1" } };
  return { type: "reply", reply: { text: "word ".repeat(300), calls: [call] } };
}

/** `said`: whether the refusal names the limit. */
function limitedTo(characters: number, said: boolean): (request: SeenRequest) => Behaviour {
  return (request) => {
    const length = charactersOf(request);
    if (length <= characters) return talking(request);
    const limit = `maximum context length is ${characters} tokens. However, you requested ${length} tokens`;
    const message = said ? `This model's ${limit}` : "prompt is too long";
    return { type: "error", status: said ? 400 : 413, body: { error: { message } } };
  };
}

const RUN: TinyOptions = { proposals: 4, rounds: 1, parallel: 2, order: "as-proposed" };
const task = { ...tinyTask, limits: { ...tinyTask.limits, contextTokens: 20_000 } };

const turns = (journal: MemoryJournal): readonly Extract<RunEvent, { type: "turn-ended" }>[] =>
  journal.events.filter((event) => event.type === "turn-ended");

describe("a prompt that does not fit", () => {
  const cases: readonly [string, Renderer, boolean][] = [
    ["log-structured, told the limit", logStructured(), true],
    ["log-structured, told nothing", logStructured(), false],
    ["plain, told the limit", plain(), true],
  ];
  test.each(cases)("%s: folded, asked again, and remembered", async (_, renderer, said) => {
    await using b = await bench(limitedTo(6_000, said));
    const journal = memoryJournal();
    const run = await tinyRun(journal, { ...RUN, task, renderer, model: b.model });
    expect(run.failures).toBe(0);
    const folded = turns(journal).filter(({ windowTokens }) => windowTokens !== undefined);
    expect(folded.length).toBeGreaterThan(0);
    expect(folded[0]?.notices).toEqual({ "too-long": folded[0]?.notices?.["too-long"] });
    expect(run.windows.get("")).toBe(Math.min(...folded.map(({ windowTokens }) => windowTokens ?? Infinity)));
    // Episodes that began after the lesson ask for nothing that is refused.
    const late = folded.filter(({ proposal }) => proposal === "p4");
    expect(late).toEqual([]);
    expect(run.notices["too-long"]).toBeGreaterThan(0);
  });

  test("taken up again between any two events, the run is the same", async () => {
    await using b = await bench(limitedTo(6_000, true));
    const play = (journal: MemoryJournal, signal?: AbortSignal): Promise<Run> =>
      tinyRun(journal, {
        ...RUN,
        proposals: 2,
        parallel: 1,
        task,
        renderer: logStructured(),
        model: b.model,
        ...(signal && { signal }),
      });
    const whole = memoryJournal();
    const run = await play(whole);
    const asked = await Promise.all(turns(whole).map(({ request = "" }) => readRequest(whole, request)));
    for (let events = 1; events < whole.events.length; events++) {
      const again = memoryJournal();
      again.failAfter(events);
      await expect(play(again)).rejects.toThrow("simulated crash");
      again.failAfter(Infinity);
      const resumed = await play(again);
      expect(resumed.branches.toJS(), `after ${events} events`).toEqual(run.branches.toJS());
      expect(resumed.windows.get("")).toBe(run.windows.get(""));
      const askedAgain = await Promise.all(
        turns(again).map(({ request = "" }) => readRequest(again, request)),
      );
      expect(askedAgain, `after ${events} events`).toEqual(asked);
    }
  });

  test("where nothing fits, the episode fails and says why", async () => {
    await using b = await bench(limitedTo(300, true));
    const journal = memoryJournal();
    const run = await tinyRun(journal, { ...RUN, proposals: 1, task, model: b.model });
    expect(run.failures).toBe(1);
    const [ended] = journal.events.filter((event) => event.type === "episode-ended");
    expect(ended).toMatchObject({
      outcome: {
        failure: {
          boundary: "model",
          message: expect.stringMatching(/about \d+ tokens is still too long: 400/),
        },
      },
    });
    expect(b.server.requests).toHaveLength(3);
  });
});
