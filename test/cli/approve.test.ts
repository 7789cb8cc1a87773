import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { approvalFrom } from "../../src/cli/flags/approve.ts";
import { questionText } from "../../src/cli/terminal/ask-person.ts";
import { codeCell, emptyNotebook } from "../../src/core/notebook/notebook.ts";
import type { Action } from "../../src/contracts/index.ts";
import type { ModelServer } from "../../src/testing/model-server.ts";
import { runCli } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { numbersServer } from "../support/numbers-server.ts";
import { onTerminal } from "../support/terminal.ts";

const action = (tool: string, given: Action["call"]["arguments"] = {}): Action => ({
  call: { id: "1", tool, arguments: given },
  notebook: { ...emptyNotebook(), cells: [codeCell("c2", "x = 1", { role: "code", round: 0 })] },
  proposal: "p1",
  round: 1,
  turn: 2,
});

describe("rules", () => {
  test.each([
    [["ask"], { run_code: "ask", read: "ask" }],
    [["ask", "allow:read,note"], { run_code: "ask", read: "allow", note: "allow" }],
    [["allow:read", "ask"], { run_code: "ask", read: "allow" }],
    [["deny:run_code"], { run_code: "deny", edit_run: "allow" }],
    [["ask:run_code", "deny:run_code"], { run_code: "deny", edit_run: "allow" }],
  ])("%j", async (rules, expected) => {
    const { policy } = approvalFrom(rules) ?? {};
    const options = { signal: new AbortController().signal };
    for (const [tool, verdict] of Object.entries(expected))
      expect([tool, (await policy?.(action(tool), options))?.verdict]).toEqual([tool, verdict]);
  });

  test("none is no policy; a word or a tool that is not known is refused with what there is", () => {
    expect(approvalFrom([])).toBeNull();
    expect(() => approvalFrom(["maybe"])).toThrow(/--approve maybe: write ask.*Tools: run_code/);
    expect(() => approvalFrom(["deny:rm"])).toThrow(/no tool "rm".*run_code/);
  });
});

test("a question shows the whole cell, as it is and as it is to be, and nothing moves the cursor", () => {
  const text = questionText(action("edit_run", { id: "c2", source: "x = 2\n\u001B[2J\u202Ey" }), "it is new");
  expect(text).toContain("why you are asked: it is new");
  expect(text).toContain("now:\n  x = 1\nis to be:\n  x = 2\n  ␛[2J\uFFFDy\n");
  expect(questionText(action("run_code", "not json"), "")).toContain("arguments: not json");
});

describe("on a terminal", () => {
  let root = "";
  let server: ModelServer;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "nbevolve-approve-"));
    await writeFile(join(root, "numbers.ipynb"), numbersNotebook());
    server = await numbersServer();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  });
  const run = (dir: string, ...more: string[]): string[] => [
    ...["run", join(root, "numbers.ipynb"), "--model", "openai:served", "--base-url", server.baseURL],
    ...["--seed", "1", "--dir", join(root, dir), ...more],
  ];
  const decisions = async (dir: string) =>
    (await readFile(join(root, dir, "journal.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === "call-decided")
      .map(({ tool, decision }) => [tool, decision.verdict, decision.by]);

  test("yes, no with a reason, always: each as it was answered, one question at a time", async () => {
    const answers = ["n too slow\r", "a\r", "y\r"];
    let standing = 0;
    const { code, screen } = await onTerminal(
      run("a", "--approve", "ask", "--proposals", "3", "--parallel", "2"),
      (shown) => {
        if (!shown.endsWith("q: stop the run > ")) return null;
        standing += 1;
        return answers.shift() ?? "y\r";
      },
    );
    expect(code, screen).toBe(0);
    const made = await decisions("a");
    expect(made).toContainEqual(["run_code", "deny", "person"]);
    expect(made.filter(([, verdict]) => verdict === "allow")).toHaveLength(made.length - 1);
    // Those after "always" are no questions.
    expect(standing).toBeLessThan(made.length);
    expect(screen).toContain("submission = [a, b]");
    expect(screen).toMatch(/p\d run_code: denied by the person: too slow/);
    // Nothing was drawn between a question and its answer.
    for (const asked of screen.matchAll(/p\d, round 1: [^>]*q: stop the run > ([^\r]*)\r/g))
      expect(asked[1]).toMatch(/^(n too slow|a|y)$/);
  });

  test("Ctrl-C at a question, and q: stopped cleanly; the same question comes again", async () => {
    const asking = (shown: string): boolean => shown.endsWith("q: stop the run > ");
    const first = await onTerminal(run("b", "--approve", "ask", "--proposals", "1"), (shown) =>
      asking(shown) ? "\u0003" : null,
    );
    expect(first.code, first.screen).toBe(130);
    expect(first.screen).toContain("Interrupted; everything finished is kept.");
    expect(await decisions("b")).toEqual([]);
    // The rule is the run's: without a terminal it cannot go on.
    const alone = await runCli(["resume", join(root, "b")]);
    expect([alone.code, alone.stderr]).toEqual([
      2,
      expect.stringContaining("--approve ask needs a terminal"),
    ]);
    const second = await onTerminal(["resume", join(root, "b")], (shown) => (asking(shown) ? "q\r" : null));
    expect(second.code, second.screen).toBe(130);
  });

  test("without a terminal: an error before anything starts", async () => {
    const { code, stderr } = await runCli(run("c", "--approve", "ask"));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/needs a terminal.*--approve deny:run_code/)]);
    await expect(readFile(join(root, "c", "run.db"))).rejects.toThrow("ENOENT");
  });
});
