// The counter of a real terminal and the lines above it are of the same moment, over sessions: in the order proposed, resumed,
// and with a notebook that was injected.
// Long: a run in three sessions.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../support/cli.ts";
import { notebookText } from "../support/memory-inbox.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { onTerminal } from "../support/terminal.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-counts-"));
  await writeFile(join(root, "numbers.ipynb"), numbersNotebook());
  await writeFile(join(root, "mine.ipynb"), notebookText("submission = [0.6, 0.6]"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** On so many columns lines are broken, and say less. */
const COLUMNS = 60;

/** What the screen told, in order. `before`: what it was when the session began. */
async function session(args: readonly string[], before: { readonly ended: number; readonly best: string }) {
  const { code, screen } = await onTerminal(args, () => null, COLUMNS);
  expect(code, screen).toBe(0);
  let { ended, best } = before;
  let shown = "";
  let counters = 0;
  for (const line of stripVTControlCharacters(screen).split(/[\r\n]+/)) {
    const [, branch] = /^(b[1-9]\d*) +\w+/.exec(line) ?? [];
    if (branch !== undefined) ended += 1;
    if (branch !== undefined && line.endsWith("<- best")) best = branch;
    shown = /^best (b\d+): [\d.]+(?: · |$)/.exec(line)?.[1] ?? shown;
    const [, count, rest = ""] = /^[█░]{10} (\d+)\/\d+ proposals(?: · (.*)|$)/.exec(line) ?? [];
    if (count === undefined) continue;
    counters += 1;
    expect(line.length).toBeLessThan(COLUMNS);
    expect([shown, Number(count)], line).toEqual([best, ended]);
    const [, rate = "0", minutes = "0", seconds = "0"] = /([\d.]+) a minute · (\d+):(\d+)/.exec(rest) ?? [];
    const told = (Number(rate) * (60 * Number(minutes) + Number(seconds))) / 60;
    expect(told, line).toBeLessThan(ended - before.ended + 0.5);
  }
  expect(counters).toBeGreaterThan(0);
  return { ended, best, screen };
}

test("counters, rates and reasons", async () => {
  const dir = join(root, "run");
  const flags = "--proposals 3 --parallel 2 --order as-proposed --seed 1 --reproduce none".split(" ");
  const first = await session(["run", join(root, "numbers.ipynb"), "--dir", dir, ...flags], {
    ended: 0,
    best: "b0",
  });
  expect(first.ended).toBe(3);
  expect(first.screen).toMatch(/3 episodes, 0 failed, \d+ s; all 3 proposals were used/);

  expect((await runCli(["inject", dir, join(root, "mine.ipynb")])).code).toBe(0);
  const second = await session(["resume", dir, "--proposals", "4"], first);
  expect(second.ended).toBe(5);
  expect(second.screen).toMatch(/5 episodes \(1 injected\), 0 failed, \d+ s; all 4 proposals were used/);
  expect(second.screen).toMatch(/to continue, up to 8 proposals in all: .* --proposals 8/);
  expect((await runCli(["show", dir])).stdout).not.toContain("made so far");

  const third = await runCli(["resume", dir, "--proposals", "2", "--json"]);
  expect(JSON.parse(third.stdout)).toMatchObject({
    proposals: 5,
    injected: 1,
    episodes: 5,
    stopped: "budget",
  });
  const last = await runCli(["resume", dir, "--proposals", "2"]);
  expect(last.stdout).toContain("; 4 proposals had been made already, and 2 in all were asked for\n");
});
