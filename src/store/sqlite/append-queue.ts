// Owns: group commit: calls that arrive while one commit is under way go into the next one together, in their order.
// Never knows what a commit is.
import { setImmediate as endOfTurn } from "node:timers/promises";

export interface AppendQueue<Call> {
  /** Settles when its own commit has. */
  add(call: Call): Promise<void>;
  /** Resolves once nothing waits. */
  idle(): Promise<void>;
}

interface Waiting<Call> {
  readonly call: Call;
  readonly settle: (error: unknown) => void;
}

/** `commit` gives for each call, in order, null or the reason for refusing it; when it throws, all of them failed. */
export function appendQueue<Call>(
  commit: (calls: readonly Call[]) => Promise<readonly (Error | null)[]>,
): AppendQueue<Call> {
  let waiting: readonly Waiting<Call>[] = [];
  let draining: Promise<void> | null = null;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      await endOfTurn();
      const batch = waiting;
      waiting = [];
      await settleAll(batch, commit);
    }
    draining = null;
  }

  return {
    add: (call) =>
      new Promise((resolve, reject) => {
        const settle = (error: unknown): void => (error === null ? resolve() : reject(error));
        waiting = [...waiting, { call, settle }];
        draining ??= drain();
      }),
    idle: async () => draining ?? undefined,
  };
}

async function settleAll<Call>(
  batch: readonly Waiting<Call>[],
  commit: (calls: readonly Call[]) => Promise<readonly (Error | null)[]>,
): Promise<void> {
  try {
    const errors = await commit(batch.map(({ call }) => call));
    for (const [i, { settle }] of batch.entries()) settle(errors[i] ?? null);
  } catch (thrown) {
    for (const { settle } of batch) settle(thrown);
  }
}
