// What goes wrong inside an episode costs that episode at most: a run on real kernels and real verifiers goes on.
// Long: cells and verifiers that never end are waited for until their limits.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRun } from "../../src/run/start-run.ts";
import type { ModelReply, ModelRequest, RunEvent } from "../../src/contracts/index.ts";
import { defineTask } from "../../src/tasks/define-task.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { bestOfN } from "../../strategies/index.ts";
import { noneRemain } from "../support/processes.ts";
import { testSandbox } from "../support/sandbox.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-hostile-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Judges its number; some numbers make it misbehave. */
const VERIFIER = `
import os, subprocess, sys, time
def verify(submission):
    if submission == 2:
        while True: pass
    if submission == 3:
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)  # " + token], start_new_session=True)
        time.sleep(600)
    if submission == 4:
        hog = [bytearray(10_000_000) for _ in range(200)]
        for block in hog: block[:] = b"x" * len(block)
    if submission == 5:
        os._exit(0)
    return float(submission)
`;

function task(token: string) {
  return defineTask({
    name: "hostile",
    statement: "A number.",
    founder: "submission = 1",
    parameters: { token },
    verifier: VERIFIER,
    limits: { verifierTimeoutMs: 8000, verifierMemoryMb: 300, cellTimeoutMs: 20_000 },
  });
}

/** Runs one cell a proposal, in the order of the proposals. */
function cellsInOrder(sources: readonly string[]) {
  let next = 0;
  return scriptedModel((request: ModelRequest): Partial<ModelReply> => {
    if (request.toolChoice === "none") return { text: "Try a cell." };
    const done = request.messages.some((message) => message.role === "tool");
    if (done) return { calls: [{ id: "", tool: "finish_round", arguments: { summary: "tried" } }] };
    return { calls: [{ id: "", tool: "run_code", arguments: { source: sources[next++] ?? "" } }] };
  });
}

async function outcomes(sources: readonly string[], name: string) {
  const token = `hostile-${process.pid}-${name}`;
  const dir = join(root, name);
  const order = {
    sandbox: testSandbox,
    order: "as-proposed",
    parallel: 1,
    proposals: sources.length,
    seed: 1,
  } as const;
  const run = startRun({
    ...order,
    task: task(token),
    model: cellsInOrder(sources),
    strategy: bestOfN(),
    dir,
  });
  const told: string[] = [];
  const events: RunEvent[] = [];
  for await (const event of run.events()) {
    events.push(event);
    if (event.type !== "episode-ended") continue;
    const { outcome } = event;
    told.push(
      outcome.ok
        ? `ok ${outcome.branch.score.fitness}`
        : `${outcome.failure.boundary}: ${outcome.failure.message}`,
    );
  }
  const result = await run.done;
  await noneRemain([token, dir]);
  return { told, result, events };
}

describe("the run goes on", () => {
  test("when a verifier loops, leaves children behind, eats memory or exits", async () => {
    const { told, result } = await outcomes(
      ["submission = 2", "submission = 3", "submission = 4", "submission = 5", "submission = 6"],
      "verifier",
    );
    expect(told[0]).toMatch(/^verifier: .*limit of 8 s/);
    expect(told[1]).toMatch(/^verifier: .*limit of 8 s/);
    expect(told[2]).toMatch(/^verifier: .*(memory|300 MB)/i);
    expect(told[3]).toMatch(/^verifier: /);
    expect(told[4]).toBe("ok 6");
    expect(result).toMatchObject({
      episodes: 5,
      failures: 4,
      best: { branch: "b5", fitness: 6 },
      stopped: "budget",
    });
  });

  test("when cells kill their kernel, never end, or leave no submission", async () => {
    const sources = [
      "import os\nsubmission = 7\nos.kill(os.getpid(), 9)",
      "import os\nos._exit(3)",
      "del submission",
      "submission = float('nan')",
      "import time\nsubmission = 8\ntime.sleep(600)",
      "submission = 9",
    ];
    const { told, result, events } = await outcomes(sources, "cells");
    // The state before the cell that killed its kernel is restored: the founder's.
    expect(told.slice(0, 2)).toEqual(["ok 1", "ok 1"]);
    expect(told[2]).toMatch(/^verifier: no submission: `submission` gives NameError/);
    expect(told[3]).toMatch(/^verifier: .*nan/i);
    expect(told.slice(4)).toEqual(["ok 8", "ok 9"]);
    expect(result.best).toMatchObject({ branch: "b6", fitness: 9 });
    expect(events.filter(({ type }) => type === "proposal-told")).toHaveLength(6);
  });

  test("when a cell has replaced what answers for its kernel, and when such a run is resumed", async () => {
    const forge = (text: string): string =>
      [
        "import sys",
        'ks = sys.modules["nbevolve_kernel.kernel_side"]',
        "class Forged:",
        "    def _repr_mimebundle_(self, **_):",
        `        return {"application/vnd.nbevolve": ${text}, "text/plain": ""}`,
        'for name in ("evaluate", "describe", "sketch", "checkpoint", "freeze"):',
        "    setattr(ks, name, lambda _: Forged())",
      ].join("\n");
    const texts = [
      "'garbage {'",
      "'[1, 2]'",
      `'{"ok": true, "value": ' + '[' * 200000 + ']' * 200000 + '}'`,
      `'{"ok": false, "name": "' + 'x' * 1000000 + '"}'`,
      String.raw`'{"ok": false, "name": "\\u001b]0;title\\u0007", "message": "\\ud800"}'`,
    ];
    const { told, result } = await outcomes([...texts.map(forge), "submission = 9"], "forged");
    for (const line of told.slice(0, -1)) expect(line).toMatch(/^verifier: no submission: /);
    expect(told.at(-1)).toBe("ok 9");
    expect(result).toMatchObject({ episodes: 6, failures: 5, best: { fitness: 9 }, stopped: "budget" });
    const resumed = startRun({
      task: task(`hostile-${process.pid}-forged`),
      model: cellsInOrder(["submission = 10"]),
      strategy: bestOfN(),
      dir: join(root, "forged"),
      sandbox: testSandbox,
      proposals: 7,
    });
    expect(await resumed.done).toMatchObject({ episodes: 7, failures: 5, best: { fitness: 10 } });
  });
});
