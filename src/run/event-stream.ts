// Owns: a run's events as streams, read from the journal itself: a slow reader costs no memory and misses nothing.
import { newDeferred } from "../core/deferred.ts";
import type { Journal, RunEvent } from "../contracts/index.ts";

export interface EventStream {
  /** There is one more event in the journal. */
  wake(): void;
  /** There will be no more; `any`: whether there is one at all. */
  end(any: boolean): void;
  /** From the first event to the end; each call is a stream of its own. */
  read(): AsyncIterable<RunEvent>;
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
          seen += 1;
          yield event;
        }
        if (last) return;
        await next;
      }
    },
  };
}
