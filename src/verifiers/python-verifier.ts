// Owns: the verifier that a task's Python source makes. Every submission is judged in a fresh process, so that none can
// influence another. Never shows the source to anyone, and never believes a value that was not recomputed.
import { messageOf, RunError } from "../core/errors.ts";
import { ownCommand } from "../core/shell-words.ts";
import type {
  Direction,
  ImproveOptions,
  Score,
  Submission,
  Verifier,
  VerifierSource,
} from "../contracts/index.ts";
import { type JudgeRun, type JudgeSearch, runJudge } from "./judge-process.ts";
import { checkOptions, oneOf, OPTION, type OptionKinds } from "../core/options.ts";
import { foldersFor, type HandedIn, variablesFor } from "../machine/sandbox/handed-in.ts";
import { type SandboxMode, openSandbox, SANDBOX_OPTIONS } from "../machine/sandbox/sandbox.ts";
import { readImprovement } from "./improvement.ts";
import { scoreOf, hasJudged } from "./verdict.ts";

/** Where a verifier runs. */
export interface PythonVerifierOptions extends HandedIn {
  /** Path of the interpreter, 3.10 or later, with the packages that the verifier imports. */
  readonly python: string;
  readonly source: VerifierSource;
  /** A minimised score becomes a fitness by its sign. */
  readonly direction: Direction;
  /** Wall clock of one judgement, the start of its process included. */
  readonly timeoutMs: number;
  /** Resident memory of one judgement, all its processes together. */
  readonly memoryMb: number;
  /** Default `on`: without a box it throws `sandbox-unavailable`. It never has the network then. */
  readonly sandbox?: SandboxMode | undefined;
  /** Where each judgement's private folder is made and removed. Default: the system's temporary folder. */
  readonly workDir?: string;
}

/** After which a search ends with what it has, however slow the verifier is. */
const SEARCH_SECONDS = 30;

const VERIFIER_OPTIONS: OptionKinds<PythonVerifierOptions> = {
  python: OPTION.text,
  source: OPTION.record,
  direction: oneOf("maximize", "minimize"),
  timeoutMs: OPTION.positive,
  memoryMb: OPTION.positive,
  sandbox: SANDBOX_OPTIONS.sandbox,
  env: SANDBOX_OPTIONS.env,
  read: SANDBOX_OPTIONS.read,
  workDir: OPTION.text,
};

/** Judges with `verify(submission)` from the source. Disposing ends what is being judged; its callers get an error. */
export function pythonVerifier(options: PythonVerifierOptions): Verifier {
  const required = ["python", "source", "direction", "timeoutMs", "memoryMb"] as const;
  checkOptions("pythonVerifier", options, VERIFIER_OPTIONS, required);
  const disposed = new AbortController();
  const open = new Set<Promise<unknown>>();

  /** What came out of a process for the submission; in words why it cannot be read. */
  async function ask(
    submission: Submission,
    signal: AbortSignal,
    search?: JudgeSearch,
  ): Promise<JudgeRun | string> {
    let text: string;
    try {
      text = JSON.stringify(submission);
    } catch (problem) {
      return `the submission cannot be read: ${messageOf(problem)}`;
    }
    const sandbox = await openSandbox({ sandbox: options.sandbox });
    const own = { variables: variablesFor(options, sandbox !== null), readOnly: foldersFor(options) };
    const judgement = await runJudge({ ...options, ...own, sandbox, search }, text, signal);
    if (!hasJudged(judgement)) throw unavailableError(options, judgement);
    return judgement;
  }

  async function held<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const working = work(AbortSignal.any([signal, disposed.signal]));
    open.add(working);
    try {
      return await working;
    } finally {
      open.delete(working);
    }
  }

  async function judge(submission: Submission, signal: AbortSignal): Promise<Score> {
    const judgement = await ask(submission, signal);
    if (typeof judgement === "string")
      return { valid: false, fitness: null, metrics: {}, message: judgement };
    return scoreOf(judgement, options.direction, options);
  }

  async function improve(submission: Submission, { seed, tries }: ImproveOptions, signal: AbortSignal) {
    const sign = options.direction === "minimize" ? 1 : -1;
    const search = { seed, tries, seconds: SEARCH_SECONDS, sign } as const;
    return readImprovement(await ask(submission, signal, search), options);
  }

  return {
    verify: (submission, { signal }) => held(signal, (within) => judge(submission, within)),
    improve: (submission, { signal, ...asked }) =>
      held(signal, (within) => improve(submission, asked, within)),
    async [Symbol.asyncDispose]() {
      disposed.abort(new Error("the verifier was disposed of"));
      await Promise.allSettled(open);
    },
  };
}

function unavailableError(
  { python, source }: PythonVerifierOptions,
  { ended, complaint }: JudgeRun,
): RunError {
  const said = complaint.trim().split("\n").at(-1) ?? "";
  const how = ended.message || said || `it ended by ${ended.ended} ${ended.status ?? ""}`.trim();
  return new RunError(
    "verifier-unavailable",
    `the judge of the verifier in cell ${source.cell} could not be started with ${python}: ${how}. ` +
      `${ownCommand("doctor")} shows which Python is used; NBEVOLVE_PYTHON chooses another.`,
  );
}
