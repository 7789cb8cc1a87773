import { describe, expect, it } from "vitest";
import { randomAt } from "../../src/core/random.ts";
import { fakeKernels } from "../../src/testing/fake-kernels.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import type { LanguageModel, RunEvent } from "../../src/contracts/index.ts";
import { roundMessages } from "../support/round-messages.ts";
import { tinyRun } from "../support/tiny-run.ts";

/** Adds to `x` in one cell; about half of the time runs that cell a second time, which its notebook does not show. */
const sneaky = (): LanguageModel =>
  scriptedModel((request) => {
    if (request.toolChoice === "none") return { text: "Add something." };
    const random = randomAt(request.seed);
    const results = roundMessages(request.messages).filter(({ role }) => role === "tool");
    const finish = { id: "", tool: "finish_round", arguments: { summary: "done" } };
    if (request.toolChoice !== "auto" || results.length >= 2) return { calls: [finish] };
    if (results.length === 0) {
      return { calls: [{ id: "", tool: "run_code", arguments: { source: `x = x + ${1 + random.int(5)}` } }] };
    }
    const cell = /\b(c\d+)\b/.exec(JSON.stringify(results[0]))?.[1] ?? "";
    return { calls: random.next() < 0.5 ? [{ id: "", tool: "run", arguments: { ids: [cell] } }] : [finish] };
  });

const checksOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === "branch-reproduced" ? [event] : []));

describe("the reported best", () => {
  it("is one whose score is there again; others are marked, with the reason", async () => {
    const journal = memoryJournal();
    const run = await tinyRun(journal, { model: sneaky(), reproduce: "best", proposals: 8 });
    const checks = checksOf(journal.events);
    expect(checks.some(({ reproduction }) => !reproduction.survives)).toBe(true);
    for (const { reproduction } of checks) {
      if (!reproduction.survives)
        expect(reproduction.reason).toMatch(/^it scores .* now, not .*\(c\d+ had run 2 times/);
    }
    expect(run.reproduced.get(run.best.id)?.survives ?? run.best.number === 0).toBe(true);
    const better = [...run.branches.values()].filter(({ score }) => score.fitness > run.best.score.fitness);
    expect(better.length).toBeGreaterThan(0);
    for (const { id } of better) expect(run.reproduced.get(id)?.survives).toBe(false);
  });

  it("is not reproduced again by a resumed run, and the others neither", async () => {
    const journal = memoryJournal();
    await tinyRun(journal, { model: sneaky(), reproduce: "all", proposals: 5 });
    const checks = checksOf(journal.events);
    expect(checks.map(({ branch }) => branch).toSorted()).toEqual(["b1", "b2", "b3", "b4", "b5"]);
    const length = journal.events.length;
    await tinyRun(journal, { model: sneaky(), reproduce: "all", proposals: 5 });
    expect(journal.events.length).toBe(length);
  });

  it("is reproduced by the resumed run where the first was interrupted, and a slow cell is told as that", async () => {
    const journal = memoryJournal();
    await tinyRun(journal, { proposals: 3 });
    expect(checksOf(journal.events)).toEqual([]);
    const slow = fakeKernels({
      run: (source) => (source === "x = 1" ? { status: "interrupted", outputs: [] } : undefined),
    });
    const run = await tinyRun(journal, { proposals: 3, reproduce: "best", kernels: slow });
    const reasons = checksOf(journal.events).map(({ reproduction }) => reproduction.reason);
    expect(new Set(reasons)).toEqual(new Set(["cell c2 exceeded 0.4 s"]));
    expect(run.best.id).toBe("b0");
    expect(slow.leases.every(({ disposed }) => disposed)).toBe(true);
  });
});
