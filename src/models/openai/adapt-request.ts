// Owns: asking again without what an endpoint refused, and remembering it. One lesson is learnt once.
import type { AskOptions } from "./ask-endpoint.ts";
import type { ModelReply, ModelRequest } from "../../contracts/index.ts";
import { difference, withoutRefused, type Dialect } from "../catalogue/dialect.ts";
import { ModelFailure } from "../signals/failure.ts";

/** One attempt in one dialect. */
export type Ask = (request: ModelRequest, dialect: Dialect, options: AskOptions) => Promise<ModelReply>;

export interface Adapting {
  /** What the endpoint is known to accept by now. */
  readonly dialect: Dialect;
  readonly reply: (request: ModelRequest, options: AskOptions) => Promise<ModelReply>;
}

/** Tells what was left out. Ends: a dialect only ever shrinks. */
export function adapting(ask: Ask, first: Dialect): Adapting {
  let dialect = first;
  return {
    get dialect() {
      return dialect;
    },
    async reply(request, options) {
      for (;;) {
        const used = dialect;
        try {
          return await ask(request, used, options);
        } catch (thrown) {
          const smaller = thrown instanceof ModelFailure ? withoutRefused(used, thrown) : null;
          if (smaller === null) throw thrown;
          // Another episode may have learnt something meanwhile: its lesson is tried first.
          if (dialect !== used) continue;
          dialect = smaller;
          options.notify("adapted", difference(used, smaller));
        }
      }
    },
  };
}
