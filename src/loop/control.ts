// Owns: the commands that people send to a run while it goes on, made into events. Never plays an episode.
import { parseNotebook } from "../core/notebook/load-notebook.ts";
import type { BlobHash, Inbox, RunCommand, CommandId, Proposal, ProposalId } from "../contracts/index.ts";
import type { Recorder } from "./recorder.ts";
import { jsonBlob } from "./json-blob.ts";

export interface Control {
  /** Carries out the commands sent since, but for notebooks to inject: those wait for `inject`. */
  hear(): void;
  /** The next injected notebook, made a proposal; null when there is none. */
  inject(): Proposal | null;
  /** What `ended` resolves to; null when there may be a command to hear before that. @throws the signal's reason. */
  waitFor(ended: Promise<ProposalId> | undefined, signal: AbortSignal): Promise<ProposalId | null>;
  /** No episode is to begin, for now. */
  readonly holding: boolean;
  /** The run is to end when its open episodes have. */
  readonly stopping: boolean;
}

/** For a run that hears no commands. */
const noControl: Control = {
  hear: () => undefined,
  inject: () => null,
  waitFor: async (ended) => (await ended) ?? null,
  holding: false,
  stopping: false,
};

/** Without an inbox no command is heard. A run that was left paused goes on. */
export function openControl<P>(inbox: Inbox | undefined, recorder: Recorder<P>): Control {
  if (inbox === undefined) return noControl;
  const taken = new Set<string>();
  const { write } = recorder;
  let stopping = false;
  if (recorder.run.paused) void write({ type: "unpaused" });

  /** Kept until what it asked for is durable: else a crash would lose it. */
  const take = (command: RunCommand, kept: Promise<void>): void => {
    taken.add(command.id);
    kept.then(() => inbox.done(command)).catch(() => undefined); // the journal itself reports that it failed
  };
  const fresh = (): readonly RunCommand[] => inbox.pending().filter(({ id }) => !taken.has(id));

  function carryOut(command: Exclude<RunCommand, { kind: "inject" }>): Promise<void> {
    switch (command.kind) {
      case "steer": {
        if (recorder.run.commands.has(command.id)) return Promise.resolve(); // before a crash
        const { id, note, branch, proposals } = command;
        return write({ type: "steered", command: id, note, branch, proposals });
      }
      case "stop":
        stopping = true;
        return Promise.resolve();
      case "pause":
        return recorder.run.paused ? Promise.resolve() : write({ type: "paused" });
      case "unpause":
        return recorder.run.paused ? write({ type: "unpaused" }) : Promise.resolve();
    }
  }

  return {
    hear() {
      for (const command of fresh()) if (command.kind !== "inject") take(command, carryOut(command));
    },
    inject() {
      for (const command of fresh()) {
        if (command.kind !== "inject") continue;
        if (recorder.run.commands.has(command.id)) {
          take(command, Promise.resolve()); // before a crash
          continue;
        }
        const blob = jsonBlob(parseNotebook(command.notebook, `command ${command.id}`));
        const proposal = injection(command.id, blob.hash, recorder.run.proposals + 1);
        take(command, write({ type: "proposal-made", proposal }, [blob]));
        return proposal;
      }
      return null;
    },
    waitFor: (ended, signal) => Promise.race([inbox.news().then(() => null), ended ?? rejectOnAbort(signal)]),
    get holding() {
      return recorder.run.paused || stopping;
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

async function rejectOnAbort(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
