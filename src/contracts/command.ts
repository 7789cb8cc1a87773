// What a person sends to a run while it goes on.
import type { BranchId } from "./strategy.ts";

/** Unique; a command is carried out once, whatever is interrupted. */
export type CommandId = string;

export type RunCommand =
  /**
   * A note for the model, in the first round of the next `proposals` proposals: of any, or of those that go on from
   * `branch` or from what descends from it by first parents.
   */
  | {
      readonly kind: "steer";
      readonly id: CommandId;
      readonly note: string;
      readonly branch: BranchId | null;
      readonly proposals: number;
    }
  /** A notebook to be run and scored as a branch without parents. `notebook`: its JSON. */
  | { readonly kind: "inject"; readonly id: CommandId; readonly notebook: string }
  /** `session`: which one is meant; a later one does not heed it. */
  | { readonly kind: "pause" | "unpause" | "stop"; readonly id: CommandId; readonly session: string };

/** Commands that reached a run and were not carried out yet. */
export interface Inbox {
  /** In the order sent; the same ones again until they are done with. */
  pending(): readonly RunCommand[];
  /** Resolves once there may be new ones. */
  news(): Promise<void>;
  /** What the command asked for is durable: it is never given again. */
  done(command: RunCommand): Promise<void>;
}
