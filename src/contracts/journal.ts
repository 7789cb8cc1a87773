// Owns: the events of a run, append-only and durable; everything else is reduced from them. Types only.
import type { Blob, BlobHash } from "./blob.ts";
import type { Branch, BranchId, ProposalId } from "./branch.ts";
import type { JsonObject } from "./json.ts";
import type { Restored } from "./kernel.ts";
import type { CommandId } from "./command.ts";
import type { CellId } from "./notebook.ts";
import type { Usage } from "./model.ts";
import type { Decision } from "./policy.ts";
import type { Score } from "./score.ts";
import type { Outcome, Proposal } from "./strategy.ts";

/** Why a run ended. `exhausted`: the strategy had nothing more to propose. `asked`: a person stopped it. */
export type StopReason = "budget" | "target" | "exhausted" | "asked";

/** Facts (`...-started`, `...-ended`) and decisions (`proposal-made`, `proposal-told`, `run-stopped`). */
export type RunEvent =
  /** `settings`: what `resume` needs to build the same parts again. `task`: blob of the Task's JSON. */
  | {
      readonly type: "run-started";
      readonly version: 2;
      readonly seed: number;
      readonly task: BlobHash;
      readonly settings: JsonObject;
      readonly founder: Branch;
    }
  | { readonly type: "proposal-made"; readonly proposal: Proposal }
  /** A kernel was leased for the proposal. Repeated after a resume, and after a kernel was lost. */
  | { readonly type: "kernel-restored"; readonly proposal: ProposalId; readonly restored: Restored }
  /**
   * A model's reply, before its calls run. `reply`: blob of the ModelReply's JSON. `request`: blob of the request that it
   * answers, as `core/run/request-record.ts` says; absent in journals of earlier versions.
   */
  | {
      readonly type: "turn-ended";
      readonly proposal: ProposalId;
      readonly round: number;
      readonly turn: number;
      readonly model: string;
      readonly reply: BlobHash;
      readonly request?: BlobHash;
      readonly usage: Usage;
      /** The notices of the reply: what had to be done to get it. */
      readonly notices?: Readonly<Record<string, number>> | undefined;
      /** A longer prompt was refused: from here on prompts are rendered to fit this many tokens. */
      readonly windowTokens?: number | undefined;
    }
  /** Whether a call of the turn may be carried out; absent where no policy was set. `call`: its place in the reply, from 0. */
  | {
      readonly type: "call-decided";
      readonly proposal: ProposalId;
      readonly round: number;
      readonly turn: number;
      readonly call: number;
      readonly tool: string;
      readonly decision: Decision;
    }
  /** What the calls of the turn did. `results`: blob of the TurnRecord's JSON. */
  | {
      readonly type: "calls-ended";
      readonly proposal: ProposalId;
      readonly round: number;
      readonly turn: number;
      readonly results: BlobHash;
      /** How many cells were run; absent in journals of earlier versions. */
      readonly cells?: number;
      /** How many calls were mended before they were carried out. Default 0. */
      readonly mended?: number;
    }
  | {
      readonly type: "round-ended";
      readonly proposal: ProposalId;
      readonly round: number;
      readonly score: Score;
      readonly notebook: BlobHash;
      readonly kernel: BlobHash;
      readonly context: BlobHash;
      /** Null when there was no value to judge. */
      readonly submission: BlobHash | null;
      /** Blob: the StateDescription of the kernel. */
      readonly description?: BlobHash | undefined;
    }
  | { readonly type: "episode-ended"; readonly outcome: Outcome }
  | { readonly type: "proposal-told"; readonly proposal: ProposalId }
  /** A branch's notebook was run from top to bottom in a fresh kernel. A branch that loses its score cannot be the best. */
  | { readonly type: "branch-reproduced"; readonly branch: BranchId; readonly reproduction: Reproduction }
  | { readonly type: "run-stopped"; readonly reason: StopReason }
  /** A person's note for the next `proposals` proposals; with a `branch`, for the next that descend from it. */
  | {
      readonly type: "steered";
      readonly command: CommandId;
      readonly note: string;
      readonly branch: BranchId | null;
      readonly proposals: number;
    }
  /** No episode begins until `unpaused`; open ones are played to their end. */
  | { readonly type: "paused" }
  | { readonly type: "unpaused" };

/** The result of running a branch's notebook from top to bottom in a fresh kernel. */
export interface Reproduction {
  /** The score is valid again, and no worse. */
  readonly survives: boolean;
  /** Why it does not survive; empty when it does. */
  readonly reason: string;
  /** Null when there was nothing to judge. */
  readonly score: Score | null;
  readonly differences: readonly Difference[];
  readonly durationMs: number;
}

/** Something that came out otherwise than when the branch was made. A score may survive it. */
export interface Difference {
  /** Null when it belongs to no cell, such as a variable at the end. */
  readonly cell: CellId | null;
  readonly what: string;
}

/** The events of a run, in order, append-only and durable. */
export interface Journal {
  /** The events from position `from` (0 is the first), in order, to the last one that is there when reading begins. */
  read(from: number): AsyncIterable<RunEvent>;
  /**
   * Appends the events and the blobs that they name in one transaction. Resolves once they are durable.
   * @throws RunError `journal-unwritable` | `disk-full` | `blob-missing`: nothing of this call is kept.
   */
  append(events: readonly RunEvent[], blobs?: readonly Blob[]): Promise<void>;
}
