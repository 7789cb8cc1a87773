// Owns: what a person sends to a run while it goes on. Types only.
import type { BranchId } from "./branch.ts";

/** Unique, so that a command is carried out exactly once, even if the run is interrupted. */
export type CommandId = string;

/** A person's words for the model. */
export interface Note {
  readonly command: CommandId;
  readonly note: string;
}

/** What a person asks of a live run. */
export type RunCommand =
  /**
   * A note that the model reads in the first round of each of the next `proposals` proposals. With a `branch`, only of
   * those that continue it or one of its descendants by first parents.
   */
  | {
      readonly kind: "steer";
      readonly id: CommandId;
      readonly note: string;
      readonly branch: BranchId | null;
      readonly proposals: number;
    }
  /** A notebook to run and score as a branch without parents. `notebook`: its JSON. */
  | { readonly kind: "inject"; readonly id: CommandId; readonly notebook: string }
  /** `session`: the session that is meant; a later one ignores the command. */
  | { readonly kind: "pause" | "unpause" | "stop"; readonly id: CommandId; readonly session: string };

/** Commands that have reached a run and are not carried out yet. */
export interface Inbox {
  /** In the order sent. A command stays in the list until it is done. */
  pending(): readonly RunCommand[];
  /** Resolves once there may be new commands. */
  news(): Promise<void>;
  /** Removes the command: what it asked for is durable. */
  done(command: RunCommand): Promise<void>;
}
