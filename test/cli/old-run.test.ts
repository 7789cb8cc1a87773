// A run of version 1 of the journal, made by nbevolve of before and killed in the third episode, between its cell and its
// last request: it opens, and goes on to the end that it would have had.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { branchesInOrder, readHistory } from "../../src/history/index.ts";
import { runCli } from "../support/cli.ts";
import { numbersServer } from "../support/numbers-server.ts";

const FIXTURE = fileURLToPath(new URL("../fixtures/runs/version-1/", import.meta.url));
/** What that version made of it when it went on itself. */
const BEST = { branch: "b3", fitness: 0.49774330011770157 };

let root = "";
let dir = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-old-"));
  dir = join(root, "run");
  await cp(FIXTURE, dir, { recursive: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

test("a run of version 1 is shown, resumed and checked", async () => {
  const before = await runCli(["show", dir, "--json"]);
  expect(before.code, before.stderr).toBe(0);
  expect(JSON.parse(before.stdout).branches).toMatchObject([
    { branch: "b0", operator: "founder" },
    { branch: "b1", operator: "draft" },
    { branch: "b2", operator: "improve" },
  ]);
  const history = await readHistory(dir);
  expect(branchesInOrder(history).map(({ id, parents }) => [id, parents])).toEqual([
    ["b0", []],
    ["b1", ["b0"]],
    ["b2", ["b1"]],
  ]);
  expect(history.open.get("p3")?.turns).toHaveLength(2);
  expect(history.givenNotes).toMatchObject([{ note: "try equal numbers", proposals: 1 }]);

  await using server = await numbersServer();
  const resumed = await runCli(["resume", dir, "--base-url", server.baseURL, "--trust", "--json"]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(JSON.parse(resumed.stdout)).toMatchObject({ episodes: 3, failures: 0, best: BEST });
  // Its plan and its cell were paid for already.
  expect(server.requests).toHaveLength(1);

  const replayed = await runCli(["replay", dir]);
  expect(replayed.code, replayed.stderr).toBe(0);
  expect(replayed.stdout).toContain("all 3 decisions are the strategy's");
});
