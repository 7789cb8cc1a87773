// Calls that somebody may refuse: asked before, recorded before anything comes of it, and never asked twice.
import { expect, test } from "vitest";
import { reduce, type Run } from "../../src/core/run/run.ts";
import type { ActionPolicy, AskPerson, RunEvent, TurnRecord } from "../../src/contracts/index.ts";
import { fakeKernels } from "../../src/testing/fake-kernels.ts";
import { memoryJournal, type MemoryJournal } from "../../src/testing/memory-journal.ts";
import { tournament } from "../../strategies/index.ts";
import { tinyRun, type TinyOptions } from "../support/tiny-run.ts";

type Decided = Extract<RunEvent, { type: "call-decided" }>;

const decisions = (events: readonly RunEvent[]): readonly Decided[] =>
  events.filter((event) => event.type === "call-decided");

const one: TinyOptions = { proposals: 1, parallel: 1 };

async function records(journal: MemoryJournal): Promise<readonly TurnRecord[]> {
  const ended = journal.events.filter((event) => event.type === "calls-ended");
  const texts = await Promise.all(ended.map(({ results }) => journal.readBlob(results)));
  return texts.map((bytes): TurnRecord => JSON.parse(new TextDecoder().decode(bytes)));
}

test("a policy sees every call with its notebook; a denied one runs nothing and the model reads why", async () => {
  const journal = memoryJournal();
  const seen: string[] = [];
  const policy: ActionPolicy = ({ call, notebook, proposal, round, turn }) => {
    seen.push(`${proposal} ${round}.${turn} ${call.tool} ${notebook.cells.length}`);
    return call.tool === "run_code" ? { verdict: "deny", reason: "no code today" } : { verdict: "allow" };
  };
  const kernels = fakeKernels();
  await tinyRun(journal, { ...one, policy, kernels });
  expect(seen[0]).toBe("p1 1.2 run_code 3");
  expect(seen.at(-1)).toMatch(/finish_round/);
  const results = (await records(journal)).flatMap((record) => record.results);
  expect(results.length).toBe(seen.length);
  const refused = results.filter(({ call }) => call.tool === "run_code");
  for (const { isError, edits, content } of refused) {
    expect([isError, edits]).toEqual([true, []]);
    expect(content).toEqual([
      {
        type: "text",
        text: "The policy of this run denied this call of run_code; it was not done. Reason: no code today",
      },
    ]);
  }
  const [first] = decisions(journal.events);
  expect(first).toMatchObject({
    proposal: "p1",
    tool: "run_code",
    decision: { verdict: "deny", by: "policy" },
  });
  // Durable before anything came of it.
  const types = journal.events.map(({ type }) => type);
  const at = types.indexOf("call-decided");
  expect(types.slice(at - 1, at + 2)).toEqual(["turn-ended", "call-decided", "calls-ended"]);
});

test("`ask` goes to a person, with the reason; where there is none, the call is denied", async () => {
  const policy: ActionPolicy = () => ({ verdict: "ask", reason: "it is new" });
  const asked: string[] = [];
  const askPerson: AskPerson = async ({ call }, { why }) => {
    asked.push(`${call.tool}: ${why}`);
    return { verdict: "allow" };
  };
  const [watched, alone] = [memoryJournal(), memoryJournal()];
  const run = await tinyRun(watched, { ...one, policy, askPerson });
  expect(asked[0]).toBe("run_code: it is new");
  expect(decisions(watched.events).map(({ decision }) => decision.by)).toEqual(asked.map(() => "person"));
  expect(run.best.score.fitness).toBe((await tinyRun(memoryJournal(), one)).best.score.fitness);
  await tinyRun(alone, { ...one, policy });
  expect(decisions(alone.events).map(({ decision }) => decision.verdict)).not.toContain("allow");
});

test("what was decided before an interruption is not asked again", async () => {
  const whole = memoryJournal();
  const allow: AskPerson = async () => ({ verdict: "allow" });
  const ask: ActionPolicy = () => ({ verdict: "ask" });
  const complete = await tinyRun(whole, { ...one, policy: ask, askPerson: allow });
  // Ends when the first decision is durable and what its call did is not.
  const resumed = memoryJournal();
  resumed.failAfter(whole.events.findIndex(({ type }) => type === "call-decided") + 1);
  await expect(tinyRun(resumed, { ...one, policy: ask, askPerson: allow })).rejects.toThrow("crash");
  resumed.failAfter(Infinity);
  let asked = 0;
  const run = await tinyRun(resumed, {
    ...one,
    policy: ask,
    askPerson: async () => {
      asked += 1;
      return { verdict: "allow" };
    },
  });
  expect(asked).toBe(decisions(whole.events).length - 1);
  expect(decisions(resumed.events)).toEqual(decisions(whole.events));
  expect(run.best.score).toEqual(complete.best.score);
});

test("decisions are forgotten with their round", async () => {
  const journal = memoryJournal();
  await tinyRun(journal, { ...one, policy: () => ({ verdict: "allow" }) });
  let run: Run | null = null;
  for (const event of journal.events) {
    run = reduce(tournament(), run, event);
    const open = run.open.get("p1");
    if (event.type === "call-decided") expect(open?.decisions).toContainEqual(event);
    if (event.type === "round-ended") expect(open?.decisions).toEqual([]);
  }
});

test.each([
  [
    "throws",
    () => {
      throw new Error("oops");
    },
  ],
  ["answers nonsense", () => JSON.parse('{"verdict":"maybe"}')],
] as const)("a policy that %s stops the run, and nothing is lost", async (_, policy) => {
  const journal = memoryJournal();
  await expect(tinyRun(journal, { ...one, policy })).rejects.toMatchObject({
    code: "policy-failed",
    message: expect.stringMatching(/the action policy .*about run_code of p1.*Mend the action policy\.$/),
  });
  expect(journal.events.at(-1)?.type).toBe("turn-ended");
  expect((await tinyRun(journal, one)).told).toBe(1);
});
