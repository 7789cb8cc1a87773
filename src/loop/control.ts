// Owns: what people ask of a run while it goes on, made into events. Never plays an episode.
import { parseNotebook } from "../core/notebook/load-notebook.ts";
import type { Run } from "../core/run/run.ts";
import type { BlobHash, Inbox, RunCommand, CommandId, Proposal, ProposalId } from "../contracts/index.ts";
import type { RecordEvent } from "./evolve.ts";
import { jsonBlob } from "./json-blob.ts";

export interface Control {
  /** Writes down what was asked since. An injected notebook stays until it is taken. */
  hear(): void;
  /** The next injected notebook, made a proposal; null when there is none. */
  inject(): Proposal | null;
  /** What `ended` resolves to; null when there may be something to hear before that. @throws the signal's reason. */
  orNews(ended: Promise<ProposalId> | undefined, signal: AbortSignal): Promise<ProposalId | null>;
  /** They want no episode to begin, for now. */
  readonly holding: boolean;
  /** They want the run to end when its open episodes have. */
  readonly stopping: boolean;
}

/** Nobody asks for anything. */
export const noControl: Control = {
  hear: () => undefined,
  inject: () => null,
  orNews: async (ended) => (await ended) ?? null,
  holding: false,
  stopping: false,
};

/** `write`: as in `evolve`. A run that was left paused goes on. */
export function openControl(inbox: Inbox, run: () => Run, write: RecordEvent): Control {
  const taken = new Set<string>();
  let stopping = false;
  if (run().paused) void write({ type: "unpaused" });

  /** Kept until what it asked for is durable: else a crash would lose it. */
  const take = (command: RunCommand, kept: Promise<void>): void => {
    taken.add(command.id);
    kept.then(() => inbox.done(command)).catch(() => undefined); // the journal's failure is told by the journal
  };
  const fresh = (): readonly RunCommand[] => inbox.pending().filter(({ id }) => !taken.has(id));

  function heed(command: Exclude<RunCommand, { kind: "inject" }>): Promise<void> {
    switch (command.kind) {
      case "steer": {
        if (run().commands.has(command.id)) return Promise.resolve(); // before a crash
        const { id, note, branch, proposals } = command;
        return write({ type: "steered", command: id, note, branch, proposals });
      }
      case "stop":
        stopping = true;
        return Promise.resolve();
      case "pause":
        return run().paused ? Promise.resolve() : write({ type: "paused" });
      case "unpause":
        return run().paused ? write({ type: "unpaused" }) : Promise.resolve();
    }
  }

  return {
    hear() {
      for (const command of fresh()) if (command.kind !== "inject") take(command, heed(command));
    },
    inject() {
      for (const command of fresh()) {
        if (command.kind !== "inject") continue;
        if (run().commands.has(command.id)) {
          take(command, Promise.resolve()); // before a crash
          continue;
        }
        const blob = jsonBlob(parseNotebook(command.notebook, `command ${command.id}`));
        const proposal = injection(command.id, blob.hash, run().proposals + 1);
        take(command, write({ type: "proposal-made", proposal }, [blob]));
        return proposal;
      }
      return null;
    },
    orNews: (ended, signal) => Promise.race([inbox.news().then(() => null), ended ?? aborted(signal)]),
    get holding() {
      return run().paused || stopping;
    },
    get stopping() {
      return stopping;
    },
  };
}

function injection(command: CommandId, notebook: BlobHash, number: number): Proposal {
  const injected = { command, notebook };
  return { operator: "inject", parents: [], island: 0, number, id: `p${number}`, injected };
}

async function aborted(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
