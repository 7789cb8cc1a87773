// What a person sends to a run while it goes on.
import type { BranchId } from "./strategy.ts";

/** Unique; a letter is carried out once, whatever is interrupted. */
export type LetterId = string;

export type Letter =
  /**
   * A note for the model, in the first round of the next `proposals` proposals: of any, or of those that go on from
   * `branch` or from what descends from it by first parents.
   */
  | {
      readonly kind: "steer";
      readonly id: LetterId;
      readonly note: string;
      readonly branch: BranchId | null;
      readonly proposals: number;
    }
  /** A notebook to be run and scored as a branch without parents. `notebook`: its JSON. */
  | { readonly kind: "inject"; readonly id: LetterId; readonly notebook: string }
  /** `sitting`: which one is meant; a later one does not heed it. */
  | { readonly kind: "pause" | "unpause" | "stop"; readonly id: LetterId; readonly sitting: string };

/** Letters that reached a run and were not carried out yet. */
export interface Inbox {
  /** In the order sent; the same ones again until they are done with. */
  pending(): readonly Letter[];
  /** Resolves once there may be new ones. */
  news(): Promise<void>;
  /** What the letter asked for is durable: it is never given again. */
  done(letter: Letter): Promise<void>;
}
