// The append-only truth of a run. A run is a list of events; everything else is reduced from it.
import type { JsonObject } from "./json.ts";
import type { Restored } from "./kernel.ts";
import type { CommandId } from "./command.ts";
import type { CellId } from "./notebook.ts";
import type { Usage } from "./model.ts";
import type { Decision } from "./policy.ts";
import type { Score } from "./score.ts";
import type { Branch, BranchId, Outcome, Proposal, ProposalId } from "./strategy.ts";

/** Lower-case hex SHA-256 of the bytes. */
export type BlobHash = string;

export interface Blob {
  readonly hash: BlobHash;
  readonly bytes: Uint8Array;
}

/** `asked`: a person stopped it. */
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
  /** A kernel is leased for the proposal. Again after a resume, or after a kernel was lost. */
  | { readonly type: "kernel-restored"; readonly proposal: ProposalId; readonly restored: Restored }
  /**
   * A model's reply, before its calls run. `reply`: blob of the ModelReply's JSON. `request`: what it answers, as
   * `loop/request-log.ts` writes it; absent in the journals of earlier versions.
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
      /** The reply's own: what had to be done to get it. */
      readonly notices?: Readonly<Record<string, number>>;
      /** Longer prompts were refused: the view was made anew to fit so many tokens, and later ones are. */
      readonly windowTokens?: number;
    }
  /** Whether a call of that turn may be carried out; none where no policy was set. `call`: its place in the reply, from 0. */
  | {
      readonly type: "call-decided";
      readonly proposal: ProposalId;
      readonly round: number;
      readonly turn: number;
      readonly call: number;
      readonly tool: string;
      readonly decision: Decision;
    }
  /** What the calls of that turn did. `results`: blob of the TurnRecord's JSON. */
  | {
      readonly type: "calls-ended";
      readonly proposal: ProposalId;
      readonly round: number;
      readonly turn: number;
      readonly results: BlobHash;
      /** Cells that were run; absent in the journals of earlier versions. */
      readonly cells?: number;
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
      readonly description?: BlobHash;
    }
  | { readonly type: "episode-ended"; readonly outcome: Outcome }
  | { readonly type: "proposal-told"; readonly proposal: ProposalId }
  /** A branch's notebook was run top to bottom in a fresh kernel; one whose score is gone cannot be the best. */
  | { readonly type: "branch-reproduced"; readonly branch: BranchId; readonly reproduction: Reproduction }
  | { readonly type: "run-stopped"; readonly reason: StopReason }
  /** A person's note, for the next `proposals` proposals; where `branch` is given, those below it. */
  | {
      readonly type: "steered";
      readonly command: CommandId;
      readonly note: string;
      readonly branch: BranchId | null;
      readonly proposals: number;
    }
  /** No episode begins from here on, until `unpaused`; open ones end. */
  | { readonly type: "paused" }
  | { readonly type: "unpaused" };

/** What came of running a branch's notebook top to bottom in a fresh kernel. */
export interface Reproduction {
  /** The score is there again: valid, and no worse. */
  readonly survives: boolean;
  /** Why it is not; else empty. */
  readonly reason: string;
  /** Null when there was nothing to judge. */
  readonly score: Score | null;
  readonly differences: readonly Difference[];
  readonly durationMs: number;
}

/** What was not as it was when the branch was made; a score may survive it. */
export interface Difference {
  /** Null for what is no cell's: a variable at the end. */
  readonly cell: CellId | null;
  readonly what: string;
}

export interface Journal {
  /** Events from position `from` (0 = the first), in order; ends at the last one there when reading begins. */
  read(from: number): AsyncIterable<RunEvent>;
  /**
   * Resolves once the events, and the blobs they name, are durable, as one transaction, in this order.
   * @throws RunError `journal-unwritable` | `disk-full` | `blob-missing`: nothing of this call was kept.
   */
  append(events: readonly RunEvent[], blobs?: readonly Blob[]): Promise<void>;
}

/** The blobs that events name. */
export interface BlobReader {
  /** @throws RunError `blob-missing`. */
  readBlob(hash: BlobHash): Promise<Uint8Array>;
}
