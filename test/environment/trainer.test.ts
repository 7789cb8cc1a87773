// The environment alone, as an outside trainer has it, beside the loop: the same replies, the same notebooks and scores.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { markdownCell, nextCellId } from "../../src/core/notebook/notebook.ts";
import { openEnvironment, type ClosedRound } from "../../src/environment/index.ts";
import { defineTool } from "../../src/environment/tools/define-tool.ts";
import { readJson } from "../../src/loop/json-blob.ts";
import { openRuntime } from "../../src/run/runtime.ts";
import { startRun } from "../../src/run/start-run.ts";
import type {
  ActionPolicy,
  Json,
  ModelReply,
  Notebook,
  Task,
  ToolCall,
  ToolChoice,
} from "../../src/contracts/index.ts";
import { openRunStore } from "../../src/store/index.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { tournament } from "../../strategies/index.ts";
import { numbersTask } from "../support/numbers-task.ts";
import { testSandbox } from "../support/sandbox.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-trainer-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const numbers = numbersTask();
const task: Task = {
  ...numbers,
  // The limits in time are for what hangs: no round may end by them on a busy machine.
  limits: {
    ...numbers.limits,
    turnsPerRound: 6,
    callsPerRound: 5,
    cellTimeoutMs: 600_000,
    roundTimeoutMs: 3_600_000,
    verifierTimeoutMs: 600_000,
  },
};

const heading = defineTool({
  name: "heading",
  description: "Add a heading.",
  parameters: z.strictObject({ text: z.string() }),
  run({ text }, { notebook, round }) {
    const cell = markdownCell(nextCellId(notebook), `# ${text}`, { role: "note", round });
    return {
      content: [{ type: "text", text: `${cell.id} added` }],
      isError: false,
      edits: [{ type: "cell-added", cell }],
    };
  },
});

let calls = 0;
const call = (tool: string, args: ToolCall["arguments"]): ToolCall => ({
  id: `k${(calls += 1)}`,
  tool,
  arguments: args,
});
const code = (source: string): ToolCall => call("run_code", { source });

/** Two rounds: one that a person's no, an error and silence lead to its end, one that its limits end. */
const REPLIES: readonly Pick<ModelReply, "text" | "calls">[] = [
  { text: "Try a better pair.", calls: [] },
  {
    text: "",
    calls: [code("submission = [0.5, 0.5]\nprint(submission)"), code("forbidden = 1"), code("1 / 0")],
  },
  { text: "Let me think.", calls: [] },
  { text: "", calls: [call("finish_round", { summary: "0.5 each is valid", drop: ["c6"] })] },
  { text: "Go to the edge.", calls: [call("heading", { text: "The edge" })] },
  { text: "", calls: [call("score", {}), code("import math\nsubmission = [math.sqrt(0.5) - 1e-9] * 2")] },
  { text: "", calls: [call("unknown", {}), code("best = submission"), code("print('the fifth')")] },
  { text: "", calls: [code("print('not closed')")] },
  { text: "", calls: [] },
  { text: "", calls: [] },
];

const policy: ActionPolicy = ({ call: { arguments: args } }) =>
  JSON.stringify(args).includes("forbidden") ? { verdict: "deny", reason: "not here" } : { verdict: "allow" };

interface Played {
  readonly choices: readonly ToolChoice[];
  readonly rounds: readonly Pick<ClosedRound, "round" | "score" | "submission" | "notebook" | "kernel">[];
}

/** Everything but how long a cell took. */
function withoutTimes(value: unknown): Json {
  return JSON.parse(JSON.stringify(value, (key, part: unknown) => (key === "durationMs" ? undefined : part)));
}

async function playWithLoop(): Promise<Played> {
  const model = scriptedModel(REPLIES);
  const dir = join(root, "run");
  const run = startRun({
    ...{ task, model, dir, policy, sandbox: testSandbox, seed: 1, strategy: tournament() },
    ...{ proposals: 1, rounds: 2, parallel: 1, reproduce: "none", tools: [heading] },
  });
  await run.done;
  await using store = await openRunStore(dir, { mode: "read" });
  const rounds: Played["rounds"][number][] = [];
  for await (const event of store.read(0)) {
    if (event.type !== "round-ended") continue;
    rounds.push({
      round: event.round,
      score: event.score,
      submission: event.submission && (await readJson<ClosedRound["submission"]>(store, event.submission)),
      notebook: await readJson<Notebook>(store, event.notebook),
      kernel: await readJson<ClosedRound["kernel"]>(store, event.kernel),
    });
  }
  return { choices: model.requests.map(({ toolChoice }) => toolChoice), rounds };
}

async function playWithEnvironment(): Promise<Played> {
  await using runtime = await openRuntime(task, { sandbox: testSandbox });
  await using environment = openEnvironment(task, runtime, { tools: [heading] });
  await environment.reset({ metadata: { branch: "b1", parents: ["b0"], operator: "improve" } });
  expect(environment.state().score?.metrics["score"]).toBeCloseTo(0.01);
  const choices: ToolChoice[] = [];
  const rounds: ClosedRound[] = [];
  const replies = [...REPLIES];
  while (rounds.length < 2) {
    const { next } = environment.state();
    const reply = next === null ? undefined : replies.shift();
    if (next === null || reply === undefined) {
      rounds.push(await environment.close());
      continue;
    }
    choices.push(next);
    await environment.step(reply, {
      decide: async (action) => {
        const isDenied = JSON.stringify(action.arguments).includes("forbidden");
        return { verdict: isDenied ? "deny" : "allow", by: "policy", reason: isDenied ? "not here" : "" };
      },
    });
  }
  return { choices, rounds };
}

test("a trainer plays an episode under the loop's rules, with the loop's notebooks and scores", async () => {
  const loop = await playWithLoop();
  const trainer = await playWithEnvironment();
  const forced = { tool: "finish_round" };
  // A demanded call that did not come is not demanded again: the second round is closed without it.
  const first = ["none", "auto", "auto", "auto"];
  expect(trainer.choices).toEqual([...first, "none", "auto", "auto", forced, forced]);
  expect(trainer.choices).toEqual(loop.choices);
  expect(trainer.rounds.map(({ round }) => round)).toEqual([1, 2]);
  for (const [at, { round, score, submission, notebook, kernel }] of trainer.rounds.entries())
    expect(withoutTimes({ round, score, submission, notebook, kernel })).toEqual(
      withoutTimes(loop.rounds[at]),
    );
  const [one, last] = trainer.rounds;
  expect(one?.score.metrics["score"]).toBe(0.25);
  expect(last?.score.metrics["score"]).toBeCloseTo(0.5);
  expect(last?.notebook.cells.map(({ source }) => source)).toContain("# The edge");
  expect(last?.notebook.metadata.nbevolve).toMatchObject({ branch: "b1", rounds: 2 });
});
