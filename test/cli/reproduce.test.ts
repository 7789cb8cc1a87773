// Scores that only a live kernel had: found in the run, and by `nbevolve reproduce`.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { modelServer, type ServedReply } from "../../src/testing/model-server.ts";
import { runCli } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-reproduce-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Runs its only cell twice: what comes out is in no notebook. */
function replyTo(body: Readonly<Record<string, unknown>>): ServedReply {
  const messages: readonly { readonly role?: string }[] = Array.isArray(body["messages"])
    ? body["messages"]
    : [];
  const header = messages.findLastIndex((message) => JSON.stringify(message).includes("Goal: maximize"));
  const results = messages.slice(header + 1).filter(({ role }) => role === "tool");
  if (body["tool_choice"] === "none") return { text: "Grow." };
  const cell = /\b(c\d+)\b/.exec(JSON.stringify(results[0] ?? ""))?.[1];
  if (cell === undefined)
    return {
      calls: [{ tool: "run_code", arguments: { source: "submission = [2 * x for x in submission]" } }],
    };
  if (results.length === 1) return { calls: [{ tool: "run", arguments: { ids: [cell] } }] };
  return { calls: [{ tool: "finish_round", arguments: { summary: "grown" } }] };
}

it("a score that does not come again cannot be the best, and each command says so", async () => {
  const notebook = join(root, "numbers.ipynb");
  const dir = join(root, "run");
  await writeFile(notebook, numbersNotebook());
  await using server = await modelServer({
    behaviour: async ({ body }) => ({ type: "reply", reply: replyTo(body) }),
  });
  const flags = "--proposals 1 --parallel 1 --seed 1 --json --harness full --model openai:served".split(" ");
  const done = await runCli(["run", notebook, ...flags, "--base-url", server.baseURL, "--dir", dir]);
  expect(done.code, done.stderr).toBe(0);
  const result = JSON.parse(done.stdout);
  expect(result.best).toMatchObject({ branch: "b0", reproduced: true });
  expect(result.refuted).toMatchObject([{ branch: "b1" }]);
  expect(result.refuted[0].reason).toMatch(/^it scores 0\.04\d* now, not 0\.16\d* \(c\d+ had run 2 times\)$/);
  expect(done.stderr).toMatch(/^b1 cannot be the best: not reproduced: it scores/m);
  expect(JSON.parse(await readFile(join(dir, "best.ipynb"), "utf8")).metadata.nbevolve.branch).toBe("b0");
  const shown = await runCli(["show", dir]);
  expect(shown.stdout).toMatch(/^b0 .* <- best$/m);
  expect(shown.stdout).toMatch(/^ {2}b1 .* not reproduced: it scores/m);
  const again = await runCli(["reproduce", dir, "b1"]);
  expect(again.code, again.stderr).toBe(1);
  expect(again.stdout).toMatch(/^not reproduced: it scores .*\n {2}submission holds something else$/m);
  const best = await runCli(["reproduce", dir, "--json"]);
  expect(best.code, best.stderr).toBe(0);
  expect(JSON.parse(best.stdout)).toMatchObject({ branch: "b0", survives: true, differences: [] });
  expect((await runCli(["reproduce", dir, "b9"])).code).toBe(2);
});
