// Owns: one process that judges one submission, and what comes out of it, bounded. Never reads the verdict.
import { rmdir } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { VerifierSource } from "../contracts/index.ts";
import { type Ended, guardPath } from "../machine/guarded-process.ts";
import { spawnBoxed } from "../machine/sandbox/boxed-process.ts";
import type { Sandbox } from "../machine/sandbox/sandbox.ts";
import { makeTemporaryFolder } from "../machine/temporary-folder.ts";
import { shippedPath } from "../shipped.ts";

export interface JudgeOptions {
  readonly python: string;
  readonly source: VerifierSource;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Null: no box. */
  readonly sandbox: Sandbox | null;
  /** Variables that the user hands in, and folders and files that the judge may read. */
  readonly variables: Readonly<Record<string, string>>;
  readonly readOnly: readonly string[];
  /** Where the judge's private folder is made; removed when it is over. Default: the system's temporary folder. */
  readonly workDir?: string;
  /** Where a better submission is to be looked for instead: what the search is told. Default: one judgement. */
  readonly search?: JudgeSearch | undefined;
}

/** What `nbevolve_improve` is told. */
export interface JudgeSearch {
  readonly seed: number;
  readonly tries: number;
  /** After which it ends with what it has. */
  readonly seconds: number;
  /** 1 where a lower score is better, else -1. */
  readonly sign: 1 | -1;
}

/** What is known of a judgement once no process of it is left. */
export interface JudgeRun {
  readonly ended: Ended;
  /** What the judge wrote on its own descriptor. */
  readonly verdict: string;
  /** What the verifier printed: its beginning and its end. */
  readonly printed: string;
  /** What Python said before the judge was ready; empty when all is well. */
  readonly complaint: string;
}

const START = "from nbevolve_verifier.judge import main; main()";
const START_SEARCH = "from nbevolve_improve.improve import main; main()";
const VERDICT_FD = 3;
const MAX_VERDICT_BYTES = 1 << 20;
const MAX_PRINTED_BYTES = 2000;
/** Processes and threads of one judgement, its box's own included. */
export const MOST_TASKS = 512;
/** What one judgement may have on disk. */
export const MOST_DISK_MB = 4096;

/**
 * Judges the text of a submission in a fresh process, and resolves when its whole tree is gone.
 * @throws the signal's reason when aborted.
 */
export async function runJudge(
  options: JudgeOptions,
  submission: string,
  signal: AbortSignal,
): Promise<JudgeRun> {
  signal.throwIfAborted();
  const folder = await makeTemporaryFolder("nbevolve-judge-", options.workDir);
  try {
    return await judgeIn(folder, options, submission, signal);
  } finally {
    // The guard removes it with all that the judge left there. One that could not start leaves it, empty.
    await rmdir(folder).catch(() => undefined);
  }
}

async function judgeIn(
  folder: string,
  options: JudgeOptions,
  submission: string,
  signal: AbortSignal,
): Promise<JudgeRun> {
  const { sandbox, variables, readOnly, search } = options;
  const { source, lines = [] } = options.source;
  const folders = [guardPath(), judgePath()];
  // A box of its own, so that no kernel can see it or signal it; and it has no network, whatever kernels have.
  const boxing = sandbox && {
    sandbox: { ...sandbox, network: "none" as const },
    readOnly: [...folders, ...readOnly],
    writable: [folder],
  };
  const run = await spawnBoxed(boxing, {
    python: options.python,
    command: [options.python, "-s", "-c", search === undefined ? START : START_SEARCH],
    cwd: folder,
    env: { ...judgeEnvironment(folder), ...variables },
    memoryMb: options.memoryMb,
    tasks: MOST_TASKS,
    diskMb: MOST_DISK_MB,
    // The last try of a search may take as long as a judgement.
    wallMs: options.timeoutMs + 1000 * (search?.seconds ?? 0),
    scratch: folder,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const stop = (): void => void run.kill();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const verdict = readBounded(run.pipe(VERDICT_FD), MAX_VERDICT_BYTES, 0);
    const printed = readBounded(run.stdout, MAX_PRINTED_BYTES / 2, MAX_PRINTED_BYTES / 2);
    const complaint = readBounded(run.stderr, 0, MAX_PRINTED_BYTES);
    // A judge that ended early does not read to the end; `ended` says how it ended.
    run.stdin?.on("error", () => run.stdin?.destroy());
    run.stdin?.end(`${JSON.stringify({ source, lines, memoryMb: options.memoryMb, search })}\n${submission}`);
    const all = await Promise.all([run.ended, verdict, printed, complaint]);
    signal.throwIfAborted();
    const ended = boxing === null ? all[0] : endInBox(all[0]);
    return { ended, verdict: all[1], printed: all[2], complaint: all[3] };
  } finally {
    await run.kill();
    signal.removeEventListener("abort", stop);
  }
}

const judgePath = (): string => shippedPath("src/verifiers/python");

/** Bubblewrap exits with 128 + its number where the command ended by a signal. */
function endInBox(ended: Ended): Ended {
  if (ended.ended !== "exit" || ended.status === null || ended.status <= 128) return ended;
  return { ...ended, ended: "signal", status: ended.status - 128 };
}

/** An allow-list, made so that the same submission gives the same verdict; no secret, no proxy, no user's settings. */
function judgeEnvironment(folder: string): Record<string, string> {
  const threads = ["OPENBLAS", "OMP", "MKL", "NUMEXPR"].map((name) => [`${name}_NUM_THREADS`, "1"] as const);
  return {
    ...Object.fromEntries(threads),
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: folder,
    TMPDIR: folder,
    MPLCONFIGDIR: folder,
    MPLBACKEND: "agg",
    LANG: "C.UTF-8",
    TZ: "UTC",
    PYTHONHASHSEED: "0",
    PYTHONPATH: [guardPath(), judgePath()].join(":"),
  };
}

/** Reads a stream to its end and keeps its first and last bytes; what is left out is counted. */
async function readBounded(stream: Readable | null, first: number, last: number): Promise<string> {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let left = 0;
  for await (const chunk of stream ?? []) {
    const bytes = Buffer.from(chunk);
    const room = first - head.length;
    if (room > 0) head = Buffer.concat([head, bytes.subarray(0, room)]);
    const rest = Buffer.concat([tail, bytes.subarray(Math.max(0, room))]);
    const cut = Math.max(0, rest.length - last);
    left += cut;
    tail = rest.subarray(cut);
  }
  const gap = left > 0 ? `\n... (${left} bytes left out)\n` : "";
  return head.toString() + gap + tail.toString();
}
