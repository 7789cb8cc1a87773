// The promise of the journal, with real processes: kill -9 at any moment, resume, and the run ends as if nothing had been.
// Long: 20 kills, each with a whole run before and after it.
import { existsSync, mkdirSync, readdirSync, watch } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RunError } from "../../src/core/errors.ts";
import { readJson } from "../../src/loop/json-blob.ts";
import type { ModelReply, RunEvent } from "../../src/contracts/index.ts";
import { openRunStore } from "../../src/store/index.ts";
import type { ModelServer } from "../../src/testing/model-server.ts";
import { runCli, startCli } from "../support/cli.ts";
import { numbersServer } from "../support/numbers-server.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { noneRemain } from "../support/processes.ts";

const PROPOSALS = 6;
let root = "";
let expected: Ending;

interface Ending {
  readonly best: string;
  readonly fitness: number;
  readonly branches: readonly unknown[];
  readonly turns: number;
}

const OPTIONS =
  "--seed 1 --order as-proposed --parallel 2 --rounds 2 --reproduce none --json --model openai:served";
const args = (dir: string, { baseURL }: ModelServer): string[] => {
  const where = ["--base-url", baseURL, "--dir", dir, "--proposals", String(PROPOSALS)];
  return ["run", join(root, "numbers.ipynb"), ...OPTIONS.split(" "), ...where];
};

async function events(dir: string): Promise<RunEvent[]> {
  const opened = await openRunStore(dir, { mode: "read" }).catch((error: unknown) => {
    if (error instanceof RunError && error.code === "run-missing") return null; // killed before there was a run
    throw error;
  });
  if (opened === null) return [];
  await using store = opened;
  const all: RunEvent[] = [];
  for await (const event of store.read(0)) {
    all.push(event);
    if (event.type === "turn-ended") await readJson<ModelReply>(store, event.reply); // its blob is there, whole
  }
  return all;
}

async function ending(dir: string, stdout: string): Promise<Ending> {
  const { best } = JSON.parse(stdout);
  const all = await events(dir);
  const branches = all.flatMap((event) =>
    event.type === "episode-ended" && event.outcome.ok
      ? [
          {
            id: event.outcome.branch.id,
            parents: event.outcome.branch.parents,
            score: event.outcome.branch.score,
          },
        ]
      : [],
  );
  const turns = all.filter(({ type }) => type === "turn-ended").length;
  return { best: best.branch, fitness: best.fitness, branches: branches.toSorted(byId), turns };
}

const byId = (a: { id: string }, b: { id: string }): number => Number(a.id.slice(1)) - Number(b.id.slice(1));

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-kill-"));
  await writeFile(join(root, "numbers.ipynb"), numbersNotebook());
  await using whole = await numbersServer();
  const dir = join(root, "whole");
  const done = await runCli(args(dir, whole));
  expect(done.code, done.stderr).toBe(0);
  expected = await ending(dir, done.stdout);
  expect(expected.branches).toHaveLength(PROPOSALS);
  expect(whole.requests).toHaveLength(expected.turns);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Kills the run at its moment, resumes it, and compares with the run that was left alone. */
async function killedAt(
  name: string,
  arm: (context: {
    readonly kill: () => void;
    readonly dir: string;
    readonly ended: Promise<unknown>;
  }) => ((number: number) => void) | void,
  slow = false,
): Promise<void> {
  const dir = join(root, name.replaceAll(/\W+/g, "-"));
  mkdirSync(dir);
  const controller: { onRequest: (number: number) => void } = { onRequest: () => undefined };
  await using first = await numbersServer((number) => controller.onRequest(number), slow);
  const running = startCli(args(dir, first));
  const kill = (): void => void running.process.kill("SIGKILL");
  controller.onRequest = arm({ kill, dir, ended: running.ended }) ?? (() => undefined);
  const killed = await running.ended;
  expect(killed.signal, `it ended before its moment: ${killed.stderr}`).toBe("SIGKILL");
  await noneRemain([dir]);
  const before = await events(dir);
  const recorded = new Set(before.flatMap((event) => (event.type === "turn-ended" ? [event.reply] : [])));
  await using second = await numbersServer();
  const resumed =
    before.length === 0
      ? await runCli(args(dir, second))
      : await runCli(["resume", dir, "--base-url", second.baseURL, "--json"]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(await ending(dir, resumed.stdout)).toEqual(expected);
  const after = await events(dir);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(second.requests).toHaveLength(
    expected.turns - before.filter(({ type }) => type === "turn-ended").length,
  );
  expect(recorded.size).toBeLessThanOrEqual(expected.turns);
}

/** Cells that have begun, by the file that each leaves in its workspace. */
function marksIn(workspaces: string): number {
  if (!existsSync(workspaces)) return 0;
  return readdirSync(workspaces, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.includes("mark-"),
  ).length;
}

describe("kill -9", () => {
  test.each([0, 1, 3, 6, 11, 17, 22])("inside model reply %i", (moment) =>
    killedAt(`reply-${moment}`, ({ kill }) => (number) => {
      if (number === moment) kill();
    }),
  );

  test.each([1, 2, 5, 8, 10])("inside cell %i", (moment) =>
    killedAt(
      `cell-${moment}`,
      ({ kill, dir, ended }) => {
        const timer = setInterval(() => {
          if (marksIn(join(dir, "workspaces")) >= moment) kill();
        }, 10);
        void ended.then(() => clearInterval(timer));
      },
      true,
    ),
  );

  test.each([2, 9, 17, 26, 38, 47, 60, 75])("inside append %i", (moment) =>
    killedAt(`append-${moment}`, ({ kill, dir, ended }) => {
      let writes = 0;
      const watcher = watch(dir, (_, file) => {
        if (file === "run.db-wal" && ++writes === moment) kill();
      });
      void ended.then(() => watcher.close());
    }),
  );
});
