// Owns: what the open episodes of a session are at, at this moment: the cell that runs and what it printed last, or what the
// verifier does. For whoever watches: nothing of it is kept, the journal has what came of it.
import type { BranchId, KernelLease, KernelPool, ProposalId, Verifier } from "../contracts/index.ts";

/** What an open episode is at: a cell runs, or the verifier judges or searches. */
export type AtWork = CellAtWork | VerifierAtWork;

/** A cell runs. Each text has at most 2,000 characters, and is as strangers wrote it. */
export interface CellAtWork {
  readonly at: "cell";
  /** What it is for; empty where nobody said it. */
  readonly title: string;
  /** The beginning of its source. */
  readonly source: string;
  /** The end of what it has printed. */
  readonly printed: string;
  /** When it began, in milliseconds on the clock of `performance.now()`. */
  readonly since: number;
}

/** The verifier judges the submission, or looks for a better one. */
export interface VerifierAtWork {
  readonly at: "verdict" | "search";
  /** How often a search may ask it; 1 for a verdict. */
  readonly tries: number;
  /** When it began, in milliseconds on the clock of `performance.now()`. */
  readonly since: number;
}

/** A branch whose notebook is run again in a fresh kernel. */
export interface Reproducing {
  readonly branch: BranchId;
  /** When that began, in milliseconds on the clock of `performance.now()`. */
  readonly since: number;
}

/** What is worked with, and can be watched. */
interface Workplace {
  readonly kernels: KernelPool;
  readonly verifier: Verifier;
}

export interface WorkWatch {
  /** By open proposal. */
  readonly episodes: ReadonlyMap<ProposalId, AtWork>;
  readonly reproducing: Reproducing | null;
  /** The same kernels and verifier, watched while the proposal uses them. */
  watchEpisode(id: ProposalId, place: Workplace): Workplace;
  watchReproduction<T>(branch: BranchId, reproduce: () => Promise<T>): Promise<T>;
}

const MOST_CHARS = 2000;

export function watchWork(): WorkWatch {
  const episodes = new Map<ProposalId, AtWork>();
  let reproducing: Reproducing | null = null;
  const during = async <T>(id: ProposalId, work: AtWork, act: () => Promise<T>): Promise<T> => {
    episodes.set(id, work);
    try {
      return await act();
    } finally {
      episodes.delete(id);
    }
  };
  const watchLease = (id: ProposalId, lease: KernelLease): KernelLease => ({
    get restored() {
      return lease.restored;
    },
    get instead() {
      return lease.instead;
    },
    execute(source, options) {
      const title = (options.title ?? "").slice(0, MOST_CHARS);
      const beginning = source.slice(0, MOST_CHARS);
      const work: CellAtWork = {
        at: "cell",
        title,
        source: beginning,
        printed: "",
        since: performance.now(),
      };
      let printed = "";
      const onPrinted = (text: string): void => {
        printed = (printed + text.slice(-MOST_CHARS)).slice(-MOST_CHARS);
        if (episodes.get(id)?.since === work.since) episodes.set(id, { ...work, printed });
      };
      return during(id, work, () => lease.execute(source, { ...options, onPrinted }));
    },
    evaluate: (...asked) => lease.evaluate(...asked),
    checkpoint: (...asked) => lease.checkpoint(...asked),
    ...(lease.describe && { describe: lease.describe.bind(lease) }),
    ...(lease.sketch && { sketch: lease.sketch.bind(lease) }),
    [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose](),
  });
  return {
    episodes,
    get reproducing() {
      return reproducing;
    },
    watchEpisode(id, { kernels, verifier }) {
      const improve = verifier.improve?.bind(verifier);
      return {
        kernels: {
          lease: async (...from) => watchLease(id, await kernels.lease(...from)),
          [Symbol.asyncDispose]: () => kernels[Symbol.asyncDispose](),
        },
        verifier: {
          verify: (...asked) =>
            during(id, { at: "verdict", tries: 1, since: performance.now() }, () =>
              verifier.verify(...asked),
            ),
          ...(improve && {
            improve: (submission, asked) =>
              during(id, { at: "search", tries: asked.tries, since: performance.now() }, () =>
                improve(submission, asked),
              ),
          }),
          [Symbol.asyncDispose]: () => verifier[Symbol.asyncDispose](),
        },
      };
    },
    async watchReproduction(branch, reproduce) {
      reproducing = { branch, since: performance.now() };
      try {
        return await reproduce();
      } finally {
        reproducing = null;
      }
    },
  };
}
