// Owns: events of every type, with the blobs that they name, for tests of journals. Never run by a run.
import { createHash } from "node:crypto";
import type { Blob, BlobHash, Branch, Proposal, RunEvent, ValidScore } from "../../contracts/index.ts";

/** What one `append` is given. */
export interface Sample {
  readonly events: readonly RunEvent[];
  readonly blobs: readonly Blob[];
}

/** The blob of these bytes, or of a text. */
export function sampleBlob(content: string | Uint8Array): Blob {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { hash: createHash("sha256").update(bytes).digest("hex"), bytes };
}

/** A notebook of one cell that holds the text. */
export function notebookBlob(text: string): Blob {
  const cell = { id: "c1", cell_type: "markdown", metadata: {}, source: text };
  return sampleBlob(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] }));
}

/** A branch, and the blobs it names. Its id is `founder` for number 0, else `b<number>`. */
export function sampleBranch(number: number, fitness: number): { branch: Branch; blobs: readonly Blob[] } {
  const id = number === 0 ? "founder" : `b${number}`;
  const notebook = notebookBlob(`the notebook of ${id}`);
  const [kernel, context, submission] = [
    sampleBlob(`kernel ${id}`),
    sampleBlob("log"),
    sampleBlob(`[${number}]`),
  ];
  const branch: Branch = {
    id,
    number,
    parents: number === 0 ? [] : ["founder"],
    generation: number === 0 ? 0 : 1,
    score: scoreOf(fitness),
    descriptor: [],
    notebook: notebook.hash,
    kernel: kernel.hash,
    context: context.hash,
    submission: submission.hash,
  };
  return { branch, blobs: [notebook, kernel, context, submission] };
}

/** The first event of a run. */
export function runStarted(fitness = 1): Sample {
  const { branch, blobs } = sampleBranch(0, fitness);
  const task = sampleBlob('{"name":"sample"}');
  const event: RunEvent = {
    type: "run-started",
    version: 2,
    seed: 7,
    task: task.hash,
    settings: { strategy: "sample", nested: { empty: [], text: "é\u0000\u{1F600}" } },
    founder: branch,
  };
  return { events: [event], blobs: [task, ...blobs] };
}

/** A proposal that became a branch: its own id is `p<number>`. */
export function episodeEnded(number: number, fitness: number): Sample {
  const { branch, blobs } = sampleBranch(number, fitness);
  return {
    events: [{ type: "episode-ended", outcome: { ok: true, proposal: proposal(number), branch } }],
    blobs,
  };
}

/** A reply of the proposal, naming the one blob that comes with it. */
export function turnEnded(number: number, turn: number, text = `reply ${number}.${turn}`): Sample {
  const reply = sampleBlob(text);
  const usage = { inputTokens: 10, cachedTokens: 0, outputTokens: 5, costUsd: null };
  const place = { proposal: proposal(number).id, round: 1, turn };
  return {
    events: [{ type: "turn-ended", ...place, model: "sample", reply: reply.hash, usage }],
    blobs: [reply],
  };
}

/** Every type of event that names a blob, one append each; and, last, those that name none. */
export function everySample(): readonly Sample[] {
  const results = sampleBlob("results");
  const place = { proposal: "p2", round: 1 };
  return [
    runStarted(),
    turnEnded(1, 1),
    { events: [{ type: "calls-ended", ...place, turn: 1, results: results.hash }], blobs: [results] },
    roundEnded(),
    episodeEnded(1, 2),
    episodeFailed(),
    { events: withoutBlobs(), blobs: [] },
  ];
}

/** The blobs that each sample cannot do without. */
export function namedHashes({ blobs }: Sample): readonly BlobHash[] {
  return blobs.map(({ hash }) => hash);
}

function roundEnded(): Sample {
  const blobs = ["notebook", "kernel", "context", "submission"].map((name) => sampleBlob(`round's ${name}`));
  const [notebook = "", kernel = "", context = "", submission = ""] = blobs.map(({ hash }) => hash);
  const named = { notebook, kernel, context, submission };
  return {
    events: [{ type: "round-ended", proposal: "p2", round: 1, score: scoreOf(0.1 + 0.2), ...named }],
    blobs,
  };
}

function episodeFailed(): Sample {
  const notebook = notebookBlob("as it was");
  const failure = { boundary: "limit", message: "too long", notebook: notebook.hash } as const;
  return {
    events: [{ type: "episode-ended", outcome: { ok: false, proposal: proposal(2), failure } }],
    blobs: [notebook],
  };
}

function withoutBlobs(): readonly RunEvent[] {
  const restored = { tier: "replay", durationMs: 1.5, differences: [] } as const;
  const failure = { boundary: "model", message: "none" } as const;
  const decision = { verdict: "deny", by: "person", reason: "not now" } as const;
  return [
    { type: "proposal-made", proposal: proposal(3) },
    { type: "kernel-restored", proposal: "p3", restored },
    { type: "call-decided", proposal: "p3", round: 1, turn: 2, call: 0, tool: "run_code", decision },
    { type: "episode-ended", outcome: { ok: false, proposal: proposal(3), failure } },
    { type: "proposal-told", proposal: "p3" },
    { type: "run-stopped", reason: "budget" },
    { type: "steered", command: "l1", note: "try a hexagonal start", branch: null, proposals: 5 },
    { type: "paused" },
    { type: "unpaused" },
  ];
}

function proposal(number: number): Proposal {
  return { id: `p${number}`, number, operator: "improve", parents: ["founder"], island: 0 };
}

function scoreOf(fitness: number): ValidScore {
  return { valid: true, fitness, metrics: { score: fitness }, message: "" };
}
