// Owns: a branch as the library gives it, the best of a run above all: its scores at hand, its notebook and submission on request.
import type { Branch, BranchId, Notebook, Submission } from "../contracts/index.ts";
import { checkOptions, OPTION } from "../core/options.ts";
import { ownScore } from "../core/run/goal.ts";
import type { History } from "../core/run/history.ts";
import { branchFile, openRunStore } from "../store/index.ts";
import { plainSubmission, type PlainSubmission } from "./plain-submission.ts";

/** In which form a submission is given. */
export interface SubmissionOptions {
  /** As it was judged, with tags for what JSON has no word for. Default false: in JavaScript's own values. */
  readonly exact?: boolean | undefined;
}

/** A scored notebook of a run, as it was when it was asked for. As JSON it is its fields. */
export interface RunBranch {
  /** Its id, such as `b7`: made by proposal `p7`. The founder's is `b0`. */
  readonly branch: BranchId;
  /** It continues the notebook and the kernel of the first. Empty for the founder and injected notebooks. */
  readonly parents: readonly BranchId[];
  /** Depth in the lineage; the founder's is 0. */
  readonly generation: number;
  /** What its proposal did with its parents, such as `improve`; `founder` for the founder. */
  readonly operator: string;
  /** In the task's own direction. */
  readonly score: number;
  /** Higher is better, whatever the task's direction: a minimised score is negated. */
  readonly fitness: number;
  /** All that the verifier measured, by name, in the task's own direction; `score` is among them. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What the verifier said; empty for nothing. */
  readonly message: string;
  /** Whether its notebook gave the same score, or a better one, in a fresh kernel; null while that was not tried. */
  readonly reproduced: boolean | null;
  /** Absolute path of a copy of its notebook for readers, with what it is on top. The session of the run writes it. */
  readonly path: string;
  /** Its notebook as it was scored, nbformat 4.5, from the journal. @throws RunError `blob-missing` | `run-missing`. */
  notebook(): Promise<Notebook>;
  /**
   * The value that the verifier judged, in JavaScript's own values: numbers for floats (NaN and Infinity included), lists for
   * arrays, a bigint for an integer beyond 2^53; what JavaScript has no value for stays tagged. @throws as `notebook`.
   */
  submission(): Promise<PlainSubmission>;
  /** Exactly as it was judged, as JSON with tags such as `{ "$float": "3.0" }`; `nbevolve export` writes the same. */
  submission(options: SubmissionOptions & { readonly exact: true }): Promise<Submission>;
  /** In the form that the options say. */
  submission(options: SubmissionOptions): Promise<PlainSubmission>;
}

/** `operator`: of the proposal that made it. */
export function runBranch(dir: string, branch: Branch, operator: string, history: History): RunBranch {
  const survives = history.reproduced.get(branch.id)?.survives ?? null;
  return new StoredBranch(dir, branch, operator, survives);
}

/** The best branch of the history. */
export function runBest(dir: string, history: History): RunBranch {
  const { best } = history;
  const made = history.ended.findLast(({ outcome }) => outcome.proposal.number === best.number);
  return runBranch(dir, best, made?.outcome.proposal.operator ?? "founder", history);
}

class StoredBranch implements RunBranch {
  readonly branch: BranchId;
  readonly parents: readonly BranchId[];
  readonly generation: number;
  readonly operator: string;
  readonly score: number;
  readonly fitness: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly message: string;
  readonly reproduced: boolean | null;
  readonly path: string;
  readonly #dir: string;
  readonly #stored: Branch;

  constructor(dir: string, stored: Branch, operator: string, survives: boolean | null) {
    this.branch = stored.id;
    this.parents = stored.parents;
    this.generation = stored.generation;
    this.operator = operator;
    this.score = ownScore(stored.score);
    this.fitness = stored.score.fitness;
    this.metrics = stored.score.metrics;
    this.message = stored.score.message;
    // The founder was run top to bottom to begin with.
    this.reproduced = survives ?? (stored.number === 0 ? true : null);
    this.path = branchFile(dir, stored.id);
    this.#dir = dir;
    this.#stored = stored;
  }

  async notebook(): Promise<Notebook> {
    return this.#read(this.#stored.notebook);
  }

  submission(options: SubmissionOptions & { readonly exact: true }): Promise<Submission>;
  submission(options?: SubmissionOptions): Promise<PlainSubmission>;
  async submission(options: SubmissionOptions = {}): Promise<PlainSubmission> {
    checkOptions("submission", options, { exact: OPTION.flag });
    const judged = await this.#read<Submission>(this.#stored.submission);
    return options.exact === true ? judged : plainSubmission(judged);
  }

  async #read<T>(hash: string): Promise<T> {
    await using store = await openRunStore(this.#dir, { mode: "read" });
    const value: T = JSON.parse(Buffer.from(await store.readBlob(hash)).toString("utf8"));
    return value;
  }
}
