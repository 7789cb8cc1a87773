// Owns: what reading a journal from its start shows of its chain, in words. Reads it only for others.
import type { Journal } from "../contracts/index.ts";
import type { Link, RunStore } from "../store/index.ts";

/** What was found so far. */
export interface ChainFacts {
  /** Events that follow from those before them. */
  readonly held: number;
  /** Events that an earlier version wrote, without a hash. */
  readonly unchained: number;
  /** The position of the first event that does not follow from the one before it; null: all do. */
  readonly brokenAt: number | null;
}

export interface ChainWatch {
  readonly see: (step: { readonly seq: number; readonly link: Link | null }) => void;
  facts(): ChainFacts;
}

/** `onBroken` hears of the first event that does not follow, once. */
export function watchChain(onBroken: (words: string) => void = () => undefined): ChainWatch {
  let held = 0;
  let unchained = 0;
  let brokenAt: number | null = null;
  const facts = (): ChainFacts => ({ held, unchained, brokenAt });
  return {
    facts,
    see({ seq, link }) {
      if (link === "held") held += 1;
      if (link === "unchained") unchained += 1;
      if (link !== "broken" || brokenAt !== null) return;
      brokenAt = seq;
      onBroken(chainText(facts()));
    },
  };
}

/** The store's journal, of which the watch sees every event that is read. */
export function watchedJournal(store: RunStore, watch: ChainWatch): Journal {
  return {
    append: (events, blobs) => store.append(events, blobs),
    async *read(from) {
      for await (const step of store.readTimed(from)) {
        watch.see(step);
        yield step.event;
      }
    },
  };
}

/** One line. */
export function chainText({ held, unchained, brokenAt }: ChainFacts): string {
  if (brokenAt !== null)
    return (
      `THE JOURNAL WAS CHANGED AFTER IT WAS WRITTEN: event ${brokenAt} does not follow from the one before it. ` +
      "Put run.db back from a backup; without one, believe only what reproduce finds again"
    );
  const old = `${unchained} events were written by an earlier version, without a chain: a change of them would not show`;
  if (unchained > 0) return held === 0 ? old : `${old}; the ${held} after them are as they were written`;
  return `the journal is as it was written: each of its ${held} events follows from the one before it`;
}
