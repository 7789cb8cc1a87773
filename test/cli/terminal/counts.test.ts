// What is counted of a run is the same at every moment and in every place, whatever its sessions were: the counter and the
// lines above it, the rate, and the reason at the end.
import fc from "fast-check";
import { expect, test } from "vitest";
import { whyStopped } from "../../../src/cli/session-end.ts";
import { followEvent, noProgress } from "../../../src/cli/terminal/progress.ts";
import { proposalsText } from "../../../src/cli/terminal/run-facts.ts";
import { totalsParts } from "../../../src/cli/terminal/status.ts";
import type { Run } from "../../../src/core/run/run.ts";
import { totalsOf } from "../../../src/history/index.ts";
import { memoryJournal } from "../../../src/testing/memory-journal.ts";
import { memoryInbox, notebookText } from "../../support/memory-inbox.ts";
import { tinyRun } from "../../support/tiny-run.ts";

const SECONDS = 60;

/** Sessions of one run. `asked`: proposals in all; it may be less than an earlier session made. */
const sessions = fc.array(
  fc.record({
    asked: fc.integer({ min: 1, max: 6 }),
    injected: fc.array(fc.constantFrom("x = 1", "x = 70", "raise ValueError"), { maxLength: 2 }),
    parallel: fc.integer({ min: 1, max: 3 }),
    order: fc.constantFrom("as-finished" as const, "as-proposed" as const),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Whether a line tells of an episode's end. */
const tellsAnEnd = (line: string | null): boolean => /^(?:b[1-9]\d* |p\d+ .* failed \()/.test(line ?? "");

function reason(before: number, asked: number): string {
  if (before > asked) return `${before} proposals had been made already, and ${asked} in all were asked for`;
  return asked === 1 ? "its 1 proposal was used" : `all ${asked} proposals were used`;
}

test("of sessions that were resumed, injected into, and told in either order", async () => {
  await fc.assert(
    fc.asyncProperty(sessions, async (all) => {
      const journal = memoryJournal();
      let before: Run | null = null;
      let progress = noProgress;
      let [seen, lines, own, injected] = [0, 0, 0, 0];
      for (const [at, session] of all.entries()) {
        const { asked, parallel, order } = session;
        const [linesBefore, ownBefore] = [lines, own];
        const commands = session.injected.map((source, i) => {
          return { kind: "inject", id: `l${at}.${i}`, notebook: notebookText("x = 1", source) } as const;
        });
        const inbox = memoryInbox(commands);
        const run: Run = await tinyRun(journal, { inbox, proposals: asked, parallel, order });
        for (const event of journal.events.slice(seen)) {
          const next = followEvent(progress, event, 0);
          progress = next.progress;
          if (event.type === "proposal-made") {
            if (event.proposal.operator === "inject") injected += 1;
            else own += 1;
          }
          if (tellsAnEnd(next.line)) lines += 1;
          if (progress.history === null) throw new Error("nothing has begun");
          const of = { before, budget: { proposals: asked, targetFitness: null }, budgetSeconds: SECONDS };
          const text = totalsParts(progress.history, { handle: of, seconds: SECONDS, sinceEnd: 0 }, 0).join(
            " · ",
          );
          expect(text).toMatch(new RegExp(`^${lines}/${Math.max(asked, own) + injected} proposals · `));
          const since = lines - linesBefore;
          expect(text.includes(" a minute")).toBe(since > 0);
          if (since > 0) expect(text).toContain(` · ${since}.0 a minute`);
        }
        seen = journal.events.length;
        expect(lines).toBe(own + injected);
        expect(totalsOf("run", run)).toMatchObject({
          proposals: own + injected,
          injected,
          episodes: lines,
        });
        const handle = { state: run, before, budget: { proposals: asked, targetFitness: null } };
        expect(whyStopped({ ...handle, budgetSeconds: 0 })).toBe(reason(ownBefore, asked));
        before = run;
      }
      expect(before !== null && proposalsText(before)).toBe(
        `${own} proposal${own === 1 ? "" : "s"}${injected === 0 ? "" : ` and ${injected} injected`}`,
      );
    }),
    { numRuns: 40 },
  );
});
