// Owns: a run's events as streams, read from the journal itself: a slow reader costs no memory and misses nothing.
import { newDeferred } from "../core/deferred.ts";
import type { Journal, ProposalId, RunEvent } from "../contracts/index.ts";

/**
 * An event of a run as its handle gives it: that of the journal, with its place there, from 0; and what ended an episode names
 * its proposal, as every event of a proposal does.
 */
export type StreamEvent<T extends RunEvent["type"] = RunEvent["type"]> = {
  readonly [N in T]: Extract<RunEvent, { readonly type: N }> & {
    readonly seq: number;
  } & (N extends "episode-ended" ? { readonly proposal: ProposalId } : unknown);
}[T];

export function streamEvent(event: RunEvent, seq: number): StreamEvent {
  if (event.type === "episode-ended") return { ...event, seq, proposal: event.outcome.proposal.id };
  return { ...event, seq };
}

export interface EventStream {
  /** There is one more event in the journal. */
  wake(): void;
  /** There will be no more; `any`: whether there is one at all. */
  end(any: boolean): void;
  /** From the first event to the end; each call is a stream of its own. */
  read(): AsyncIterable<StreamEvent>;
}

/** `open`: a reader of the journal of its own, called once there is something to read. */
export function eventStream(open: () => Promise<Pick<Journal, "read"> & AsyncDisposable>): EventStream {
  let news = newDeferred();
  let begun = false;
  let ended = false;
  const announce = (): void => {
    const told = news;
    news = newDeferred();
    told.resolve();
  };
  return {
    wake() {
      begun = true;
      announce();
    },
    end(any) {
      begun ||= any;
      ended = true;
      announce();
    },
    async *read() {
      while (!begun && !ended) await news.promise;
      if (!begun) return;
      await using journal = await open();
      let seen = 0;
      while (true) {
        const next = news.promise;
        const last = ended;
        for await (const event of journal.read(seen)) {
          yield streamEvent(event, seen);
          seen += 1;
        }
        if (last) return;
        await next;
      }
    },
  };
}
